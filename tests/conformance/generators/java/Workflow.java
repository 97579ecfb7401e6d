import com.eloq.model.*;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/** The workflow, for whatever sends the requests and reads the models. */
abstract class Workflow {
    static final Set<String> PASSING = Set.of("creating", "provisioning", "updating", "available");

    abstract UserOrgInfoResponse orgInfo() throws Exception;

    abstract ClusterListResponse listClusters(long org, long project) throws Exception;

    abstract SKUListResponse listSkus() throws Exception;

    abstract OperationResponse create(long org, long project, CreateClusterRequest request) throws Exception;

    abstract DescClusterResponse describe(long org, long project, String name) throws Exception;

    abstract OperationResponse delete(long org, long project, String name) throws Exception;

    void run() throws Exception {
        var account = orgInfo();
        check(account.getCode(), account.getMessage());
        long org = account.getData().getOrgInfo().getOrgId();
        long project = account.getData().getOrgInfo().getProjects().get(0).getProjectId();

        var listed = listClusters(org, project);
        check(listed.getCode(), listed.getMessage());
        var list = listed.getData().getClusterList();
        if (list == null || list.stream().noneMatch(each -> each.getClusterName().equals("demo"))) {
            var skus = listSkus();
            check(skus.getCode(), skus.getMessage());
            var request = new CreateClusterRequest().clusterName("demo").region("us-west-1");
            var created = create(org, project, request.skuId(skus.getData().get(0).getSkuId()));
            check(created.getCode(), created.getMessage());
        }

        DescClusterDTO cluster = described(org, project);
        while (!(cluster.getStatus().equals("available") && cluster.getElbState().equals("active"))) {
            if (!PASSING.contains(cluster.getStatus())) {
                throw new IllegalStateException("demo is " + cluster.getStatus());
            }
            Thread.sleep(100);
            cluster = described(org, project);
        }
        System.out.printf(
                "%s at %s:%d, with %d characters of password%n",
                decode(cluster.getAdminUser()),
                cluster.getElbAddr(),
                cluster.getElbPort(),
                decode(cluster.getAdminPassword()).length());

        var deleted = delete(org, project, "demo");
        check(deleted.getCode(), deleted.getMessage());
    }

    private DescClusterDTO described(long org, long project) throws Exception {
        var described = describe(org, project, "demo");
        check(described.getCode(), described.getMessage());
        return described.getData();
    }

    private static void check(long code, String message) {
        if (code != 0 && (code < 200 || code > 299)) {
            throw new IllegalStateException("HTTP 200, code " + code + ": " + message);
        }
    }

    private static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
}
