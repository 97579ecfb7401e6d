//! The `Simulator` handle: recorded requests, clients, drop.

use super::child::in_child;
use super::{CLUSTERS, Harness, operations, start, start_default};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use serde_json::Value;
use std::time::Duration;

#[tokio::test]
async fn requests_are_recorded_as_received() {
    let harness = start_default().await;
    harness.create("orders").await;
    harness.get("skus-by-args?type=serverless").await;
    harness.get("nothing/here").await;
    let requests = harness.simulator.requests();
    assert_eq!(operations(&requests), [Some(Operation::CreateCluster), Some(Operation::ListSkus), None]);
    assert_eq!(requests[0].method(), "POST");
    assert_eq!(requests[0].path(), format!("/api/v1/{CLUSTERS}"));
    assert_eq!(requests[0].header("Content-Type"), Some("application/json"));
    let body: Value = serde_json::from_slice(requests[0].body()).unwrap();
    assert_eq!(body["clusterName"], "orders");
    assert_eq!(requests[1].query(), Some("type=serverless"));
    harness.simulator.clear_requests();
    assert!(harness.simulator.requests().is_empty());
}

#[tokio::test]
async fn debug_of_a_recorded_request_omits_the_key() {
    let harness = start(Simulator::builder().api_key("canary-key")).await;
    harness.get("org-info").await;
    let request = harness.simulator.requests().remove(0);
    assert_eq!(request.header("authorization"), Some("canary-key"));
    assert!(!format!("{request:?} {:?}", harness.simulator).contains("canary"));
}

#[tokio::test]
async fn only_the_newest_requests_are_kept() {
    let harness = start(Simulator::builder().record_limit(2)).await;
    for page in 1..=3 {
        harness.get(&format!("{CLUSTERS}?page={page}")).await;
    }
    let queries: Vec<_> =
        harness.simulator.requests().iter().map(|request| request.query().unwrap().to_owned()).collect();
    assert_eq!(queries, ["page=2", "page=3"]);
}

#[tokio::test]
async fn each_client_sends_its_requests_to_the_simulator() {
    let simulator = Simulator::start().await.unwrap();
    simulator.client().info().await.unwrap();
    simulator.client().info().await.unwrap();
    assert_eq!(operations(&simulator.requests()), [Some(Operation::OrgInfo); 2]);
}

#[tokio::test]
async fn the_client_ignores_environment_variables() {
    let variables = [
        ("ELOQ_API_KEY", "another-key"),
        ("ELOQ_BASE_URL", "https://elsewhere.example.com"),
        ("ELOQ_ORG_ID", "9"),
        ("ELOQ_PROJECT_ID", "5"),
        ("ELOQ_TIMEOUT", "soon"),
        ("https_proxy", "no proxy"),
    ];
    in_child("handle::the_client_ignores_environment_variables", &variables, async || {
        let simulator = Simulator::builder().cluster("orders").start().await.unwrap();
        assert_eq!(simulator.client().clusters().await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test]
async fn dropping_the_simulator_closes_its_connections_and_port() {
    let Harness { simulator, http } = start_default().await;
    let url = format!("{}org-info", simulator.base_url());
    simulator.inject(Fault::on_any().latency(Duration::from_secs(3600)));
    let waiting = tokio::spawn(http.get(&url).send());
    while simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(simulator);
    assert!(waiting.await.unwrap().is_err());
    assert!(http.get(&url).send().await.is_err());
}

#[tokio::test]
async fn invalid_settings_fail_at_start() {
    let first = Simulator::start().await.unwrap();
    let port = first.base_url().split([':', '/']).nth(4).unwrap();
    for (builder, reason) in [
        (Simulator::builder().port(port.parse().unwrap()), port),
        (Simulator::builder().project(147, "again"), "147"),
        (Simulator::builder().no_projects().cluster("nowhere"), "project"),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(format!("{error:?}").starts_with("Config"), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
