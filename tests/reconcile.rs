//! Changes whose answer is lost: what happened is found out by looking, and nothing is ever created twice.

use std::time::{Duration, SystemTime};

use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{EloqApi, Error, OperationResult};

async fn start(cloud: SimulatorBuilder) -> (Simulator, EloqApi) {
    let simulator = cloud.start().await.unwrap();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.deadline(Duration::from_secs(2)).timeout(Duration::from_millis(500)).build().unwrap();
    (simulator, client)
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

async fn create(client: &EloqApi) -> OperationResult {
    client.cluster_create("new", "us-west-1", 101).await
}

/// Every way in which the answer to a change that was carried out can be lost.
fn lost_answers(operation: Operation) -> Vec<Fault> {
    vec![
        Fault::on(operation).drop_after(),
        Fault::on(operation).applied().status(500),
        Fault::on(operation).applied().status(502),
        Fault::on(operation).applied().status(504),
        Fault::on(operation).applied().reply(200, "text/html", "<html>log in</html>"),
        Fault::on(operation).applied().reply(200, "", ""),
        Fault::on(operation).truncate(5),
        Fault::on(operation).latency(Duration::from_secs(3600)),
    ]
}

#[tokio::test]
async fn a_create_that_was_carried_out_is_adopted_and_never_sent_again() {
    for fault in lost_answers(Operation::CreateCluster) {
        let told = format!("{fault:?}");
        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(fault);
        let result = create(&client).await;
        assert!(result.success && result.is_reconciled(), "{told}: {result:?}");
        assert_eq!(result.message, "Cluster created successfully");
        assert_eq!(count(&simulator, Operation::CreateCluster), 1, "{told}");
        assert_eq!(simulator.cluster_names(), ["new"]);
        assert!(result.attempts().iter().any(|attempt| attempt.operation == "list_clusters"));
    }
}

#[tokio::test]
async fn a_create_that_cannot_be_found_is_unknown_and_never_sent_again() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::OutcomeUnknown(_))), "{result:?}");
    assert!(result.message.contains("look for the cluster"), "{}", result.message);
    assert_eq!(count(&simulator, Operation::CreateCluster), 1);
    assert!(count(&simulator, Operation::ListClusters) >= 2, "it is looked for until the deadline");
}

#[tokio::test]
async fn a_500_that_changed_nothing_is_what_it_says_after_one_look() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).status(500));
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::Server(_))), "{result:?}");
    assert_eq!((count(&simulator, Operation::CreateCluster), count(&simulator, Operation::ListClusters)), (1, 1));
}

/// The list with one cluster, created this long ago.
fn listed(name: &str, region: &str, ago: Duration) -> Fault {
    let created = humantime::format_rfc3339_seconds(SystemTime::now() - ago);
    let body = format!(
        r#"{{"code":0,"message":"","data":{{"total":1,"cluster_list":[{{"cloud_provider":"AWS","cluster_name":"{name}",
            "create_at":"{created}","module_type":"EloqKV","region":"{region}","status":"available","version":"v",
            "zone":"{region}a","sku_name":"eloqkv-serverless-aws"}}]}}}}"#
    );
    Fault::on(Operation::ListClusters).always().reply(200, "application/json", body)
}

#[tokio::test]
async fn a_name_that_existed_before_is_never_adopted() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    simulator.inject(listed("new", "us-west-1", Duration::from_secs(5)));
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::Conflict(_))), "{result:?}");
    assert!(result.message.contains("existed before"), "{}", result.message);
}

#[tokio::test]
async fn a_cluster_that_differs_is_a_conflict_that_names_the_difference() {
    let cases = [("us-east-1", 101, "region"), ("us-west-1", 201, "SKU")];
    for (region, sku_id, difference) in cases {
        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
        simulator.inject(listed("new", region, Duration::ZERO));
        let result = client.cluster_create("new", "us-west-1", sku_id).await;
        assert!(matches!(result.error(), Some(Error::Conflict(_))), "{result:?}");
        assert!(result.message.contains(&format!("another {difference}")), "{}", result.message);
    }
}

#[tokio::test]
async fn what_this_client_created_a_moment_ago_is_not_taken_for_a_second_one() {
    let (simulator, client) = start(Simulator::builder()).await;
    assert!(create(&client).await.success);
    simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
    let result = create(&client).await;
    assert!(!result.success, "{result:?}");
}

#[tokio::test]
async fn a_delete_that_was_carried_out_is_a_success() {
    for fault in lost_answers(Operation::DeleteCluster) {
        let told = format!("{fault:?}");
        let (simulator, client) = start(Simulator::builder().cluster("old").deleting(Duration::ZERO)).await;
        simulator.inject(fault);
        let result = client.cluster_delete("old").await;
        assert!(result.success && result.is_reconciled(), "{told}: {result:?}");
        assert!(simulator.cluster_names().is_empty());
    }
}

#[tokio::test]
async fn a_delete_that_was_not_carried_out_is_sent_again() {
    let (simulator, client) = start(Simulator::builder().cluster("old").deleting(Duration::ZERO)).await;
    simulator.inject(Fault::on(Operation::DeleteCluster).drop_before());
    let result = client.cluster_delete("old").await;
    assert!(result.success, "{result:?}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 2);
    assert!(simulator.cluster_names().is_empty());
}

#[tokio::test]
async fn a_404_on_the_second_delete_is_a_success_and_on_the_first_not_found() {
    let (simulator, client) = start(Simulator::builder().cluster("old").deleting(Duration::ZERO)).await;
    simulator.inject(Fault::on(Operation::DeleteCluster).drop_after());
    // The look is answered from before the deletion.
    simulator.inject(listed("old", "us-west-1", Duration::from_secs(60)));
    assert!(client.cluster_delete("old").await.success);
    assert_eq!(count(&simulator, Operation::DeleteCluster), 2);
    assert!(matches!(client.cluster_delete("old").await.error(), Some(Error::NotFound(_))));
    assert_eq!(count(&simulator, Operation::DeleteCluster), 3);
}

#[tokio::test]
async fn a_delete_of_which_nothing_can_be_seen_is_unknown() {
    let (simulator, client) = start(Simulator::builder().cluster("old")).await;
    simulator.inject(Fault::on(Operation::DeleteCluster).drop_before());
    simulator.inject(Fault::on(Operation::ListClusters).always().status(500));
    let result = client.cluster_delete("old").await;
    assert!(matches!(result.error(), Some(Error::OutcomeUnknown(_))), "{result:?}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
}

#[tokio::test]
async fn a_change_that_was_never_sent_is_not_looked_for() {
    let (simulator, client) = start(Simulator::builder().cluster("old")).await;
    simulator.inject(Fault::on(Operation::OrgInfo).always().status(500));
    assert!(matches!(create(&client).await.error(), Some(Error::Server(_))));
    assert!(matches!(client.cluster_delete("old").await.error(), Some(Error::Server(_))));
    assert_eq!(count(&simulator, Operation::OrgInfo), simulator.requests().len());
}
