<?php
declare(strict_types=1);

use OpenAPI\Client\Api\ClustersApi;
use OpenAPI\Client\Api\OrganizationApi;
use OpenAPI\Client\Api\SKUApi;
use OpenAPI\Client\ApiException;
use OpenAPI\Client\Configuration;
use OpenAPI\Client\Model\CloudProvider;
use OpenAPI\Client\Model\CreateClusterRequest;
use OpenAPI\Client\Model\EloqModule;
use OpenAPI\Client\Model\SKUType;

require_once 'GuzzleHttp/autoload.php';
spl_autoload_register(function (string $class): void {
    $prefix = 'OpenAPI\\Client\\';
    if (str_starts_with($class, $prefix)) {
        require 'client/lib/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
    }
});

function fail(string $message): never
{
    fwrite(STDERR, $message . "\n");
    exit(1);
}

function check(object $envelope): object
{
    $code = $envelope->getCode();
    if ($code !== 0 && ($code < 200 || $code > 299)) {
        fail("HTTP 200, code $code: {$envelope->getMessage()}");
    }
    return $envelope;
}

$config = (new Configuration())
    ->setHost(getenv('ELOQ_BASE_URL'))
    ->setApiKey('Authorization', getenv('ELOQ_API_KEY'));
$http = new GuzzleHttp\Client(['timeout' => 30]);
$clusters = new ClustersApi($http, $config);

try {
    $org = check((new OrganizationApi($http, $config))->orgInfo())->getData()->getOrgInfo();
    $project = [$org->getOrgId(), $org->getProjects()[0]->getProjectId()];

    $listed = check($clusters->listClusters(...[...$project, 1, 50]))->getData()->getClusterList() ?? [];
    if (!in_array('demo', array_map(fn ($each) => $each->getClusterName(), $listed), true)) {
        $skus = new SKUApi($http, $config);
        $found = check($skus->listSkus(SKUType::SERVERLESS, EloqModule::ELOQKV, CloudProvider::AWS))->getData();
        $request = ['cluster_name' => 'demo', 'region' => 'us-west-1', 'sku_id' => $found[0]->getSkuId()];
        check($clusters->createCluster(...[...$project, new CreateClusterRequest($request)]));
    }

    $cluster = check($clusters->describeCluster(...[...$project, 'demo']))->getData();
    while ($cluster->getStatus() !== 'available' || $cluster->getElbState() !== 'active') {
        if (!in_array($cluster->getStatus(), ['creating', 'provisioning', 'updating', 'available'], true)) {
            fail("demo is {$cluster->getStatus()}");
        }
        usleep(100_000);
        $cluster = check($clusters->describeCluster(...[...$project, 'demo']))->getData();
    }
    printf(
        "%s at %s:%d, with %d characters of password\n",
        base64_decode($cluster->getAdminUser(), true),
        $cluster->getElbAddr(),
        $cluster->getElbPort(),
        strlen(base64_decode($cluster->getAdminPassword(), true)),
    );

    check($clusters->deleteCluster(...[...$project, 'demo']));
} catch (ApiException $error) {
    fail("HTTP {$error->getCode()}: {$error->getResponseBody()}");
}
