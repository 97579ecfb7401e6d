//! What injected faults do to a client.

use super::{CLUSTERS, KV_ON_AWS, default_lab, lab, operations};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_fault_strikes_as_often_as_it_says_and_only_its_operation() {
    let lab = lab(Simulator::builder().cluster("orders")).await;
    lab.simulator
        .inject(Fault::on(Operation::DescribeCluster).after(1).times(2).status(503).header("Retry-After", "7"));
    let mut seen = Vec::new();
    for _ in 0..4 {
        assert_eq!(lab.get("org-info").await.0, 200);
        let path = format!("{CLUSTERS}/orders");
        let reply = lab.send(Method::GET, &path, None).await.unwrap();
        let wait = reply.headers().get("retry-after").is_some();
        seen.push((reply.status().as_u16(), wait));
        assert!(reply.json::<Value>().await.unwrap()["code"].is_number());
    }
    assert_eq!(seen, [(200, false), (503, true), (503, true), (200, false)]);
}

#[tokio::test]
async fn a_lasting_fault_strikes_every_path_until_it_is_cleared() {
    let lab = default_lab().await;
    lab.simulator.inject(Fault::on_any().always().status(500));
    for path in ["org-info", CLUSTERS, "nothing/here"] {
        assert_eq!(lab.get(path).await.0, 500, "{path}");
    }
    lab.simulator.clear_faults();
    assert_eq!(lab.get("org-info").await.0, 200);
}

#[tokio::test]
async fn a_canned_reply_arrives_as_it_is() {
    let lab = default_lab().await;
    let page = "<h1>Bad Gateway</h1>";
    lab.simulator.inject(Fault::on(Operation::OrgInfo).reply(502, "text/html", page));
    let reply = lab.send(Method::GET, "org-info", None).await.unwrap();
    assert_eq!(reply.status(), 502);
    assert_eq!(reply.headers()["content-type"], "text/html");
    assert_eq!(reply.bytes().await.unwrap(), page);
}

#[tokio::test]
async fn an_error_can_come_with_http_status_200() {
    let lab = default_lab().await;
    lab.simulator.inject(Fault::on(Operation::OrgInfo).code(5001, "internal error"));
    assert_eq!(lab.get("org-info").await, (200, json!({ "code": 5001, "message": "internal error", "data": null })));
}

#[tokio::test]
async fn a_request_answered_by_a_fault_is_applied_only_when_it_says_so() {
    let lab = default_lab().await;
    let create = Operation::CreateCluster;
    lab.simulator.inject(Fault::on(create).status(502));
    lab.simulator.inject(Fault::on(create).wrong_schema());
    lab.simulator.inject(Fault::on(create).status(502).applied());
    assert_eq!(lab.create("one").await.0, 502);
    let (status, body) = lab.create("two").await;
    assert_eq!((status, body.is_object()), (200, false));
    assert_eq!(lab.create("three").await.0, 502);
    assert_eq!(lab.simulator.cluster_names(), ["three"]);
}

#[tokio::test]
async fn a_connection_can_close_before_or_after_a_request_is_applied() {
    let lab = default_lab().await;
    let create = Operation::CreateCluster;
    lab.simulator.inject(Fault::on(create).drop_before());
    lab.simulator.inject(Fault::on(create).drop_after());
    for name in ["before", "after"] {
        let body = json!({ "clusterName": name, "region": "r", "skuId": KV_ON_AWS });
        assert!(lab.send(Method::POST, CLUSTERS, Some(body)).await.is_err());
    }
    assert_eq!(lab.simulator.cluster_names(), ["after"]);
    assert_eq!(operations(&lab.simulator.requests()), [Some(create), Some(create)]);
}

#[tokio::test]
async fn a_truncated_reply_promises_more_than_it_sends() {
    let lab = default_lab().await;
    for bytes in [0, 10] {
        lab.simulator.inject(Fault::on(Operation::OrgInfo).truncate(bytes));
        let mut reply = lab.send(Method::GET, "org-info", None).await.unwrap();
        assert_eq!(reply.status(), 200);
        assert!(reply.content_length().unwrap() > 100);
        let mut received = 0;
        let end = loop {
            match reply.chunk().await {
                Ok(Some(chunk)) => received += chunk.len(),
                end => break end,
            }
        };
        assert_eq!(received, bytes);
        assert!(end.is_err());
    }
}

#[tokio::test]
async fn a_large_reply_can_be_truncated_near_its_end() {
    let lab = default_lab().await;
    let size = 3_000_000;
    lab.simulator
        .inject(Fault::on(Operation::OrgInfo).reply(200, "application/json", vec![b' '; size]).truncate(size - 1));
    let reply = lab.send(Method::GET, "org-info", None).await.unwrap();
    assert_eq!(reply.content_length(), Some(size as u64));
    assert!(reply.bytes().await.is_err());
}

#[tokio::test]
async fn latency_comes_after_the_request_took_effect() {
    let lab = default_lab().await;
    let never = Duration::from_secs(3600);
    lab.simulator.inject(Fault::on(Operation::CreateCluster).latency(never));
    tokio::select! {
        biased;
        _ = lab.create("orders") => panic!("the reply did not wait"),
        () = async {
            while lab.simulator.cluster_names().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    assert_eq!(lab.simulator.cluster_names(), ["orders"]);
}
