//! Who may ask, and what is refused before the cloud is touched.

use super::{CLUSTERS, KV_ON_AWS, default_lab, lab};
use eloq_sdk::simulator::Simulator;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_missing_or_wrong_key_is_401() {
    let lab = default_lab().await;
    let refused = lab.http.get(format!("{}org-info", lab.simulator.base_url())).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "code": 401, "message": "invalid token", "data": null })
    );
    assert_eq!(lab.authorized_by("wrong").await, 401);
}

#[tokio::test]
async fn keys_come_bare_or_as_bearer_and_tokens_as_bearer_only() {
    let lab = lab(Simulator::builder().api_key("the-key").token("the-token")).await;
    for (authorization, status) in [
        ("the-key", 200),
        ("Bearer the-key", 200),
        ("bearer the-token", 200),
        ("the-token", 401),
        ("Basic the-key", 401),
        ("Bearer ", 401),
    ] {
        assert_eq!(lab.authorized_by(authorization).await, status, "{authorization}");
    }
}

#[tokio::test]
async fn another_organization_or_project_is_403() {
    let lab = default_lab().await;
    for path in ["orgs/2/projects/147/clusters", "orgs/1/projects/2/clusters"] {
        assert_eq!(lab.get(path).await.0, 403, "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_are_404_and_wrong_methods_405() {
    let lab = default_lab().await;
    assert_eq!(lab.get("nothing/here").await.0, 404);
    let reply = lab.send(Method::PUT, CLUSTERS, None).await.unwrap();
    assert_eq!(reply.status(), 405);
    assert_eq!(reply.headers()["allow"], "GET, POST");
    assert_eq!(reply.json::<Value>().await.unwrap()["code"], 405);
}

#[tokio::test]
async fn bad_parameters_are_400_and_named() {
    let lab = default_lab().await;
    for (path, field) in [
        (format!("{CLUSTERS}?page=0"), "page"),
        (format!("{CLUSTERS}?page=x"), "page"),
        (format!("{CLUSTERS}?page=2147483648"), "page"),
        (format!("{CLUSTERS}?perPage=0"), "perPage"),
        (format!("{CLUSTERS}?perPage=51"), "perPage"),
        ("orgs/x/projects/147/clusters".into(), "orgId"),
        (format!("{CLUSTERS}/%FF"), "clusterName"),
        (format!("{CLUSTERS}/a%5Cb"), "clusterName"),
        (format!("{CLUSTERS}/a%C2%85"), "clusterName"),
        ("skus-by-args?type=SERVERLESS&eloqModule=eloqkv&cloudProvider=aws".into(), "type"),
        ("skus-by-args?type=serverless&eloqModule=mysql&cloudProvider=aws".into(), "eloqModule"),
        ("skus-by-args?type=serverless&eloqModule=eloqkv&cloudProvider=".into(), "cloudProvider"),
        ("skus-by-args?type=serverless&eloqModule=eloqkv".into(), "cloudProvider"),
    ] {
        let (status, body) = lab.get(&path).await;
        assert_eq!((status, &body["code"]), (400, &json!(400)), "{path}");
        let message = body["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: ")), "{message}");
    }
}

#[tokio::test]
async fn bad_create_bodies_are_400_and_name_the_field() {
    let lab = default_lab().await;
    let good = json!({ "clusterName": "a", "region": "r", "skuId": KV_ON_AWS });
    for (field, value) in [
        ("clusterName", json!("")),
        ("clusterName", json!("n".repeat(256))),
        ("clusterName", json!("..")),
        ("clusterName", json!("a\\b")),
        ("clusterName", json!("a\u{7f}")),
        ("clusterName", json!(7)),
        ("clusterName", Value::Null),
        ("region", json!("")),
        ("region", json!(["us-west-1"])),
        ("skuId", json!("101")),
        ("skuId", json!(1.5)),
        ("skuId", json!(-1)),
        ("requiredZone", json!(1)),
        ("requiredZone", json!("")),
        ("requiredZone", Value::Null),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let (status, reply) = lab.post(CLUSTERS, body.clone()).await;
        assert_eq!(status, 400, "{body}");
        let message = reply["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: ")), "{message}");
    }
    for field in ["clusterName", "region", "skuId"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(field);
        let (status, reply) = lab.post(CLUSTERS, body).await;
        assert_eq!(status, 400);
        assert_eq!(reply["message"], format!("{field}: is required"));
    }
    assert_eq!(lab.post(CLUSTERS, json!([])).await.0, 400);
    assert!(lab.simulator.cluster_names().is_empty());
}

#[tokio::test]
async fn malformed_json_is_400_and_a_huge_body_413() {
    let lab = default_lab().await;
    for (body, status) in [("{".to_owned(), 400), ("[".repeat(100_000), 400), (" ".repeat(2 * 1024 * 1024), 413)] {
        let reply = lab
            .http
            .post(format!("{}{CLUSTERS}", lab.simulator.base_url()))
            .header("Authorization", lab.simulator.api_key())
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), status);
        assert_eq!(reply.json::<Value>().await.unwrap()["code"], status);
    }
}

#[tokio::test]
async fn unknown_fields_in_a_create_are_ignored() {
    let lab = default_lab().await;
    let body = json!({ "clusterName": "a", "region": "r", "skuId": KV_ON_AWS, "colour": { "of": "it" } });
    assert_eq!(lab.post(CLUSTERS, body).await.0, 200);
}
