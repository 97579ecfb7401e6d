import com.eloq.JSON;
import com.eloq.model.*;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

public class Gson extends Workflow {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        new Gson().run();
    }

    UserOrgInfoResponse orgInfo() throws Exception {
        return get("/org-info", UserOrgInfoResponse.class);
    }

    ClusterListResponse listClusters(long org, long project) throws Exception {
        return get(path(org, project) + "?page=1&perPage=50", ClusterListResponse.class);
    }

    SKUListResponse listSkus() throws Exception {
        return get("/skus-by-args?type=serverless&eloqModule=eloqkv&cloudProvider=aws", SKUListResponse.class);
    }

    OperationResponse create(long org, long project, CreateClusterRequest request) throws Exception {
        return call("POST", path(org, project), BodyPublishers.ofString(request.toJson()), OperationResponse.class);
    }

    DescClusterResponse describe(long org, long project, String name) throws Exception {
        return get(path(org, project) + "/" + name, DescClusterResponse.class);
    }

    OperationResponse delete(long org, long project, String name) throws Exception {
        var path = path(org, project) + "/" + name + "/delete";
        return call("DELETE", path, BodyPublishers.noBody(), OperationResponse.class);
    }

    static String path(long org, long project) {
        return "/orgs/" + org + "/projects/" + project + "/clusters";
    }

    static <T> T get(String path, Class<T> type) throws IOException, InterruptedException {
        return call("GET", path, BodyPublishers.noBody(), type);
    }

    static <T> T call(String method, String path, BodyPublisher body, Class<T> type)
            throws IOException, InterruptedException {
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
}
