//! What the handle of a simulator does: records, clients, its end.

use super::child::in_child;
use super::{CLUSTERS, Lab, default_lab, lab, operations};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use serde_json::Value;
use std::time::Duration;

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let lab = default_lab().await;
    lab.create("orders").await;
    lab.get("skus-by-args?type=serverless").await;
    lab.get("nothing/here").await;
    let requests = lab.simulator.requests();
    assert_eq!(operations(&requests), [Some(Operation::CreateCluster), Some(Operation::ListSkus), None]);
    assert_eq!(requests[0].method(), "POST");
    assert_eq!(requests[0].path(), format!("/api/v1/{CLUSTERS}"));
    assert_eq!(requests[0].header("Content-Type"), Some("application/json"));
    let body: Value = serde_json::from_slice(requests[0].body()).unwrap();
    assert_eq!(body["clusterName"], "orders");
    assert_eq!(requests[1].query(), Some("type=serverless"));
    lab.simulator.clear_requests();
    assert!(lab.simulator.requests().is_empty());
}

#[tokio::test]
async fn a_recorded_request_does_not_print_the_key() {
    let lab = lab(Simulator::builder().api_key("canary-key")).await;
    lab.get("org-info").await;
    let request = lab.simulator.requests().remove(0);
    assert_eq!(request.header("authorization"), Some("canary-key"));
    assert!(!format!("{request:?} {:?}", lab.simulator).contains("canary"));
}

#[tokio::test]
async fn only_the_newest_requests_are_kept() {
    let lab = lab(Simulator::builder().record_limit(2)).await;
    for page in 1..=3 {
        lab.get(&format!("{CLUSTERS}?page={page}")).await;
    }
    let queries: Vec<_> = lab.simulator.requests().iter().map(|request| request.query().unwrap().to_owned()).collect();
    assert_eq!(queries, ["page=2", "page=3"]);
}

#[tokio::test]
async fn the_client_is_pointed_at_the_simulator() {
    let simulator = Simulator::start().await.unwrap();
    simulator.client().info().await.unwrap();
    simulator.client().info().await.unwrap();
    assert_eq!(operations(&simulator.requests()), [Some(Operation::OrgInfo); 2]);
}

#[tokio::test]
async fn its_client_does_not_depend_on_the_environment() {
    let variables = [
        ("ELOQ_API_KEY", "another-key"),
        ("ELOQ_BASE_URL", "https://elsewhere.example.com"),
        ("ELOQ_ORG_ID", "9"),
        ("ELOQ_PROJECT_ID", "5"),
        ("ELOQ_TIMEOUT", "soon"),
        ("https_proxy", "no proxy"),
    ];
    in_child("handle::its_client_does_not_depend_on_the_environment", &variables, async || {
        let simulator = Simulator::builder().cluster("orders").start().await.unwrap();
        assert_eq!(simulator.client().clusters().await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test]
async fn dropping_it_closes_open_connections_and_the_port() {
    let Lab { simulator, http } = default_lab().await;
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
async fn settings_that_cannot_work_are_refused() {
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
