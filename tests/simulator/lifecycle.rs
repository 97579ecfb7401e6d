//! The cluster lifecycle.

use super::{CLUSTERS, KV_ON_AWS, start, start_default};
use eloq_sdk::simulator::Simulator;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn create_and_delete_take_simulated_time() {
    let hour = Duration::from_secs(3600);
    let harness = start(Simulator::builder().provisioning(hour).deleting(hour)).await;
    assert_eq!(harness.create("orders").await, (200, json!({ "code": 200, "message": "success", "data": null })));
    let (_, created) = harness.describe("orders").await;
    assert_eq!(created["data"]["status"], "provisioning");
    assert_eq!(created["data"]["elb_addr"], "");
    assert_eq!(created["data"]["elb_port"], 0);
    assert_eq!(created["data"]["elb_state"], "provisioning");

    harness.simulator.advance(hour);
    let (_, available) = harness.describe("orders").await;
    assert_eq!(available["data"]["status"], "available");
    assert_eq!(available["data"]["elb_port"], 6379);
    assert_eq!(available["data"]["elb_state"], "active");
    let host = available["data"]["elb_addr"].as_str().unwrap();
    assert!(host.ends_with(".elb.us-west-1.example.com"), "{host}");

    assert_eq!(harness.delete("orders").await.0, 200);
    assert_eq!(harness.status_of("orders").await, "unavailable");
    assert_eq!(harness.delete("orders").await.0, 403);
    harness.simulator.advance(hour);
    assert_eq!(harness.describe("orders").await.0, 403);
    assert!(harness.simulator.cluster_names().is_empty());
}

#[tokio::test]
async fn an_unused_cluster_becomes_idle_and_start_makes_it_available() {
    let day = Duration::from_secs(86_400);
    let harness = start(Simulator::builder().cluster("orders").idle_after(Some(day))).await;
    assert_eq!(harness.status_of("orders").await, "available");
    harness.simulator.advance(day);
    assert_eq!(harness.status_of("orders").await, "idle");
    let (_, idle) = harness.describe("orders").await;
    assert_eq!(idle["data"]["elb_state"], "active");
    let (status, _) = harness.post(&format!("{CLUSTERS}/orders/start"), json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(harness.status_of("orders").await, "available");
}

#[tokio::test]
async fn shutdown_and_restart_change_the_status() {
    let harness = start(Simulator::builder().cluster("orders")).await;
    for (action, status) in [("shutdown", "idle"), ("restart", "available")] {
        let path = format!("{CLUSTERS}/orders/{action}");
        let (code, body) = harness.call(Method::POST, &path, None).await;
        assert_eq!((code, &body["code"]), (200, &json!(200)));
        assert_eq!(harness.status_of("orders").await, status);
    }
}

#[tokio::test]
async fn only_an_available_cluster_can_be_deleted() {
    let harness = start(Simulator::builder().cluster("orders")).await;
    for status in ["idle", "provisioning", "error", "a-new-status"] {
        harness.simulator.set_cluster_status("orders", status);
        assert_eq!(harness.status_of("orders").await, status);
        let (code, body) = harness.delete("orders").await;
        assert_eq!(code, 403);
        assert_eq!(body["message"], "cluster is not in an available state");
    }
    assert_eq!(harness.simulator.cluster_names(), ["orders"]);
}

#[tokio::test]
async fn a_missing_cluster_returns_403_on_describe_and_404_otherwise() {
    let harness = start_default().await;
    let (status, body) = harness.describe("missing").await;
    assert_eq!((status, &body["message"]), (403, &json!("cluster not found")));
    assert_eq!(harness.delete("missing").await.0, 404);
    for action in ["start", "shutdown", "restart", "configs/1/apply"] {
        let path = format!("{CLUSTERS}/missing/{action}");
        assert_eq!(harness.post(&path, json!({})).await.0, 404, "{action}");
    }
    let history = harness.get(&format!("{CLUSTERS}/missing/config-history")).await;
    assert_eq!(history.0, 404);
}

#[tokio::test]
async fn an_existing_name_returns_409_until_the_cluster_is_gone() {
    let harness = start(Simulator::builder().cluster("orders")).await;
    let (status, body) = harness.create("orders").await;
    assert_eq!(status, 409);
    assert!(body["message"].as_str().unwrap().contains("already exists"));
    harness.delete("orders").await;
    harness.simulator.advance(Duration::from_secs(1));
    assert_eq!(harness.create("orders").await.0, 200);
}

#[tokio::test]
async fn the_free_plan_allows_three_clusters_and_another_plan_more() {
    let harness = start(Simulator::builder().project(9, "second")).await;
    for name in ["one", "two", "three"] {
        assert_eq!(harness.create(name).await.0, 200);
    }
    let (status, body) = harness.create("four").await;
    assert_eq!(status, 403);
    assert!(body["message"].as_str().unwrap().contains("limit"));
    let elsewhere = json!({ "clusterName": "four", "region": "us-west-1", "skuId": KV_ON_AWS });
    let (status, _) = harness.post("orgs/1/projects/9/clusters", elsewhere).await;
    assert_eq!(status, 403, "the limit applies to the organization");

    let (status, _) = harness.post("billing/subscribe-plan", json!({ "planId": 2 })).await;
    assert_eq!(status, 200);
    assert_eq!(harness.create("four").await.0, 200);
}

#[tokio::test]
async fn an_applied_config_is_current_in_the_history() {
    let harness = start(Simulator::builder().cluster("orders")).await;
    let history = format!("{CLUSTERS}/orders/config-history");
    let current = |body: &Value| {
        let configs = body["data"].as_array().unwrap();
        configs.iter().find(|config| config["is_current"] == true).map(|config| config["config_id"].clone())
    };
    assert_eq!(current(&harness.get(&history).await.1), Some(json!(1)));
    let apply = format!("{CLUSTERS}/orders/configs/2/apply");
    assert_eq!(harness.call(Method::POST, &apply, None).await.0, 200);
    assert_eq!(current(&harness.get(&history).await.1), Some(json!(2)));
    let unknown = format!("{CLUSTERS}/orders/configs/77/apply");
    assert_eq!(harness.call(Method::POST, &unknown, None).await.0, 404);
}
