//! Deletes of clusters in any status. Time is virtual.

use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, SeededCluster, Simulator};
use eloq_sdk::{EloqApi, Error, ErrorKind, OperationResult, blocking};
use tokio::time::Instant;

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

async fn cluster(status: &str) -> Simulator {
    Simulator::builder().cluster(SeededCluster::new("c").status(status)).start().await.unwrap()
}

async fn delete(simulator: &Simulator) -> OperationResult {
    simulator.client().cluster_delete("c").when_deletable().await
}

#[tokio::test(start_paused = true)]
async fn a_plain_delete_is_one_request_that_the_service_refuses_unless_the_cluster_is_available() {
    for status in ["provisioning", "idle", "active", "error", "unavailable", "updating"] {
        let simulator = cluster(status).await;
        let result = simulator.client().cluster_delete("c").await;
        assert_eq!(result.error().and_then(Error::status), Some(403), "{status}");
        assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_cluster_is_deleted_once_it_is_available() {
    let simulator = Simulator::builder().provisioning(Duration::from_secs(60)).start().await.unwrap();
    simulator.client().cluster_create("c", "us-west-1", 101).await.into_result().unwrap();
    let result = delete(&simulator).await;
    assert!(result.success, "{result:?}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
    assert!(result.attempts().iter().any(|attempt| attempt.operation == "describe_cluster"));
}

#[tokio::test(start_paused = true)]
async fn an_idle_cluster_is_woken() {
    let simulator = cluster("idle").await;
    let result = delete(&simulator).await;
    assert!(result.success, "{result:?}");
    assert_eq!((count(&simulator, Operation::StartCluster), count(&simulator, Operation::DeleteCluster)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_idle_cluster_that_stays_idle_is_started_once() {
    let simulator = cluster("idle").await;
    simulator.inject(Fault::on(Operation::StartCluster).always().status(404));
    let waiting = simulator.client().cluster_delete("c").when_deletable().wait().max_wait(Duration::from_secs(600));
    let error = waiting.await.unwrap_err();
    assert!(error.to_string().contains("waiting for the cluster to become deletable"), "{error}");
    assert!(error.to_string().contains("last seen idle"), "{error}");
    assert_eq!((count(&simulator, Operation::StartCluster), count(&simulator, Operation::DeleteCluster)), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_cluster_in_use_is_deleted_when_it_becomes_available() {
    for status in ["active", "updating", "creating", "unavailable", "frozen"] {
        let simulator = cluster(status).await;
        let change = async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            simulator.set_cluster_status("c", "available");
        };
        let (result, ()) = tokio::join!(delete(&simulator), change);
        assert!(result.success, "{status}: {result:?}");
        assert_eq!(count(&simulator, Operation::DeleteCluster), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_cluster_is_an_error_that_says_so() {
    let simulator = cluster("error").await;
    let result = delete(&simulator).await;
    assert_eq!(result.error().map(Error::kind), Some(ErrorKind::ClusterFailed));
    assert_eq!(count(&simulator, Operation::DeleteCluster), 0);
}

#[tokio::test(start_paused = true)]
async fn the_longest_wait_includes_everything() {
    let simulator = cluster("provisioning").await;
    let start = Instant::now();
    let waiting = simulator.client().cluster_delete("c").when_deletable().wait().max_wait(Duration::from_secs(20));
    assert_eq!(waiting.await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(start.elapsed().as_secs(), 20);
    // Without a limit of its own, 15 minutes.
    let start = Instant::now();
    assert_eq!(delete(&simulator).await.error().map(Error::kind), Some(ErrorKind::Timeout));
    assert_eq!(start.elapsed().as_secs(), 15 * 60);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_becomes_available_with_the_last_poll_is_not_deleted_after_the_limit() {
    let simulator = cluster("active").await;
    let limit = Duration::from_secs(20);
    let change = async {
        tokio::time::sleep(limit - Duration::from_millis(1)).await;
        simulator.set_cluster_status("c", "available");
    };
    let deleting = async { simulator.client().cluster_delete("c").when_deletable().wait().max_wait(limit).await };
    let (outcome, ()) = tokio::join!(deleting, change);
    let error = outcome.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("became deletable as the longest wait ended"), "{error}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 0);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_another_client_deletes_is_deleted_and_its_successor_stays() {
    let deleting = Duration::from_secs(20);
    let simulator = Simulator::builder().cluster("c").deleting(deleting).start().await.unwrap();
    let other = simulator.client();
    other.cluster_delete("c").await.into_result().unwrap();
    let recreate = async {
        tokio::time::sleep(Duration::from_secs(21)).await;
        other.cluster_create("c", "us-west-1", 101).await.into_result().unwrap();
    };
    let waiting = async { simulator.client().cluster_delete("c").when_deletable().wait().await };
    let (outcome, ()) = tokio::join!(waiting, recreate);
    outcome.unwrap();
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
    assert_eq!(simulator.cluster_names(), ["c"]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_an_available_cluster_stands() {
    let simulator = cluster("available").await;
    simulator.inject(Fault::on(Operation::DeleteCluster).always().status(403));
    let result = delete(&simulator).await;
    assert_eq!(result.error().map(Error::kind), Some(ErrorKind::Permission));
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
}

#[tokio::test(start_paused = true)]
async fn an_absent_cluster_is_an_error_unless_it_may_be_absent() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    // The service refuses to describe a missing cluster with 403, and to delete it with 404.
    let deletes = [
        (client.cluster_delete("c"), ErrorKind::NotFound),
        (client.cluster_delete("c").when_deletable(), ErrorKind::Permission),
    ];
    for (delete, refused) in deletes {
        assert_eq!(delete.clone().await.error().map(Error::kind), Some(refused));
        let result = delete.clone().if_exists().await;
        assert_eq!((result.success, result.message.as_str()), (true, "Cluster does not exist"));
        delete.if_exists().wait().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_absence() {
    let simulator = cluster("active").await;
    let result = simulator.client().cluster_delete("c").if_exists().await;
    assert_eq!(result.error().map(Error::kind), Some(ErrorKind::Permission));
    // An incomplete list proves nothing.
    simulator.inject(Fault::on(Operation::ListClusters).always().hide_cluster("c"));
    assert!(!simulator.client().cluster_delete("c").if_exists().await.success);
}

#[test]
fn the_blocking_client_deletes_in_any_status_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(cluster("idle"));
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    client.cluster_delete("missing").if_exists().send().into_result().unwrap();
    simulator.set_cluster_status("c", "available");
    client.cluster_delete("c").when_deletable().if_exists().wait().send().unwrap();
    assert!(simulator.cluster_names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_invalid_name_is_refused_before_anything_is_sent() {
    let simulator = Simulator::start().await.unwrap();
    let client: EloqApi = simulator.client();
    let result = client.cluster_delete("..").when_deletable().if_exists().await;
    assert_eq!(result.error().map(Error::kind), Some(ErrorKind::InvalidInput));
    assert!(simulator.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_goes_between_the_poll_and_the_request_is_deleted() {
    let simulator = Simulator::builder().cluster("c").deleting(Duration::ZERO).start().await.unwrap();
    simulator.inject(Fault::on(Operation::DeleteCluster).applied().status(404));
    let result = delete(&simulator).await;
    assert!(result.success, "{result:?}");
    assert!(simulator.cluster_names().is_empty());
}
