//! Waits against the simulator and over real sockets. Unit tests of the waiter check the poll times under a paused clock.

#[path = "support/scripted.rs"]
mod scripted;

use std::net::TcpListener;
use std::time::Duration;

use eloq_sdk::schema::ClusterStatus;
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{ClusterSpec, EloqApi, Error, ErrorKind, blocking};
use scripted::{Script, Server, ok};
use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn a_create_and_a_delete_can_be_waited_for() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    let mut creating = client.cluster_create("new", "us-west-1", 101).wait();
    let first = creating.next().await.unwrap();
    assert_eq!(first.to_string(), "provisioning, load balancer provisioning");
    simulator.advance(HOUR);
    assert_eq!(creating.next().await.unwrap().status, Some(ClusterStatus::Available));
    assert!(creating.await.unwrap().connection_url().is_ok());

    let mut deleting = client.cluster_delete("new").wait();
    assert_eq!(deleting.next().await.unwrap().to_string(), "unavailable");
    simulator.advance(HOUR);
    assert_eq!(deleting.next().await.unwrap().to_string(), "absent");
    deleting.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_not_polled() {
    let simulator = Simulator::builder().cluster("taken").start().await.unwrap();
    let client = simulator.client();
    let rejected = client.cluster_create("taken", "us-west-1", 101).wait().await;
    assert!(matches!(rejected, Err(Error::Conflict { .. })), "{rejected:?}");
    let rejected = client.cluster_delete("missing").wait().await;
    assert!(matches!(rejected, Err(Error::NotFound { .. } | Error::Permission { .. })), "{rejected:?}");
    assert!(simulator.requests().iter().all(|each| each.operation() != Some(Operation::DescribeCluster)));
}

#[tokio::test(start_paused = true)]
async fn a_condition_that_already_holds_needs_one_poll() {
    let simulator = Simulator::builder().cluster("old").start().await.unwrap();
    let client = simulator.client();
    assert_eq!(client.wait_for_cluster("old").available().await.unwrap().status, ClusterStatus::Available);
    client.wait_for_cluster("missing").deleted().await.unwrap();
    assert!(simulator.set_cluster_status("old", "idle"));
    client.wait_for_cluster("old").connectable().await.unwrap();
    client.wait_for_cluster("old").status(|status| *status == "idle").await.unwrap();
    let count = |operation| simulator.requests().iter().filter(|each| each.operation() == Some(operation)).count();
    assert_eq!((count(Operation::DescribeCluster), count(Operation::ListClusters)), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_delete_ends_when_a_new_cluster_has_the_name() {
    let simulator = Simulator::builder().cluster("phoenix").start().await.unwrap();
    let client = simulator.client();
    let mut deleting = client.cluster_delete("phoenix").wait();
    deleting.next().await.unwrap();
    simulator.advance(HOUR);
    client.cluster_create("phoenix", "us-west-1", 101).await.into_result().unwrap();
    deleting.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_error_status_and_an_invalid_name_fail_a_wait() {
    let simulator = Simulator::builder().cluster("broken").start().await.unwrap();
    assert!(simulator.set_cluster_status("broken", "error"));
    let client = simulator.client();
    let failed = client.wait_for_cluster("broken").available().await.unwrap_err();
    assert!(matches!(failed, Error::ClusterFailed { .. }));
    assert!(failed.hint().is_some());
    // Unless the wait is for this status.
    client.wait_for_cluster("broken").status(|status| *status == ClusterStatus::Error).await.unwrap();
    simulator.clear_requests();
    let rejected = client.wait_for_cluster("..").deleted().await;
    assert!(matches!(rejected, Err(Error::InvalidInput { .. })));
    assert!(simulator.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_max_wait_of_zero_polls_once_and_reports_the_last_state() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    client.cluster_create("new", "us-west-1", 101).await.into_result().unwrap();
    let error = client.wait_for_cluster("new").connectable().max_wait(Duration::ZERO).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.waited().unwrap().last_state.as_ref().unwrap().status, Some(ClusterStatus::Provisioning));
}

#[tokio::test(start_paused = true)]
async fn a_transient_error_does_not_end_a_wait() {
    let simulator = Simulator::builder().cluster("old").start().await.unwrap();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.retry(eloq_sdk::RetryPolicy::none()).build().unwrap();
    simulator.inject(Fault::on(Operation::DescribeCluster).status(503));
    client.wait_for_cluster("old").available().await.unwrap();
}

fn described(port: u16) -> scripted::Response {
    ok(&format!(
        r#"{{"admin_user": "dXNlcg==", "admin_password": "cGFzc3dvcmQ=", "cloud_provider": "aws",
        "cluster_deploy_mode": "m", "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": "c",
        "elb_addr": "127.0.0.1", "elb_port": {port}, "elb_state": "active", "log_cpu_limit": 0.5,
        "log_memory_mi_limit": 512, "log_replica": 1, "module_type": "EloqKV", "org_name": "o", "project_name": "p",
        "region": "r", "status": "available", "tx_cpu_limit": 1, "tx_memory_mi_limit": 1024, "tx_replica": 1,
        "version": "v", "zone": "z"}}"#
    ))
}

#[tokio::test]
async fn a_ping_opens_a_connection_to_the_database() {
    let database = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = database.local_addr().unwrap().port();
    let server = Server::start(Script::new().on("describe_cluster", [described(port)]));
    let client = EloqApi::from_key_and_url("k", server.url()).unwrap();
    let pinged = client.wait_for_cluster("c").connectable().ping().await.unwrap();
    assert_eq!(pinged.port, port);
    assert!(pinged.ping().await.unwrap() < Duration::from_secs(5));
    database.accept().unwrap();

    drop(database);
    assert_eq!(pinged.ping().await.unwrap_err().kind(), ErrorKind::Connect);
    let rejected = client.wait_for_cluster("c").connectable().ping().max_wait(Duration::ZERO).await;
    assert!(matches!(rejected, Err(error) if error.is_timeout()));
}

#[test]
fn the_blocking_client_waits_and_iterates_over_the_states() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(async { Simulator::start().await.unwrap() });
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    let mut creating = client.cluster_create("new", "us-west-1", 101).wait().max_wait(Duration::from_secs(60));
    let mut states = Vec::new();
    for state in &mut creating {
        states.push(state.to_string());
        simulator.advance(HOUR);
    }
    assert_eq!(states, ["provisioning, load balancer provisioning", "available, load balancer active"]);
    creating.send().unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_longest_wait_includes_the_write_and_its_reconciliation() {
    let simulator = Simulator::builder().cluster("old").start().await.unwrap();
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    simulator.inject(Fault::on(Operation::DeleteCluster).always().drop_before());
    let client = simulator.client();
    let max_wait = Duration::from_secs(1);
    let start = Instant::now();
    let error = client.cluster_create("new", "us-west-1", 101).wait().max_wait(max_wait).await.unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
    let polls = error.attempts().iter().filter(|attempt| attempt.operation == "list_clusters").count();
    assert!(polls >= 2, "the polls are among the attempts: {:?}", error.attempts());
    let error = client.cluster_delete("old").wait().max_wait(max_wait).await.unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
    assert!(start.elapsed() < 2 * max_wait, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_wait_has_the_attempts_of_its_polls() {
    let simulator = Simulator::builder().cluster("c").start().await.unwrap();
    let client = simulator.client();
    simulator.inject(Fault::on(Operation::DescribeCluster).status(503));
    let status = client.wait_for_cluster("c").status(|_| false).max_wait(Duration::ZERO);
    let error = status.await.unwrap_err();
    let attempts: Vec<_> = error.attempts().iter().map(|attempt| (attempt.operation, attempt.status)).collect();
    let expected = [("org_info", Some(200)), ("describe_cluster", Some(503)), ("describe_cluster", Some(200))];
    assert_eq!(attempts, expected);
}

#[tokio::test(start_paused = true)]
async fn a_list_shorter_than_its_total_is_no_deletion() {
    const SHORT: &str = r#"{"code":0,"message":"","data":{"cluster_list":[],"total":1}}"#;
    let simulator = Simulator::builder().cluster("c").start().await.unwrap();
    let client = simulator.client();
    simulator.inject(Fault::on(Operation::ListClusters).always().reply(200, "application/json", SHORT));
    let error = client.wait_for_cluster("c").deleted().max_wait(Duration::ZERO).await.unwrap_err();
    assert!(error.is_timeout() || matches!(error, Error::Protocol { .. }), "{error:?}");
    simulator.inject(Fault::on(Operation::DescribeCluster).status(403));
    let error = client.find_cluster("c").await.unwrap_err();
    assert!(matches!(&error, Error::Protocol { .. }), "{error:?}");
    assert!(error.message().contains("incomplete"), "{error}");
    let spec = ClusterSpec::new("c", "us-west-1", 101);
    assert!(matches!(client.ensure_cluster(spec).await, Err(Error::Protocol { .. })));
}

#[tokio::test(start_paused = true)]
async fn the_same_time_in_another_form_is_the_same_cluster() {
    let simulator = Simulator::builder().cluster("c").start().await.unwrap();
    let client = simulator.client();
    let list = serde_json::to_value(client.clusters().await.unwrap()).unwrap();
    let created = list["cluster_list"][0]["create_at"].as_str().unwrap().to_owned();
    let lists = [created.clone(), created.replace('Z', "+00:00"), created.replace(['T', 'Z'], " "), "later".to_owned()];
    for created in lists {
        let mut list = serde_json::json!({ "code": 0, "message": "", "data": list });
        list["data"]["cluster_list"][0]["create_at"] = created.trim().into();
        simulator.inject(Fault::on(Operation::ListClusters).reply(200, "application/json", list.to_string()));
    }
    let error = client.wait_for_cluster("c").deleted().max_wait(Duration::from_secs(7)).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
}
