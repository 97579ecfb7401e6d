//! How clusters come, change and go.

use super::{CLUSTERS, KV_ON_AWS, default_lab, lab};
use eloq_sdk::simulator::Simulator;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_cluster_lives_from_create_to_gone_by_the_clouds_clock() {
    let hour = Duration::from_secs(3600);
    let lab = lab(Simulator::builder().provisioning(hour).deleting(hour)).await;
    assert_eq!(lab.create("orders").await, (200, json!({ "code": 200, "message": "success", "data": null })));
    let (_, young) = lab.describe("orders").await;
    assert_eq!(young["data"]["status"], "provisioning");
    assert_eq!(young["data"]["elb_addr"], "");
    assert_eq!(young["data"]["elb_port"], 0);
    assert_eq!(young["data"]["elb_state"], "provisioning");

    lab.simulator.advance(hour);
    let (_, grown) = lab.describe("orders").await;
    assert_eq!(grown["data"]["status"], "available");
    assert_eq!(grown["data"]["elb_port"], 6379);
    assert_eq!(grown["data"]["elb_state"], "active");
    let host = grown["data"]["elb_addr"].as_str().unwrap();
    assert!(host.ends_with(".elb.us-west-1.example.com"), "{host}");

    assert_eq!(lab.delete("orders").await.0, 200);
    assert_eq!(lab.status_of("orders").await, "unavailable");
    assert_eq!(lab.delete("orders").await.0, 403);
    lab.simulator.advance(hour);
    assert_eq!(lab.describe("orders").await.0, 403);
    assert!(lab.simulator.cluster_names().is_empty());
}

#[tokio::test]
async fn an_unused_cluster_turns_idle_and_wakes_on_start() {
    let day = Duration::from_secs(86_400);
    let lab = lab(Simulator::builder().cluster("orders").idle_after(Some(day))).await;
    assert_eq!(lab.status_of("orders").await, "available");
    lab.simulator.advance(day);
    assert_eq!(lab.status_of("orders").await, "idle");
    let (_, idle) = lab.describe("orders").await;
    assert_eq!(idle["data"]["elb_state"], "active");
    let (status, _) = lab.post(&format!("{CLUSTERS}/orders/start"), json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(lab.status_of("orders").await, "available");
}

#[tokio::test]
async fn shutdown_and_restart_change_the_status() {
    let lab = lab(Simulator::builder().cluster("orders")).await;
    for (action, status) in [("shutdown", "idle"), ("restart", "available")] {
        let path = format!("{CLUSTERS}/orders/{action}");
        let (code, body) = lab.call(Method::POST, &path, None).await;
        assert_eq!((code, &body["code"]), (200, &json!(200)));
        assert_eq!(lab.status_of("orders").await, status);
    }
}

#[tokio::test]
async fn only_an_available_cluster_can_be_deleted() {
    let lab = lab(Simulator::builder().cluster("orders")).await;
    for status in ["idle", "provisioning", "error", "a-new-status"] {
        lab.simulator.set_cluster_status("orders", status);
        assert_eq!(lab.status_of("orders").await, status);
        let (code, body) = lab.delete("orders").await;
        assert_eq!(code, 403);
        assert_eq!(body["message"], "cluster is not in an available state");
    }
    assert_eq!(lab.simulator.cluster_names(), ["orders"]);
}

#[tokio::test]
async fn a_missing_cluster_is_403_on_describe_and_404_on_the_rest() {
    let lab = default_lab().await;
    let (status, body) = lab.describe("ghost").await;
    assert_eq!((status, &body["message"]), (403, &json!("cluster not found")));
    assert_eq!(lab.delete("ghost").await.0, 404);
    for action in ["start", "shutdown", "restart", "configs/1/apply"] {
        let path = format!("{CLUSTERS}/ghost/{action}");
        assert_eq!(lab.post(&path, json!({})).await.0, 404, "{action}");
    }
    let history = lab.get(&format!("{CLUSTERS}/ghost/config-history")).await;
    assert_eq!(history.0, 404);
}

#[tokio::test]
async fn a_taken_name_is_409_until_the_cluster_is_gone() {
    let lab = lab(Simulator::builder().cluster("orders")).await;
    let (status, body) = lab.create("orders").await;
    assert_eq!(status, 409);
    assert!(body["message"].as_str().unwrap().contains("already exists"));
    lab.delete("orders").await;
    lab.simulator.advance(Duration::from_secs(1));
    assert_eq!(lab.create("orders").await.0, 200);
}

#[tokio::test]
async fn the_free_plan_has_three_clusters_and_another_plan_has_more() {
    let lab = lab(Simulator::builder().project(9, "second")).await;
    for name in ["one", "two", "three"] {
        assert_eq!(lab.create(name).await.0, 200);
    }
    let (status, body) = lab.create("four").await;
    assert_eq!(status, 403);
    assert!(body["message"].as_str().unwrap().contains("limit"));
    let elsewhere = json!({ "clusterName": "four", "region": "us-west-1", "skuId": KV_ON_AWS });
    let (status, _) = lab.post("orgs/1/projects/9/clusters", elsewhere).await;
    assert_eq!(status, 403, "the limit is the organization's");

    let (status, _) = lab.post("billing/subscribe-plan", json!({ "planId": 2 })).await;
    assert_eq!(status, 200);
    assert_eq!(lab.create("four").await.0, 200);
}

#[tokio::test]
async fn a_config_can_be_applied_and_shows_in_the_history() {
    let lab = lab(Simulator::builder().cluster("orders")).await;
    let history = format!("{CLUSTERS}/orders/config-history");
    let current = |body: &Value| {
        let configs = body["data"].as_array().unwrap();
        configs.iter().find(|config| config["is_current"] == true).map(|config| config["config_id"].clone())
    };
    assert_eq!(current(&lab.get(&history).await.1), Some(json!(1)));
    let apply = format!("{CLUSTERS}/orders/configs/2/apply");
    assert_eq!(lab.call(Method::POST, &apply, None).await.0, 200);
    assert_eq!(current(&lab.get(&history).await.1), Some(json!(2)));
    let unknown = format!("{CLUSTERS}/orders/configs/77/apply");
    assert_eq!(lab.call(Method::POST, &unknown, None).await.0, 404);
}
