//! The table: every operation, its success and its failures, and the requests of each.

use eloq_sdk::simulator::{CodeStyle, Fault, Operation, Simulator, SimulatorBuilder};
use serde_json::{Value, json};

use super::{Call, Case, Expect};

const CREATE: Call = Call::Create { name: "new", region: "us-west-1", sku_id: 101, zone: None };
const LIST: Call = Call::FirstClusters;
const SKUS: Call = Call::Skus("serverless", "eloqkv", "aws");
const INFO: &[Operation] = &[Operation::OrgInfo];

fn case(name: &'static str, call: Call) -> Case {
    Case {
        name,
        call,
        cloud: Simulator::builder().cluster("seeded").admin_password("p@:/#%?& é"),
        faults: Vec::new(),
        key: None,
        expect: Vec::new(),
        requests: vec![Operation::OrgInfo],
    }
}

impl Case {
    fn cloud(mut self, cloud: SimulatorBuilder) -> Self {
        self.cloud = cloud;
        self
    }

    fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    fn with_key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    fn requests(mut self, requests: &[Operation]) -> Self {
        self.requests = requests.to_vec();
        self
    }

    /// Expects this request after `org-info`.
    fn then(mut self, operation: Operation) -> Self {
        self.requests.push(operation);
        self
    }

    fn returns(self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.expect(Expect::Returns(pointer, value.into()))
    }

    fn counts(self, pointer: &'static str, entries: usize) -> Self {
        self.expect(Expect::Counts(pointer, entries))
    }

    fn fails(self, variant: &'static str, part: &'static str) -> Self {
        self.expect(Expect::Fails(variant, part))
    }

    fn sends(self, body: Value) -> Self {
        self.expect(Expect::Sends(body))
    }

    fn target(self, path: &'static str) -> Self {
        self.expect(Expect::Target(path))
    }

    fn expect(mut self, expect: Expect) -> Self {
        self.expect.push(expect);
        self
    }
}

pub fn cases() -> Vec<Case> {
    [account(), clusters(), writes(), skus(), legacy(), error_statuses(), unusual_responses(), invalid_inputs()]
        .into_iter()
        .flatten()
        .collect()
}

fn account() -> Vec<Case> {
    let empty = || Simulator::builder().no_projects();
    vec![
        case("info", Call::Info).returns("/org_info/org_name", "default-free-org").returns("/auth_provider", "github"),
        case("org", Call::Org).returns("/org_name", "default-free-org").returns("/org_id", 1),
        case("projects", Call::Projects).counts("", 1).returns("/0/project_name", "project1"),
        case("bare org-info", Call::Org).cloud(Simulator::builder().bare_org_info(true)).returns("/org_id", 1),
        case("no project", LIST).cloud(empty()).fails("NoProject", "no project"),
        case("no project, as null", Call::Projects).cloud(empty().null_lists(true)).counts("", 0),
        case("no project is still an account", Call::Info).cloud(empty()).counts("/org_info/projects", 0),
    ]
}

fn clusters() -> Vec<Case> {
    let five = || {
        let names = ["a", "b", "c", "d", "e"];
        names.into_iter().fold(Simulator::builder(), |cloud, name| cloud.cluster(name))
    };
    let none = || Simulator::builder().null_lists(true);
    let listed = Operation::ListClusters;
    vec![
        case("clusters", LIST)
            .then(listed)
            .counts("/cluster_list", 1)
            .returns("/total", 1)
            .returns("/cluster_list/0/status", "available")
            .target("/api/v1/orgs/1/projects/147/clusters?page=1&perPage=20"),
        case("a page of clusters", Call::Clusters { page: 2, per_page: 2 })
            .cloud(five())
            .then(listed)
            .counts("/cluster_list", 2)
            .returns("/cluster_list/0/cluster_name", "c")
            .returns("/total", 5),
        case("clusters as null", LIST).cloud(none()).then(listed).counts("/cluster_list", 0),
        case("cluster", Call::Cluster("seeded"))
            .then(Operation::DescribeCluster)
            .returns("/display_cluster_name", "seeded")
            .returns("/elb_state", "active")
            .returns("/admin_password", "[redacted]"),
        case("missing cluster", Call::Cluster("missing"))
            .then(Operation::DescribeCluster)
            .fails("Permission", "not found"),
        case("cluster credentials", Call::Credentials("seeded"))
            .then(Operation::DescribeCluster)
            .returns("/cluster_name", "seeded")
            .returns("/password", "p@:/#%?& é")
            .returns("/port", 6379)
            .returns("/status", "available"),
        case("credentials of a missing cluster", Call::Credentials("missing"))
            .then(Operation::DescribeCluster)
            .fails("Permission", "not found"),
        case("a name that needs encoding", Call::Cluster("größer a/../b?c#d%2e"))
            .then(Operation::DescribeCluster)
            .fails("Permission", "not found")
            .target("/api/v1/orgs/1/projects/147/clusters/gr%C3%B6%C3%9Fer%20a%2F..%2Fb%3Fc%23d%252e"),
    ]
}

fn writes() -> Vec<Case> {
    let (created, deleted) = (Operation::CreateCluster, Operation::DeleteCluster);
    let full = || ["a", "b", "c"].into_iter().fold(Simulator::builder(), |cloud, name| cloud.cluster(name));
    let zoned = Call::Create { name: "new", region: "us-west-1", sku_id: 101, zone: Some("us-west-1b") };
    let reply = |fault: Fault, status| fault.reply(status, "application/json", "");
    vec![
        case("create", CREATE).then(created).returns("", "success").sends(json!({
            "clusterName": "new", "region": "us-west-1", "skuId": 101
        })),
        case("create in a zone", zoned).then(created).returns("", "success").sends(json!({
            "clusterName": "new", "region": "us-west-1", "skuId": 101, "requiredZone": "us-west-1b"
        })),
        case("create answered with code 0", CREATE)
            .cloud(Simulator::builder().codes(CodeStyle::Writes0))
            .then(created)
            .returns("", "success"),
        case("create answered without a message", CREATE)
            .fault(Fault::on(created).code(200, ""))
            .then(created)
            .returns("", "Cluster created successfully"),
        case("create answered 201", CREATE)
            .fault(Fault::on(created).reply(201, "application/json", r#"{"code":200,"message":"made"}"#))
            .then(created)
            .returns("", "made"),
        case("create answered 202 without a body", CREATE)
            .fault(reply(Fault::on(created), 202))
            .then(created)
            .returns("", "Cluster created successfully"),
        case(
            "create of a name that exists",
            Call::Create { name: "seeded", region: "us-west-1", sku_id: 101, zone: None },
        )
        .then(created)
        .fails("Conflict", "exist"),
        case("create beyond the plan", CREATE).cloud(full()).then(created).fails("Permission", "limit"),
        case("create of an unknown SKU", Call::Create { name: "new", region: "us-west-1", sku_id: 9, zone: None })
            .then(created)
            .fails("Validation", "skuId"),
        case(
            "create in a region of another cloud",
            Call::Create { name: "new", region: "us-west1", sku_id: 101, zone: None },
        )
        .then(created)
        .fails("Validation", "region"),
        case("delete", Call::Delete("seeded"))
            .then(deleted)
            .returns("", "success")
            .target("/api/v1/orgs/1/projects/147/clusters/seeded/delete"),
        case("delete answered 204", Call::Delete("seeded"))
            .fault(reply(Fault::on(deleted), 204))
            .then(deleted)
            .returns("", "Cluster deleted successfully"),
        case("delete of a missing cluster", Call::Delete("missing")).then(deleted).fails("NotFound", "HTTP 404"),
    ]
}

fn skus() -> Vec<Case> {
    let requests = &[Operation::ListSkus];
    let none = || Simulator::builder().null_lists(true);
    let only = |body: &str| Fault::on(Operation::ListSkus).reply(200, "application/json", body.to_owned());
    vec![
        case("skus", SKUS)
            .requests(requests)
            .counts("", 1)
            .returns("/0/sku_id", 101)
            .returns("/0/sku_type", "serverless")
            .returns("/0/cloud_provider", "aws")
            .target("/api/v1/skus-by-args?cloudProvider=aws&eloqModule=eloqkv&type=serverless"),
        case("skus as null", SKUS)
            .cloud(none())
            .fault(only(r#"{"code":0,"message":"success","data":null}"#))
            .requests(requests)
            .counts("", 0),
        case("skus of a module that this version does not know", Call::Skus("serverless", "eloqgraph", "aws"))
            .requests(requests)
            .fails("Validation", "eloqModule"),
    ]
}

fn legacy() -> Vec<Case> {
    let empty = json!({});
    let done = |name, call, operation| case(name, call).then(operation).returns("", "success");
    let missing = |name, call, operation| case(name, call).then(operation).fails("NotFound", "not found");
    vec![
        done("start", Call::Start("seeded"), Operation::StartCluster).sends(empty.clone()),
        done("stop", Call::Stop("seeded"), Operation::ShutdownCluster).sends(empty.clone()),
        done("restart", Call::Restart("seeded"), Operation::RestartCluster).sends(empty),
        done("apply config", Call::ApplyConfig("seeded", 1), Operation::ApplyConfig)
            .target("/api/v1/orgs/1/projects/147/clusters/seeded/configs/1/apply"),
        missing("start of a missing cluster", Call::Start("no"), Operation::StartCluster),
        missing("stop of a missing cluster", Call::Stop("no"), Operation::ShutdownCluster),
        missing("restart of a missing cluster", Call::Restart("no"), Operation::RestartCluster),
        missing("apply to a missing cluster", Call::ApplyConfig("no", 1), Operation::ApplyConfig),
        missing("history of a missing cluster", Call::ConfigHistory("no"), Operation::ConfigHistory),
        case("config history", Call::ConfigHistory("seeded")).then(Operation::ConfigHistory).returns("/0/config_id", 1),
        case("subscription", Call::Subscription)
            .requests(&[Operation::UserSubscription])
            .returns("/base_plan/plan_name", "free"),
        case("pricing plans", Call::PricingPlans)
            .requests(&[Operation::ListPricingPlans])
            .returns("/0/base_plan/plan_name", "free"),
        case("subscribe", Call::Subscribe(2))
            .requests(&[Operation::SubscribePlan])
            .returns("", "success")
            .sends(json!({"planId": 2})),
        case("subscribe to an unknown plan", Call::Subscribe(99))
            .requests(&[Operation::SubscribePlan])
            .fails("Validation", "planId"),
        case("dashboards", Call::Dashboards(None)).requests(&[Operation::DashboardInfo]).returns("/0/interval", true),
        case("dashboards of a product", Call::Dashboards(Some("EloqKV")))
            .requests(&[Operation::DashboardInfo])
            .returns("/0/interval", true)
            .target("/api/v1/dashboard/info?productType=EloqKV"),
    ]
}

/// All operations map error statuses in the same way: one operation tests each status, and many test 401.
fn error_statuses() -> Vec<Case> {
    let calls = [
        (Call::Info, INFO),
        (LIST, INFO),
        (Call::Cluster("seeded"), INFO),
        (CREATE, INFO),
        (Call::Delete("seeded"), INFO),
        (Call::Credentials("seeded"), INFO),
        (SKUS, &[Operation::ListSkus]),
        (Call::Subscription, &[Operation::UserSubscription]),
        (Call::PricingPlans, &[Operation::ListPricingPlans]),
        (Call::Dashboards(None), &[Operation::DashboardInfo]),
    ];
    let wrong_key = calls.into_iter().map(|(call, requests)| {
        case("wrong key", call).with_key("wrong").requests(requests).fails("Authentication", "401")
    });
    let statuses = [
        (400, "Validation"),
        (403, "Permission"),
        (404, "NotFound"),
        (409, "Conflict"),
        (418, "Api"),
        (422, "Validation"),
        (501, "Server"),
        (304, "Protocol"),
        (999, "Protocol"),
    ];
    let by_status = statuses.into_iter().map(|(status, variant)| {
        let fault = Fault::on(Operation::DeleteCluster).status(status);
        case("status", Call::Delete("seeded"))
            .fault(fault)
            .then(Operation::DeleteCluster)
            .fails(variant, "delete_cluster")
    });
    wrong_key.chain(by_status).collect()
}

/// Unusual responses.
fn unusual_responses() -> Vec<Case> {
    let response = |name, body: &'static str| {
        let fault = Fault::on(Operation::ListClusters).reply(200, "application/json", body);
        case(name, LIST).fault(fault).then(Operation::ListClusters)
    };
    let redirect = Fault::on(Operation::ListClusters).reply(302, "text/html", "").header("location", "/elsewhere");
    let page = Fault::on(Operation::ListClusters).reply(200, "text/html", "<html>log in</html>");
    vec![
        response("200 with an error code", r#"{"code":1001,"message":"quota exceeded","data":null}"#)
            .fails("Api", "HTTP 200, code 1001: quota exceeded"),
        response("200 with an error code and no data", r#"{"code":500,"message":"no"}"#).fails("Api", "code 500: no"),
        response("200 with an error code and odd data", r#"{"code":7,"message":null,"data":{"x":1}}"#)
            .fails("Api", "code 7"),
        response("code 200 on a read", r#"{"code":200,"message":"","data":{"cluster_list":[],"total":0}}"#)
            .returns("/total", 0),
        response("success without data", r#"{"code":0,"message":"success"}"#)
            .fails("Decode", "HTTP 200: a value is missing, at `data`"),
        response("a field is missing", r#"{"code":0,"message":"","data":{"cluster_list":[]}}"#)
            .fails("Decode", "at `data"),
        response(
            "a field of another type",
            r#"{"code":0,"message":"","data":{"cluster_list":[{"zone":1}],"total":0}}"#,
        )
        .fails("Decode", "another form than the API's, at `data.cluster_list[0].zone`"),
        response("new values and fields", NEW_THINGS)
            .returns("/cluster_list/0/status", "hibernating")
            .returns("/cluster_list/0/cloud_provider", "azure")
            .returns("/cluster_list/0/sku_name", "s"),
        response("cut JSON", r#"{"code":0,"message":""#)
            .fails("Decode", "incomplete, broken or nested too deep, at `message`"),
        response("an empty body", "").fails("Decode", "an empty body of application/json"),
        case("a redirect", LIST).fault(redirect).then(Operation::ListClusters).fails("Protocol", "with a redirect"),
        case("a login page", LIST).fault(page).then(Operation::ListClusters).fails("Decode", "text/html"),
    ]
}

const NEW_THINGS: &str = r#"{"code":0,"message":"","more":1,"data":{"cluster_list":[{"cloud_provider":"azure",
    "cluster_name":"n","create_at":"soon","module_type":"EloqGraph","region":"r","status":"hibernating","version":"v",
    "zone":"z","sku_name":"s","extra":[]}],"total":1,"cursor":"c"}}"#;

/// Invalid input fails before any request.
fn invalid_inputs() -> Vec<Case> {
    let invalid = |call, part| case("bad input", call).requests(&[]).fails("InvalidInput", part);
    let create = |name, region, sku_id| Call::Create { name, region, sku_id, zone: None };
    const LONG: &str = match std::str::from_utf8(&[b'a'; 256]) {
        Ok(text) => text,
        Err(_) => "",
    };
    let names = ["", ".", "..", "a\\b", "a\nb", "a\0b", LONG];
    let by_name = names.into_iter().flat_map(|name| {
        [
            invalid(Call::Cluster(name), "cluster_name"),
            invalid(Call::Credentials(name), "cluster_name"),
            invalid(Call::Delete(name), "cluster_name"),
            invalid(Call::Start(name), "cluster_name"),
            invalid(create(name, "us-west-1", 101), "cluster_name"),
        ]
    });
    let others = [
        invalid(Call::Clusters { page: 0, per_page: 20 }, "page"),
        invalid(Call::Clusters { page: 1, per_page: 0 }, "per_page"),
        invalid(Call::Clusters { page: 1, per_page: 51 }, "per_page"),
        invalid(Call::Skus("unspecified", "eloqkv", "aws"), "sku_type"),
        invalid(Call::Skus("Unspecified", "eloqdoc", "gcp"), "sku_type"),
        invalid(create("new", "us-west-1", -1), "sku_id"),
        invalid(create("new", "", 101), "region"),
        invalid(Call::Create { name: "new", region: "r", sku_id: 1, zone: Some("") }, "zone"),
    ];
    by_name.chain(others).collect()
}
