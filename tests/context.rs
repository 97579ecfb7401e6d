//! The organization and project are fetched once, whatever happens at the same time.

use eloq_sdk::EloqApi;
use eloq_sdk::simulator::{Fault, Operation, Simulator};

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

/// Starts all calls before any of them is polled to its end.
async fn describe_at_once(client: &EloqApi, calls: usize) -> Vec<eloq_sdk::Result<()>> {
    let tasks: Vec<_> = (0..calls)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.cluster("seeded").await.map(drop) })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_calls_of_a_fresh_client_are_a_hundred_and_one_requests() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let results = describe_at_once(&simulator.client(), 100).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(simulator.requests().len(), 101);
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
}

#[tokio::test]
async fn calls_that_wait_share_a_failure_and_later_ones_try_again() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).status(403));
    let client = simulator.client();
    let results = describe_at_once(&client, 20).await;
    assert!(results.iter().all(|result| matches!(result, Err(eloq_sdk::Error::Permission(_)))), "{results:?}");
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);

    client.cluster("seeded").await.unwrap();
    assert_eq!(count(&simulator, Operation::OrgInfo), 2);
}

#[tokio::test]
async fn a_call_that_is_given_up_while_it_fetches_leaves_the_others_working() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = simulator.client();
    // Polled once, then dropped: the request is on its way and the context is being fetched.
    tokio::select! {
        biased;
        _ = client.cluster("seeded") => unreachable!("no answer comes in one poll"),
        () = std::future::ready(()) => {}
    }
    assert!(client.cluster("seeded").await.is_ok());
}

#[tokio::test]
async fn info_brings_the_context_along() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = simulator.client();
    client.info().await.unwrap();
    client.clone().cluster("seeded").await.unwrap();
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
}
