//! Effects of injected faults on clients.

use super::{CLUSTERS, KV_ON_AWS, operations, start, start_default};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_fault_applies_to_its_operation_the_set_number_of_times() {
    let harness = start(Simulator::builder().cluster("orders")).await;
    harness
        .simulator
        .inject(Fault::on(Operation::DescribeCluster).after(1).times(2).status(503).header("Retry-After", "7"));
    let mut seen = Vec::new();
    for _ in 0..4 {
        assert_eq!(harness.get("org-info").await.0, 200);
        let path = format!("{CLUSTERS}/orders");
        let response = harness.send(Method::GET, &path, None).await.unwrap();
        let has_retry_after = response.headers().get("retry-after").is_some();
        seen.push((response.status().as_u16(), has_retry_after));
        assert!(response.json::<Value>().await.unwrap()["code"].is_number());
    }
    assert_eq!(seen, [(200, false), (503, true), (503, true), (200, false)]);
}

#[tokio::test]
async fn a_permanent_fault_applies_to_every_path_until_cleared() {
    let harness = start_default().await;
    harness.simulator.inject(Fault::on_any().always().status(500));
    for path in ["org-info", CLUSTERS, "nothing/here"] {
        assert_eq!(harness.get(path).await.0, 500, "{path}");
    }
    harness.simulator.clear_faults();
    assert_eq!(harness.get("org-info").await.0, 200);
}

#[tokio::test]
async fn a_raw_response_arrives_unchanged() {
    let harness = start_default().await;
    let page = "<h1>Bad Gateway</h1>";
    harness.simulator.inject(Fault::on(Operation::OrgInfo).reply(502, "text/html", page));
    let response = harness.send(Method::GET, "org-info", None).await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["content-type"], "text/html");
    assert_eq!(response.bytes().await.unwrap(), page);
}

#[tokio::test]
async fn an_error_code_can_have_http_status_200() {
    let harness = start_default().await;
    harness.simulator.inject(Fault::on(Operation::OrgInfo).code(5001, "internal error"));
    assert_eq!(
        harness.get("org-info").await,
        (200, json!({ "code": 5001, "message": "internal error", "data": null }))
    );
}

#[tokio::test]
async fn a_fault_response_applies_the_request_only_with_applied() {
    let harness = start_default().await;
    let create = Operation::CreateCluster;
    harness.simulator.inject(Fault::on(create).status(502));
    harness.simulator.inject(Fault::on(create).wrong_schema());
    harness.simulator.inject(Fault::on(create).status(502).applied());
    assert_eq!(harness.create("one").await.0, 502);
    let (status, body) = harness.create("two").await;
    assert_eq!((status, body.is_object()), (200, false));
    assert_eq!(harness.create("three").await.0, 502);
    assert_eq!(harness.simulator.cluster_names(), ["three"]);
}

#[tokio::test]
async fn a_connection_can_close_before_or_after_applying_the_request() {
    let harness = start_default().await;
    let create = Operation::CreateCluster;
    harness.simulator.inject(Fault::on(create).drop_before());
    harness.simulator.inject(Fault::on(create).drop_after());
    for name in ["before", "after"] {
        let body = json!({ "clusterName": name, "region": "us-west-1", "skuId": KV_ON_AWS });
        assert!(harness.send(Method::POST, CLUSTERS, Some(body)).await.is_err());
    }
    assert_eq!(harness.simulator.cluster_names(), ["after"]);
    assert_eq!(operations(&harness.simulator.requests()), [Some(create), Some(create)]);
}

#[tokio::test]
async fn a_truncated_response_keeps_its_full_content_length() {
    let harness = start_default().await;
    for bytes in [0, 10] {
        harness.simulator.inject(Fault::on(Operation::OrgInfo).truncate(bytes));
        let mut response = harness.send(Method::GET, "org-info", None).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.content_length().unwrap() > 100);
        let mut received = 0;
        let end = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => received += chunk.len(),
                end => break end,
            }
        };
        assert_eq!(received, bytes);
        assert!(end.is_err());
    }
}

#[tokio::test]
async fn a_large_response_can_be_truncated_near_its_end() {
    let harness = start_default().await;
    let size = 3_000_000;
    harness
        .simulator
        .inject(Fault::on(Operation::OrgInfo).reply(200, "application/json", vec![b' '; size]).truncate(size - 1));
    let response = harness.send(Method::GET, "org-info", None).await.unwrap();
    assert_eq!(response.content_length(), Some(size as u64));
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn latency_starts_after_applying_the_request() {
    let harness = start_default().await;
    let hour = Duration::from_secs(3600);
    harness.simulator.inject(Fault::on(Operation::CreateCluster).latency(hour));
    tokio::select! {
        biased;
        _ = harness.create("orders") => panic!("the response was not delayed"),
        () = async {
            while harness.simulator.cluster_names().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    assert_eq!(harness.simulator.cluster_names(), ["orders"]);
}

#[tokio::test]
async fn a_fault_can_concern_one_cluster() {
    let simulator = Simulator::builder().cluster("a/b").cluster("other").start().await.unwrap();
    let client = simulator.client();
    simulator.inject(Fault::on_any().cluster("a/b").always().status(501));
    simulator.inject(Fault::on(Operation::CreateCluster).cluster("new").status(501));
    assert!(client.cluster("other").await.is_ok() && client.clusters().await.is_ok());
    assert_eq!(client.cluster("a/b").await.unwrap_err().status(), Some(501));
    assert!(client.cluster_create("newer", "us-west-1", 101).await.success);
    let created = client.cluster_create("new", "us-west-1", 101).await;
    assert_eq!(created.error().and_then(eloq_sdk::Error::status), Some(501));
}

#[tokio::test]
async fn a_list_can_lack_a_cluster_that_it_counts() {
    let simulator = Simulator::builder().cluster("a").cluster("b").start().await.unwrap();
    simulator.inject(Fault::on(Operation::ListClusters).hide_cluster("a"));
    let list = simulator.client().clusters().await.unwrap();
    assert_eq!((list.total, list.cluster_list.len(), list.cluster_list[0].cluster_name.as_str()), (2, 1, "b"));
}
