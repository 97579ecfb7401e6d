//! What a plan says, what it costs, and what it refuses.

use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::simulator::{Fault, Operation, SeededCluster, Simulator};
use eloq_sdk::{ClusterSpec, DesiredState, Error, PlannedAction, SkuDescription, blocking};
use schemars::schema_for;
use serde_json::json;

use crate::json_schema::validate;
use crate::{count, operations, spec};

fn kv(sku_type: SkuType) -> SkuDescription {
    SkuDescription::new(sku_type, EloqModule::EloqKv, CloudProvider::Aws)
}

#[tokio::test(start_paused = true)]
async fn a_plan_prints_and_serializes_what_it_would_do() {
    let mut builder = Simulator::builder().project(2, "staging").cluster_limit(None);
    for name in ["cache", "old", "sessions", "waiting", "idle-old", "kept-by-prefix"] {
        builder = builder.cluster(SeededCluster::new(name).project(147));
    }
    let simulator = builder.cluster(SeededCluster::new("orders").project(2).sku(201)).start().await.unwrap();
    simulator.set_cluster_status("waiting", "unavailable");
    simulator.set_cluster_status("idle-old", "idle");
    let client = simulator.client();

    let desired =
        DesiredState::new([spec("sessions").zone("us-west-1b"), spec("cache"), spec("orders"), spec("waiting")])
            .project("project1");
    let request = client.plan(desired.clone()).prune(true).prune_names(["old", "idle-old", "sessions", "missing"]);
    let plan = request.cluster_limit(7).await.unwrap();
    assert_eq!(
        plan.to_string(),
        "- idle-old (when it can be deleted: its status is idle)\n\
         - old\n\
         + orders\n\
         ~ sessions: zone is us-west-1a and not us-west-1b\n\
         + waiting (when the unavailable cluster of this name is gone)\n\
         2 to create, 2 to delete, 1 differs, 1 unchanged\n\
         limit of clusters: 6 of 7 after this plan\n"
    );
    assert!(plan.has_changes() && !plan.exceeds_limit());

    let both = desired.cluster_in(2, ClusterSpec::new("orders", "us-west-1", kv(SkuType::Serverless)));
    let plan = client.plan(both.clone()).prune(true).prune_prefix("old").await.unwrap();
    let shown = plan.to_string();
    assert_eq!(
        shown,
        "project project1 (147):\n\
         \x20 - old\n\
         \x20 + orders\n\
         \x20 ~ sessions: zone is us-west-1a and not us-west-1b\n\
         \x20 + waiting (when the unavailable cluster of this name is gone)\n\
         project staging (2):\n\
         \x20 ~ orders: sku is 201 and not 101\n\
         2 to create, 1 to delete, 2 differ, 1 unchanged\n\
         limit of clusters: not known\n"
    );
    let again = client.plan(both).prune(true).prune_prefix("old").await.unwrap();
    assert_eq!((&again.clusters, again.to_string()), (&plan.clusters, shown));

    let schema = schema_for!(eloq_sdk::Plan).to_value();
    let mut json = serde_json::to_value(&plan).unwrap();
    assert_eq!(validate(&schema, &json), Ok(()));
    let created = simulator.clusters().iter().find(|cluster| cluster.name == "old").unwrap().created;
    let created = humantime::format_rfc3339_seconds(created).to_string();
    assert!(json["made_at"].take().is_string());
    assert_eq!(
        json["clusters"][1],
        json!({
            "project_id": 147, "project_name": "project1", "cluster_name": "old", "action": "delete", "status": "available",
            "created_at": created,
        })
    );
    assert_eq!(json["clusters"][5]["differences"], json!([{ "field": "sku", "expected": "101", "actual": "201" }]));
    assert_eq!(json["limit"], json!(null));
}

fn seeded(clusters: usize) -> impl Iterator<Item = String> {
    (0..clusters).map(|number| format!("c{number:05}"))
}

#[tokio::test(start_paused = true)]
async fn a_plan_reads_pages_and_needed_skus_and_nothing_twice() {
    let skus = [101, 102, 103, 201, 202, 203];
    let mut builder = Simulator::builder().cluster_limit(None);
    for (name, sku) in seeded(100).zip(skus.into_iter().cycle()) {
        let region = if matches!(sku, 102 | 202) { "us-central1" } else { "us-west-1" };
        builder = builder.cluster(SeededCluster::new(name).sku(sku).region(region));
    }
    let simulator = builder.start().await.unwrap();
    let clusters = seeded(100).zip(skus.into_iter().cycle()).map(|(name, sku)| {
        ClusterSpec::new(name, if matches!(sku, 102 | 202) { "us-central1" } else { "us-west-1" }, sku)
    });
    let plan = simulator.client().plan(DesiredState::new(clusters)).await.unwrap();
    assert_eq!(plan.to_string(), "0 to create, 0 to delete, 0 differ, 100 unchanged\n");
    // Two full pages; three combinations of module and cloud in two types.
    let counts = [Operation::OrgInfo, Operation::ListClusters, Operation::ListSkus].map(|each| count(&simulator, each));
    assert_eq!((counts, simulator.requests().len()), ([1, 2, 6], 9));

    // Described SKUs and named projects cost no more.
    simulator.clear_requests();
    let described = seeded(50).map(|name| ClusterSpec::new(name, "us-west-1", kv(SkuType::Serverless)));
    let desired = DesiredState::new(described);
    let named = simulator.client().projects().await.unwrap()[0].project_name.clone();
    simulator.clear_requests();
    simulator.client().plan(desired.project(named.as_str())).await.unwrap();
    let counts = [Operation::OrgInfo, Operation::ListClusters, Operation::ListSkus].map(|each| count(&simulator, each));
    assert_eq!((counts[0], counts[1]), (1, 2));
    assert_eq!(simulator.requests().len(), counts.iter().sum::<usize>());
}

#[tokio::test(start_paused = true)]
async fn a_cluster_is_described_only_if_the_list_does_not_name_its_sku() {
    let simulator = Simulator::builder().cluster("a").cluster("b").start().await.unwrap();
    let client = simulator.client();
    let listed = serde_json::to_value(client.clusters().await.unwrap()).unwrap();
    let mut listed = json!({ "code": 0, "message": "", "data": listed });
    listed["data"]["cluster_list"][1].as_object_mut().unwrap().remove("sku_name");
    simulator.inject(Fault::on(Operation::ListClusters).always().reply(200, "application/json", listed.to_string()));
    simulator.clear_requests();
    let plan = client.plan(DesiredState::new([spec("a"), spec("b")])).await.unwrap();
    assert!(plan.clusters.iter().all(|cluster| cluster.action == PlannedAction::Keep), "{plan}");
    let described =
        simulator.requests().into_iter().filter(|request| request.operation() == Some(Operation::DescribeCluster));
    assert!(described.map(|request| request.path().to_owned()).eq(["/api/v1/orgs/1/projects/147/clusters/b"]));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lacks_a_cluster_is_no_plan() {
    let simulator = Simulator::builder().cluster("a").cluster("b").start().await.unwrap();
    simulator.inject(Fault::on(Operation::ListClusters).hide_cluster("a").always());
    let incomplete = simulator.client().plan(DesiredState::new([spec("a"), spec("b")])).await;
    assert!(matches!(incomplete, Err(Error::Protocol { .. })), "{incomplete:?}");
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_does_not_fit_says_so_and_is_not_applied() {
    let simulator = Simulator::builder().project(2, "other").cluster_limit(Some(3));
    let simulator = simulator.cluster("a").cluster(SeededCluster::new("b").project(2)).start().await.unwrap();
    let plan = simulator.client().plan(DesiredState::new([spec("c"), spec("d")])).cluster_limit(3).await.unwrap();
    assert!(
        plan.exceeds_limit()
            && plan.to_string().ends_with("limit of clusters: 4 of 3 after this plan, which does not fit\n")
    );
    assert_eq!(operations(&simulator).iter().filter(|operation| **operation == Operation::OrgInfo).count(), 1);
    simulator.clear_requests();
    let refused = plan.apply().await.unwrap_err();
    assert_eq!(refused.to_string(), "invalid input: cluster_limit: the plan makes 4 clusters, the limit is 3");
    assert!(matches!(plan.apply().concurrency(0).await, Err(Error::InvalidInput { parameter: "concurrency", .. })));
    assert!(simulator.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_planned_is_refused_with_the_candidates() {
    let simulator = Simulator::builder().project(1, "twice").project(2, "twice").start().await.unwrap();
    let client = simulator.client();
    let refuse = async |desired: DesiredState| client.plan(desired).await.unwrap_err().to_string();

    let named = kv(SkuType::Serverless).name("large");
    let missing = refuse(DesiredState::new([ClusterSpec::new("a", "us-west-1", named)])).await;
    assert_eq!(
        missing,
        "invalid input: sku: no SKU is serverless eloqkv on aws, named large; serverless eloqkv on aws has 101 \
         (eloqkv-serverless-aws, 0.5 CPU, 1024 Mi, 1 replicas), for the cluster a"
    );
    let sku = serde_json::to_value(
        client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await.unwrap(),
    );
    assert_eq!(client.find_sku(kv(SkuType::Serverless)).await.unwrap().sku_id, 101);
    let mut two = json!([sku.unwrap()[0], { "sku_id": 102 }]);
    two[1] = two[0].clone();
    two[1]["sku_id"] = json!(111);
    let body = json!({ "code": 0, "message": "", "data": two }).to_string();
    simulator.inject(Fault::on(Operation::ListSkus).always().reply(200, "application/json", body));
    let described = ClusterSpec::new("a", "us-west-1", kv(SkuType::Serverless));
    let ambiguous = refuse(DesiredState::new([described.clone()])).await;
    assert!(
        ambiguous.contains("several SKUs are serverless eloqkv on aws: 101 (") && ambiguous.contains("111 ("),
        "{ambiguous}"
    );
    // The same for a single cluster, and for the SKU itself.
    let no_choice = client.find_sku(kv(SkuType::Serverless)).await.unwrap_err();
    assert!(no_choice.to_string().contains("choose one by its id"), "{no_choice}");
    let single = client.ensure_cluster(described).await.unwrap_err();
    assert!(single.to_string().contains("choose one by its id"), "{single}");

    let unknown = refuse(DesiredState::new([spec("a")]).project("production")).await;
    assert_eq!(
        unknown,
        "invalid input: project: no project is production; the account has 147 (project1), 1 (twice), 2 (twice)"
    );
    let several = refuse(DesiredState::new([spec("a")]).project("twice")).await;
    assert_eq!(several, "invalid input: project: several projects are twice: choose one by its id");
    let repeated = refuse(DesiredState::new([spec("a")]).project("project1").cluster_in(147, spec("a"))).await;
    assert_eq!(repeated, "invalid input: cluster_name: a comes twice in project project1");
    assert_eq!(count(&simulator, Operation::ListClusters), 0);

    simulator.clear_requests();
    let invalid = refuse(DesiredState::new([spec("a"), ClusterSpec::new("b", "", 101)])).await;
    assert_eq!(invalid, "invalid input: region: must not be empty, for the cluster b");
    assert!(simulator.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn ensure_and_temporary_clusters_take_a_described_sku() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    let _ = client.ensure_cluster(ClusterSpec::new("a", "us-west-1", kv(SkuType::Dedicated))).await.unwrap();
    assert_eq!(client.clusters().await.unwrap().cluster_list[0].sku_name.as_deref(), Some("eloqkv-dedicated-aws"));
    let temporary = client.temporary_cluster(ClusterSpec::new("b", "us-west-1", kv(SkuType::Serverless)));
    temporary.await.unwrap().delete().await.unwrap();
}

#[test]
fn the_blocking_client_plans_and_applies() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(Simulator::builder().cluster("old").start()).unwrap();
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    let plan = client.plan(DesiredState::new([spec("new")])).prune(true).prune_prefix("o").send().unwrap();
    let lines: Vec<_> = client.apply(&plan).map(|each| each.unwrap().to_string()).collect();
    assert!(lines.contains(&"new: created".to_owned()) && lines.contains(&"old: deleted".to_owned()), "{lines:?}");
    let again = client.apply(&plan).concurrency(2).wait_until_connectable(true).send().unwrap();
    assert!(again.iter().all(|each| each.outcome.is_as_desired()), "{again:?}");
    assert_eq!(simulator.cluster_names(), ["new"]);
}
