//! Waits against the simulator and over real sockets; when they look is tested under a paused clock, beside them.

#[path = "support/scripted.rs"]
mod scripted;

use std::net::TcpListener;
use std::time::Duration;

use eloq_sdk::schema::ClusterStatus;
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Error, blocking};
use scripted::{Script, Server, ok};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_cluster_is_ordered_and_waited_for_and_deleted_and_waited_for() {
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

#[tokio::test]
async fn an_order_that_is_refused_is_not_waited_for() {
    let simulator = Simulator::builder().cluster("taken").start().await.unwrap();
    let client = simulator.client();
    let refused = client.cluster_create("taken", "us-west-1", 101).wait().await;
    assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
    let refused = client.cluster_delete("missing").wait().await;
    assert!(matches!(refused, Err(Error::NotFound { .. } | Error::Permission { .. })), "{refused:?}");
    assert!(simulator.requests().iter().all(|each| each.operation() != Some(Operation::DescribeCluster)));
}

#[tokio::test]
async fn what_is_so_already_needs_one_look() {
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

#[tokio::test]
async fn a_cluster_of_the_same_name_that_was_created_since_is_another() {
    let simulator = Simulator::builder().cluster("phoenix").start().await.unwrap();
    let client = simulator.client();
    let mut deleting = client.cluster_delete("phoenix").wait();
    deleting.next().await.unwrap();
    simulator.advance(HOUR);
    client.cluster_create("phoenix", "us-west-1", 101).await.into_result().unwrap();
    deleting.await.unwrap();
}

#[tokio::test]
async fn a_status_that_is_final_fails_and_a_wrong_name_is_refused() {
    let simulator = Simulator::builder().cluster("broken").start().await.unwrap();
    assert!(simulator.set_cluster_status("broken", "error"));
    let client = simulator.client();
    let failed = client.wait_for_cluster("broken").available().await.unwrap_err();
    assert!(matches!(failed, Error::ClusterFailed { .. }));
    assert!(failed.hint().is_some());
    // Unless it is what is waited for.
    client.wait_for_cluster("broken").status(|status| *status == ClusterStatus::Error).await.unwrap();
    simulator.clear_requests();
    let refused = client.wait_for_cluster("..").deleted().await;
    assert!(matches!(refused, Err(Error::InvalidInput { .. })));
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn without_patience_it_looks_once_and_says_what_it_saw() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    client.cluster_create("new", "us-west-1", 101).await.into_result().unwrap();
    let error = client.wait_for_cluster("new").connectable().max_wait(Duration::ZERO).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.waited().unwrap().last_state.as_ref().unwrap().status, Some(ClusterStatus::Provisioning));
}

#[tokio::test]
async fn a_passing_failure_is_looked_past() {
    let simulator = Simulator::builder().cluster("old").start().await.unwrap();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.retry(eloq_sdk::RetryPolicy::none()).build().unwrap();
    simulator.inject(Fault::on(Operation::DescribeCluster).status(503));
    client.wait_for_cluster("old").available().await.unwrap();
}

fn described(port: u16) -> scripted::Reply {
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
    database.accept().unwrap();

    drop(database);
    let refused = client.wait_for_cluster("c").connectable().ping().max_wait(Duration::ZERO).await;
    assert!(matches!(refused, Err(error) if error.is_timeout()));
}

#[test]
fn the_blocking_client_waits_and_tells_the_changes() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(async { Simulator::start().await.unwrap() });
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    let mut creating = client.cluster_create("new", "us-west-1", 101).wait().max_wait(Duration::from_secs(60));
    let mut told = Vec::new();
    for state in &mut creating {
        told.push(state.to_string());
        simulator.advance(HOUR);
    }
    assert_eq!(told, ["provisioning, load balancer provisioning", "available, load balancer active"]);
    creating.send().unwrap();
}
