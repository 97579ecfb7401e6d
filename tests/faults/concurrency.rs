//! Concurrent callers, dropped futures, several runtimes, and a server that restarts.

use std::time::Duration;

use eloq_sdk::{EloqApi, EloqApiBuilder, Error, RetryPolicy, blocking};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::canary::{self, KEY};
use crate::row::{CREATE, DELETE, READ, quick};
use crate::scripted::{Gate, Response, Script, Server, Step, headers, ok, org_info, silence};
use crate::support::{Call, run, run_blocking};

fn builder(server: &Server) -> EloqApiBuilder {
    canary::capture();
    EloqApi::builder().api_key(KEY).base_url(server.url()).retry(quick()).deadline(Duration::from_secs(5))
}

fn client(server: &Server) -> EloqApi {
    builder(server).build().unwrap()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Closes the connection after the response: 500 kept-alive connections would exceed the limit of open files.
fn closing(response: Response) -> Response {
    response.header("connection", "close").then(Step::Close)
}

/// The outcomes of this many concurrent calls.
async fn concurrent_calls(client: &EloqApi, callers: usize) -> Vec<Result<serde_json::Value, Error>> {
    let mut calls = JoinSet::new();
    for _ in 0..callers {
        let client = client.clone();
        calls.spawn(async move { run(&client, READ).await });
    }
    calls.join_all().await
}

#[tokio::test]
pub async fn five_hundred_parallel_calls_succeed() {
    let server = Server::start(Script::new().on("list_skus", [closing(ok("[]"))]));
    let client = builder(&server).deadline(Duration::from_secs(60)).build().unwrap();
    let outcomes = concurrent_calls(&client, 500).await;
    assert!(outcomes.iter().all(Result::is_ok), "{:?}", outcomes.iter().find(|outcome| outcome.is_err()));
    assert_eq!(server.recorded().requests.len(), 500);
    canary::assert_log_clean();
}

/// Checks that 500 callers of a service that fails every request stay within a retry budget of 500, with jitter.
async fn assert_within_budget(response: Response, cost: usize, variant: &str) {
    const CALLERS: usize = 500;
    const BUDGET: usize = 500;
    let bound = Duration::from_millis(100);
    let server = Server::start(Script::new().on("list_skus", [closing(response)]));
    let policy = RetryPolicy::default().backoff(bound).throttled_backoff(bound).max_backoff(bound);
    let client = builder(&server)
        .retry(policy)
        .connect_timeout(Duration::from_secs(30))
        .deadline(Duration::from_secs(60))
        .build()
        .unwrap();
    let outcomes = concurrent_calls(&client, CALLERS).await;
    let requests = server.recorded().requests.len();
    assert!(requests <= CALLERS + BUDGET / cost, "{requests} requests");
    assert!(requests > CALLERS, "the clients retried no request");
    let errors: Vec<_> = outcomes.into_iter().map(Result::unwrap_err).collect();
    assert!(errors.iter().all(|error| format!("{error:?}").starts_with(variant)), "{:?}", errors[0]);
    let mut waits: Vec<_> = errors.iter().flat_map(Error::attempts).map(|attempt| attempt.wait).collect();
    waits.retain(|wait| !wait.is_zero());
    waits.sort();
    assert_eq!(waits.len(), requests - CALLERS);
    let shortest_and_longest = (waits[0], waits[waits.len() - 1]);
    assert!(shortest_and_longest.0 < bound / 2 && bound / 2 < shortest_and_longest.1, "{waits:?}");
    let count = waits.len();
    waits.dedup();
    assert!(waits.len() > count / 2, "jitter spreads the backoffs: {waits:?}");
    canary::assert_log_clean();
}

#[tokio::test]
pub async fn five_hundred_callers_that_get_503_stay_within_the_budget() {
    assert_within_budget(headers(503, &[]), 14, "Server").await;
}

#[tokio::test]
pub async fn five_hundred_callers_that_get_429_stay_within_the_budget() {
    assert_within_budget(headers(429, &[]), 5, "RateLimit").await;
}

/// Starts a call and drops it once the server has recorded this many requests.
async fn start_and_drop(client: &EloqApi, call: Call, server: &Server, requests: usize) {
    let recorded = async {
        server.wait_until(|recorded| recorded.requests.len() == requests).await;
    };
    tokio::select! {
        biased;
        outcome = run(client, call) => panic!("the call ended: {outcome:?}"),
        () = recorded => {}
    }
}

#[tokio::test]
pub async fn a_future_dropped_in_flight_closes_its_connection_and_sends_nothing_more() {
    let calls = [(READ, "list_skus", 1), (CREATE, "create_cluster", 2), (DELETE, "delete_cluster", 2)];
    for (call, operation, requests) in calls {
        let server = Server::start(Script::new().on(operation, [silence(), ok("null")]));
        let client = client(&server);
        start_and_drop(&client, call, &server, requests).await;
        server.wait_until(|recorded| recorded.ended == 1).await;
        // Long enough for any request that the dropped call might still send.
        for _ in 0..20 {
            run(&client, READ).await.unwrap();
        }
        let later = if operation == "list_skus" { 1 } else { 0 };
        let recorded = server.recorded();
        assert_eq!(recorded.requests.len(), requests + 20, "{:?}", recorded.requests);
        assert_eq!(recorded.count(operation), 1 + 20 * later);
        run(&client, call).await.unwrap();
    }
}

#[tokio::test]
pub async fn a_future_dropped_in_backoff_sends_nothing_more() {
    let unavailable = headers(503, &[]);
    let server = Server::start(Script::new().on("org_info", [unavailable]));
    let backoff = Duration::from_millis(20);
    let policy = RetryPolicy::default().backoff(backoff).max_backoff(backoff).max_retries(1000);
    let client = builder(&server).retry(policy.budget(u32::MAX)).build().unwrap();
    // The second request proves that the call backs off after each response.
    start_and_drop(&client, Call::Info, &server, 2).await;
    let requests = server.recorded().count("org_info");
    let other = Server::start(Script::new().on("list_skus", [headers(503, &[])]));
    let slow = RetryPolicy::default().backoff(backoff).max_backoff(backoff);
    for _ in 0..5 {
        builder(&other).retry(slow.clone()).build().unwrap().org().await.unwrap();
        run(&builder(&other).retry(slow.clone()).build().unwrap(), READ).await.unwrap_err();
    }
    assert_eq!(server.recorded().count("org_info"), requests);
    run(&client, READ).await.unwrap();
}

#[test]
pub fn one_client_works_on_several_runtimes() {
    let server = Server::start(Script::new().on("list_skus", [ok("[]")]));
    let builder = builder(&server).timeout(Duration::from_secs(1)).deadline(Duration::from_secs(5));
    let client = builder.build().unwrap();
    // One after another, each dropped before the next.
    for _ in 0..3 {
        current_thread().block_on(run(&client, READ)).unwrap();
    }
    // At the same time, all of them running.
    let runtimes: Vec<_> =
        (0..3).map(|_| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()).collect();
    for runtime in runtimes.iter().chain(&runtimes) {
        runtime.block_on(run(&client, READ)).unwrap();
    }
}

#[test]
pub fn a_pooled_connection_of_an_undriven_runtime_does_not_hang_a_call() {
    let server = Server::start(Script::new().on("list_skus", [ok("[]")]));
    let builder = builder(&server).timeout(Duration::from_millis(200)).deadline(Duration::from_secs(5));
    let client = builder.build().unwrap();
    let (first, second) = (current_thread(), current_thread());
    first.block_on(run(&client, READ)).unwrap();
    // The pooled connection is on the first runtime, which exists but does not run.
    match second.block_on(run(&client, READ)) {
        Ok(_) | Err(Error::Timeout { .. }) => {}
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
pub fn the_blocking_client_works_and_drops_inside_a_runtime() {
    let server = Server::start(Script::new().on("list_skus", [headers(503, &[]), ok("[]")]));
    for mut flavor in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        flavor.enable_all().build().unwrap().block_on(async {
            let builder = blocking::EloqApi::builder().api_key(KEY).base_url(server.url()).retry(quick());
            let client = builder.build().unwrap();
            run_blocking(&client, READ).unwrap();
            drop(client);
        });
    }
    assert_eq!(server.recorded().requests.len(), 3);
}

#[test]
pub fn threads_that_share_a_blocking_client_stay_within_the_budget() {
    canary::capture();
    let server = Server::start(Script::new().on("list_skus", [headers(503, &[])]));
    let builder = blocking::EloqApi::builder().api_key(KEY).base_url(server.url()).retry(quick().budget(100));
    let client = builder.build().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| run_blocking(&client, READ).unwrap_err());
        }
    });
    assert_eq!(server.recorded().requests.len(), 50 + 100 / 14);
}

/// Lets the client's runtime process the events of its other connections.
async fn process_events() {
    let other = Server::start(Script::new());
    run(&client(&other), Call::Info).await.unwrap();
}

const CALLS: [Call; 3] = [READ, CREATE, DELETE];

#[tokio::test]
pub async fn the_client_reconnects_to_a_server_that_restarts_on_the_same_port() {
    for call in CALLS {
        let server = Server::start(Script::new());
        let address = server.address();
        let client = client(&server);
        run(&client, Call::Info).await.unwrap();
        server.stop().await;
        let server = Server::start_at(address, Script::new());
        process_events().await;
        run(&client, call).await.unwrap();
        assert_eq!(server.recorded().requests.len(), 1, "{call:?}");
    }
}

/// A server that closes the connection after its account response, and a client whose pool holds this connection.
async fn closed_while_idle() -> (Server, EloqApi) {
    let gate = Gate::closed();
    let account = org_info().then(Step::Hold(gate.clone())).then(Step::Close);
    let server = Server::start(Script::new().on("org_info", [account]));
    let client = client(&server);
    run(&client, Call::Info).await.unwrap();
    gate.open();
    server.wait_until(|recorded| recorded.ended == 1).await;
    (server, client)
}

#[tokio::test]
pub async fn a_connection_closed_while_idle_fails_no_read_and_applies_no_write_twice() {
    for call in CALLS {
        let (server, client) = closed_while_idle().await;
        process_events().await;
        run(&client, call).await.unwrap();
        let recorded = server.recorded();
        assert_eq!((recorded.connections, recorded.requests.len()), (2, 2), "{:?}", recorded.requests);
    }
    // The client can send a request before it notices the closed connection.
    for call in CALLS {
        let (server, client) = closed_while_idle().await;
        let outcome = run(&client, call).await;
        match call {
            Call::Create { .. } => assert!(matches!(outcome, Ok(_) | Err(Error::OutcomeUnknown { .. })), "{outcome:?}"),
            _ => assert!(outcome.is_ok(), "{outcome:?}"),
        }
        let recorded = server.recorded();
        assert!(recorded.count("create_cluster") + recorded.count("delete_cluster") <= 1, "{:?}", recorded.requests);
    }
}
