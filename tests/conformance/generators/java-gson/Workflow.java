import com.eloq.JSON;
import com.eloq.model.*;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;

public class Workflow {
    static final Set<String> PASSING = Set.of("creating", "provisioning", "updating", "available");
    static final HttpClient HTTP = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        try {
            run();
        } catch (IllegalStateException error) {
            System.err.println(error.getMessage());
            System.exit(1);
        }
    }

    static void run() throws Exception {
        var account = call("GET", "/org-info", BodyPublishers.noBody(), UserOrgInfoResponse.class);
        check(account.getCode(), account.getMessage());
        var org = account.getData().getOrgInfo();
        var project = "/orgs/" + org.getOrgId() + "/projects/" + org.getProjects().get(0).getProjectId();

        var listed = call("GET", project + "/clusters?page=1&perPage=50", BodyPublishers.noBody(), ClusterListResponse.class);
        check(listed.getCode(), listed.getMessage());
        var list = listed.getData().getClusterList();
        if (list == null || list.stream().noneMatch(each -> each.getClusterName().equals("demo"))) {
            var query = "/skus-by-args?type=serverless&eloqModule=eloqkv&cloudProvider=aws";
            var skus = call("GET", query, BodyPublishers.noBody(), SKUListResponse.class);
            check(skus.getCode(), skus.getMessage());
            var request = new CreateClusterRequest().clusterName("demo").region("us-west-1");
            var body = BodyPublishers.ofString(request.skuId(skus.getData().get(0).getSkuId()).toJson());
            var created = call("POST", project + "/clusters", body, OperationResponse.class);
            check(created.getCode(), created.getMessage());
        }

        DescClusterDTO cluster = describe(project);
        while (!(cluster.getStatus().equals("available") && cluster.getElbState().equals("active"))) {
            if (!PASSING.contains(cluster.getStatus())) {
                throw new IllegalStateException("demo is " + cluster.getStatus());
            }
            Thread.sleep(100);
            cluster = describe(project);
        }
        System.out.printf(
                "%s at %s:%d, with %d characters of password%n",
                decode(cluster.getAdminUser()),
                cluster.getElbAddr(),
                cluster.getElbPort(),
                decode(cluster.getAdminPassword()).length());

        var deleted = call("DELETE", project + "/clusters/demo/delete", BodyPublishers.noBody(), OperationResponse.class);
        check(deleted.getCode(), deleted.getMessage());
    }

    static DescClusterDTO describe(String project) throws Exception {
        var described = call("GET", project + "/clusters/demo", BodyPublishers.noBody(), DescClusterResponse.class);
        check(described.getCode(), described.getMessage());
        return described.getData();
    }

    static <T> T call(String method, String path, BodyPublisher body, Class<T> type) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(System.getenv("ELOQ_BASE_URL") + path))
                .method(method, body)
                .header("Authorization", System.getenv("ELOQ_API_KEY"))
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(30));
        var response = HTTP.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException("HTTP " + response.statusCode() + ": " + response.body());
        }
        return JSON.getGson().fromJson(response.body(), type);
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
