//! Options of single calls: each with both clients, on the connections and the budget of the client. Async tests have virtual time.

use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{CallOptions, EloqApi, Error, ErrorKind, RetryPolicy, blocking};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

fn options() -> CallOptions {
    CallOptions::default()
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

async fn slow() -> Simulator {
    let simulator = Simulator::builder().cluster("c").start().await.unwrap();
    simulator.client().scope().await.unwrap();
    simulator.inject(Fault::on(Operation::DescribeCluster).always().latency(3600 * SECOND));
    simulator.inject(Fault::on(Operation::CreateCluster).always().latency(3600 * SECOND));
    simulator
}

/// How long a call takes that gets no response, in seconds, and how many requests it sends.
async fn describe(simulator: &Simulator, client: &EloqApi) -> (u64, usize) {
    simulator.clear_requests();
    let start = Instant::now();
    assert_eq!(client.cluster("c").await.unwrap_err().kind(), ErrorKind::Timeout);
    (start.elapsed().as_secs(), count(simulator, Operation::DescribeCluster))
}

#[tokio::test(start_paused = true)]
async fn a_timeout_a_deadline_and_a_policy_apply_to_the_calls_of_that_client_only() {
    let simulator = slow().await;
    let client = simulator.client();
    client.scope().await.unwrap();
    let once = client.with_options(options().timeout(2 * SECOND).retry(RetryPolicy::none())).unwrap();
    assert_eq!(describe(&simulator, &once).await, (2, 1));
    let ended = client.with_options(options().deadline(7 * SECOND)).unwrap();
    assert_eq!(describe(&simulator, &ended).await, (7, 1));
    // What is not set stays as it is.
    let both = once.with_options(options().deadline(SECOND)).unwrap();
    assert_eq!(describe(&simulator, &both).await, (1, 1));
    let (seconds, requests) = describe(&simulator, &client).await;
    assert_eq!((seconds, requests), (120, 4));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_applies_to_writes_too() {
    let simulator = slow().await;
    let client = simulator.client().with_options(options().timeout(2 * SECOND)).unwrap();
    let start = Instant::now();
    let result = client.cluster_create("new", "us-west-1", 101).await;
    assert!(result.success && result.is_reconciled(), "{result:?}");
    assert_eq!(start.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_project_and_the_budget_are_those_of_the_client() {
    let simulator = Simulator::builder().project(2, "other").cluster("c").start().await.unwrap();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    // Enough for one retry.
    let client = builder.retry(RetryPolicy::default().budget(14)).build().unwrap();
    client.scope().await.unwrap();
    simulator.set_projects([(2, "other"), (147, "project1")]);
    let patient = client.with_options(options().retry(RetryPolicy::default().max_retries(9).budget(5000))).unwrap();
    assert_eq!(patient.scope().await.unwrap().project_id, 147);
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
    simulator.inject(Fault::on(Operation::DescribeCluster).always().status(503));
    patient.cluster("c").await.unwrap_err();
    assert_eq!(count(&simulator, Operation::DescribeCluster), 2);
}

#[test]
fn the_blocking_client_has_the_same_options() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(slow());
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    let quick = options().timeout(SECOND / 20).retry(RetryPolicy::none());
    assert_eq!(client.with_options(quick).unwrap().cluster("c").unwrap_err().kind(), ErrorKind::Timeout);
    let ended = options().deadline(SECOND / 20);
    assert_eq!(client.with_options(ended).unwrap().cluster("c").unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(count(&simulator, Operation::DescribeCluster), 2);
}

#[tokio::test]
async fn durations_of_zero_are_refused() {
    let client = EloqApi::from_key_and_url("k", "http://127.0.0.1:1").unwrap();
    let refused = [
        (options().timeout(Duration::ZERO), "timeout"),
        (options().deadline(Duration::ZERO), "deadline"),
        (options().retry(RetryPolicy::default().backoff(Duration::ZERO)), "retry"),
    ];
    for (options, setting) in refused {
        let error = client.with_options(options).unwrap_err();
        assert!(matches!(&error, Error::Config { setting: named, .. } if named == setting), "{error}");
    }
    client.with_options(options().timeout(Duration::MAX).deadline(Duration::MAX)).unwrap();
}
