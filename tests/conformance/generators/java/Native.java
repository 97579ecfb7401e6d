import com.eloq.ApiClient;
import com.eloq.ApiException;
import com.eloq.api.*;
import com.eloq.model.*;
import java.time.Duration;

public class Native extends Workflow {
    final ApiClient client = new ApiClient();
    final ClustersApi clusters;

    Native() {
        client.updateBaseUri(System.getenv("ELOQ_BASE_URL"));
        client.setReadTimeout(Duration.ofSeconds(30));
        client.setRequestInterceptor(request -> request.header("Authorization", System.getenv("ELOQ_API_KEY")));
        clusters = new ClustersApi(client);
    }

    public static void main(String[] arguments) throws Exception {
        try {
            new Native().run();
        } catch (ApiException error) {
            Throwable cause = error.getCause();
            System.err.println("HTTP " + error.getCode() + ": " + (cause == null ? error.getResponseBody() : cause));
            System.exit(1);
        }
    }

    UserOrgInfoResponse orgInfo() throws ApiException {
        return new OrganizationApi(client).orgInfo();
    }

    ClusterListResponse listClusters(long org, long project) throws ApiException {
        return clusters.listClusters(org, project, 1, 50);
    }

    SKUListResponse listSkus() throws ApiException {
        return new SkuApi(client).listSkus(SKUType.SERVERLESS, EloqModule.ELOQKV, CloudProvider.AWS);
    }

    OperationResponse create(long org, long project, CreateClusterRequest request) throws ApiException {
        return clusters.createCluster(org, project, request);
    }

    DescClusterResponse describe(long org, long project, String name) throws ApiException {
        return clusters.describeCluster(org, project, name);
    }

    OperationResponse delete(long org, long project, String name) throws ApiException {
        return clusters.deleteCluster(org, project, name);
    }
}
