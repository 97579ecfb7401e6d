//! Many callers at once, futures that are dropped, several runtimes, and a server that comes back.

use std::time::Duration;

use eloq_sdk::{EloqApi, EloqApiBuilder, Error, RetryPolicy, blocking};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::canary::{self, KEY};
use crate::row::{CREATE, DELETE, READ, quick};
use crate::scripted::{Gate, Reply, Script, Server, Step, headers, ok, org_info, silence};
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

/// One connection for each request: five hundred of a kind would be more than a process may have open.
fn closing(reply: Reply) -> Reply {
    reply.header("connection", "close").then(Step::Close)
}

/// All outcomes of this many calls at once.
async fn at_once(client: &EloqApi, callers: usize) -> Vec<Result<serde_json::Value, Error>> {
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
    let outcomes = at_once(&client, 500).await;
    assert!(outcomes.iter().all(Result::is_ok), "{:?}", outcomes.iter().find(|outcome| outcome.is_err()));
    assert_eq!(server.seen().requests.len(), 500);
    canary::assert_log_clean();
}

/// What a budget of 500 allows to 500 callers of a service that only refuses.
async fn stampede(reply: Reply, cost: usize, variant: &str) {
    const CALLERS: usize = 500;
    const BUDGET: usize = 500;
    let bound = Duration::from_millis(100);
    let server = Server::start(Script::new().on("list_skus", [closing(reply)]));
    let policy = RetryPolicy::default().backoff(bound).throttled_backoff(bound).max_backoff(bound);
    let client = builder(&server)
        .retry(policy)
        .connect_timeout(Duration::from_secs(30))
        .deadline(Duration::from_secs(60))
        .build()
        .unwrap();
    let outcomes = at_once(&client, CALLERS).await;
    let requests = server.seen().requests.len();
    assert!(requests <= CALLERS + BUDGET / cost, "{requests} requests");
    assert!(requests > CALLERS, "nothing was tried again");
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
    assert!(waits.len() > count / 2, "the waits are spread: {waits:?}");
    canary::assert_log_clean();
}

#[tokio::test]
pub async fn five_hundred_callers_told_503_stay_within_the_budget() {
    stampede(headers(503, &[]), 14, "Server").await;
}

#[tokio::test]
pub async fn five_hundred_callers_told_429_stay_within_the_budget() {
    stampede(headers(429, &[]), 5, "RateLimit").await;
}

/// Begins a call, drops it once this many requests are on the wire, and gives what the server saw of it.
async fn dropped(client: &EloqApi, call: Call, server: &Server, requests: usize) {
    let began = async {
        server.until(|seen| seen.requests.len() == requests).await;
    };
    tokio::select! {
        biased;
        outcome = run(client, call) => panic!("it ended: {outcome:?}"),
        () = began => {}
    }
}

#[tokio::test]
pub async fn a_future_dropped_in_flight_closes_its_socket_and_sends_nothing_later() {
    let calls = [(READ, "list_skus", 1), (CREATE, "create_cluster", 2), (DELETE, "delete_cluster", 2)];
    for (call, operation, requests) in calls {
        let server = Server::start(Script::new().on(operation, [silence(), ok("null")]));
        let client = client(&server);
        dropped(&client, call, &server, requests).await;
        server.until(|seen| seen.ended == 1).await;
        // Long enough for whatever would be sent later.
        for _ in 0..20 {
            run(&client, READ).await.unwrap();
        }
        let later = if operation == "list_skus" { 1 } else { 0 };
        let seen = server.seen();
        assert_eq!(seen.requests.len(), requests + 20, "{:?}", seen.requests);
        assert_eq!(seen.count(operation), 1 + 20 * later);
        run(&client, call).await.unwrap();
    }
}

#[tokio::test]
pub async fn a_future_dropped_in_backoff_sends_nothing_later() {
    let busy = headers(503, &[]);
    let server = Server::start(Script::new().on("org_info", [busy]));
    let backoff = Duration::from_millis(20);
    let policy = RetryPolicy::default().backoff(backoff).max_backoff(backoff).max_retries(1000);
    let client = builder(&server).retry(policy.budget(u32::MAX)).build().unwrap();
    // The second request proves that the first answer was waited after.
    dropped(&client, Call::Info, &server, 2).await;
    let asked = server.seen().count("org_info");
    let other = Server::start(Script::new().on("list_skus", [headers(503, &[])]));
    let slow = RetryPolicy::default().backoff(backoff).max_backoff(backoff);
    for _ in 0..5 {
        builder(&other).retry(slow.clone()).build().unwrap().org().await.unwrap();
        run(&builder(&other).retry(slow.clone()).build().unwrap(), READ).await.unwrap_err();
    }
    assert_eq!(server.seen().count("org_info"), asked);
    run(&client, READ).await.unwrap();
}

#[test]
pub fn one_client_is_used_by_several_runtimes() {
    let server = Server::start(Script::new().on("list_skus", [ok("[]")]));
    let soon = builder(&server).timeout(Duration::from_secs(1)).deadline(Duration::from_secs(5));
    let client = soon.build().unwrap();
    // One after the other, each gone before the next.
    for _ in 0..3 {
        current_thread().block_on(run(&client, READ)).unwrap();
    }
    // Side by side, all of them driven.
    let runtimes: Vec<_> =
        (0..3).map(|_| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()).collect();
    for runtime in runtimes.iter().chain(&runtimes) {
        runtime.block_on(run(&client, READ)).unwrap();
    }
}

#[test]
pub fn a_connection_of_a_runtime_that_stands_still_ends_in_time() {
    let server = Server::start(Script::new().on("list_skus", [ok("[]")]));
    let soon = builder(&server).timeout(Duration::from_millis(200)).deadline(Duration::from_secs(5));
    let client = soon.build().unwrap();
    let (first, second) = (current_thread(), current_thread());
    first.block_on(run(&client, READ)).unwrap();
    // The first runtime lives and is driven by nobody; the kept connection is on it.
    match second.block_on(run(&client, READ)) {
        Ok(_) | Err(Error::Timeout { .. }) => {}
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
pub fn the_blocking_client_works_and_is_dropped_inside_a_runtime() {
    let server = Server::start(Script::new().on("list_skus", [headers(503, &[]), ok("[]")]));
    for mut flavour in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        flavour.enable_all().build().unwrap().block_on(async {
            let builder = blocking::EloqApi::builder().api_key(KEY).base_url(server.url()).retry(quick());
            let client = builder.build().unwrap();
            run_blocking(&client, READ).unwrap();
            drop(client);
        });
    }
    assert_eq!(server.seen().requests.len(), 3);
}

#[test]
pub fn the_blocking_client_of_many_threads_is_held_to_the_budget() {
    canary::capture();
    let server = Server::start(Script::new().on("list_skus", [headers(503, &[])]));
    let builder = blocking::EloqApi::builder().api_key(KEY).base_url(server.url()).retry(quick().budget(100));
    let client = builder.build().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| run_blocking(&client, READ).unwrap_err());
        }
    });
    assert_eq!(server.seen().requests.len(), 50 + 100 / 14);
}

/// Gives the client's runtime the occasion to hear what happened on its other connections.
async fn hear() {
    let other = Server::start(Script::new());
    run(&client(&other), Call::Info).await.unwrap();
}

const CALLS: [Call; 3] = [READ, CREATE, DELETE];

#[tokio::test]
pub async fn a_server_that_restarts_on_its_port_is_found_again() {
    for call in CALLS {
        let server = Server::start(Script::new());
        let address = server.address();
        let client = client(&server);
        run(&client, Call::Info).await.unwrap();
        server.stop().await;
        let server = Server::start_at(address, Script::new());
        hear().await;
        run(&client, call).await.unwrap();
        assert_eq!(server.seen().requests.len(), 1, "{call:?}");
    }
}

/// A server that closes the connection on which it told of the account, and a client whose connection that was.
async fn closed_while_idle() -> (Server, EloqApi) {
    let gate = Gate::closed();
    let account = org_info().then(Step::Hold(gate.clone())).then(Step::Close);
    let server = Server::start(Script::new().on("org_info", [account]));
    let client = client(&server);
    run(&client, Call::Info).await.unwrap();
    gate.open();
    server.until(|seen| seen.ended == 1).await;
    (server, client)
}

#[tokio::test]
pub async fn a_connection_closed_while_idle_fails_no_read_and_applies_no_write_twice() {
    for call in CALLS {
        let (server, client) = closed_while_idle().await;
        hear().await;
        run(&client, call).await.unwrap();
        let seen = server.seen();
        assert_eq!((seen.connections, seen.requests.len()), (2, 2), "{:?}", seen.requests);
    }
    // The request can be under way before the end of the connection is heard of.
    for call in CALLS {
        let (server, client) = closed_while_idle().await;
        let outcome = run(&client, call).await;
        match call {
            Call::Create { .. } => assert!(matches!(outcome, Ok(_) | Err(Error::OutcomeUnknown { .. })), "{outcome:?}"),
            _ => assert!(outcome.is_ok(), "{outcome:?}"),
        }
        let seen = server.seen();
        assert!(seen.count("create_cluster") + seen.count("delete_cluster") <= 1, "{:?}", seen.requests);
    }
}
