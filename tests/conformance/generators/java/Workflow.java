import com.eloq.ApiClient;
import com.eloq.ApiException;
import com.eloq.api.*;
import com.eloq.model.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;

public class Workflow {
    static final Set<String> PASSING = Set.of("creating", "provisioning", "updating", "available");

    public static void main(String[] arguments) throws Exception {
        try {
            run();
        } catch (ApiException error) {
            Throwable cause = error.getCause();
            System.err.println("HTTP " + error.getCode() + ": " + (cause == null ? error.getResponseBody() : cause));
            System.exit(1);
        }
    }

    static void run() throws Exception {
        var client = new ApiClient();
        client.updateBaseUri(System.getenv("ELOQ_BASE_URL"));
        client.setReadTimeout(Duration.ofSeconds(30));
        client.setRequestInterceptor(request -> request.header("Authorization", System.getenv("ELOQ_API_KEY")));
        var clusters = new ClustersApi(client);

        var account = new OrganizationApi(client).orgInfo();
        check(account.getCode(), account.getMessage());
        long org = account.getData().getOrgInfo().getOrgId();
        long project = account.getData().getOrgInfo().getProjects().get(0).getProjectId();

        var listed = clusters.listClusters(org, project, 1, 50);
        check(listed.getCode(), listed.getMessage());
        var list = listed.getData().getClusterList();
        if (list == null || list.stream().noneMatch(each -> each.getClusterName().equals("demo"))) {
            var skus = new SkuApi(client).listSkus(SKUType.SERVERLESS, EloqModule.ELOQKV, CloudProvider.AWS);
            check(skus.getCode(), skus.getMessage());
            var request = new CreateClusterRequest().clusterName("demo").region("us-west-1");
            var created = clusters.createCluster(org, project, request.skuId(skus.getData().get(0).getSkuId()));
            check(created.getCode(), created.getMessage());
        }

        DescClusterDTO cluster = describe(clusters, org, project);
        while (!(cluster.getStatus().equals("available") && cluster.getElbState().equals("active"))) {
            if (!PASSING.contains(cluster.getStatus())) {
                throw new IllegalStateException("demo is " + cluster.getStatus());
            }
            Thread.sleep(100);
            cluster = describe(clusters, org, project);
        }
        System.out.printf(
                "%s at %s:%d, with %d characters of password%n",
                decode(cluster.getAdminUser()),
                cluster.getElbAddr(),
                cluster.getElbPort(),
                decode(cluster.getAdminPassword()).length());

        var deleted = clusters.deleteCluster(org, project, "demo");
        check(deleted.getCode(), deleted.getMessage());
    }

    static DescClusterDTO describe(ClustersApi clusters, long org, long project) throws ApiException {
        var described = clusters.describeCluster(org, project, "demo");
        check(described.getCode(), described.getMessage());
        return described.getData();
    }

    static void check(long code, String message) {
        if (code != 0 && (code < 200 || code > 299)) {
            throw new IllegalStateException("HTTP 200, code " + code + ": " + message);
        }
    }

    static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
}
