//! Authorization and request validation.

use super::{CLUSTERS, KV_ON_AWS, start, start_default};
use eloq_sdk::simulator::Simulator;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_missing_or_wrong_key_returns_401() {
    let harness = start_default().await;
    let response = harness.http.get(format!("{}org-info", harness.simulator.base_url())).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({ "code": 401, "message": "invalid token", "data": null })
    );
    assert_eq!(harness.authorized_by("wrong").await, 401);
}

#[tokio::test]
async fn keys_are_accepted_bare_or_as_bearer_and_tokens_only_as_bearer() {
    let harness = start(Simulator::builder().api_key("the-key").token("the-token")).await;
    for (authorization, status) in [
        ("the-key", 200),
        ("Bearer the-key", 200),
        ("bearer the-token", 200),
        ("the-token", 401),
        ("Basic the-key", 401),
        ("Bearer ", 401),
    ] {
        assert_eq!(harness.authorized_by(authorization).await, status, "{authorization}");
    }
}

#[tokio::test]
async fn another_organization_or_project_returns_403() {
    let harness = start_default().await;
    for path in ["orgs/2/projects/147/clusters", "orgs/1/projects/2/clusters"] {
        assert_eq!(harness.get(path).await.0, 403, "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_return_404_and_wrong_methods_405() {
    let harness = start_default().await;
    assert_eq!(harness.get("nothing/here").await.0, 404);
    let response = harness.send(Method::PUT, CLUSTERS, None).await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET, POST");
    assert_eq!(response.json::<Value>().await.unwrap()["code"], 405);
}

#[tokio::test]
async fn invalid_parameters_return_400_and_name_the_parameter() {
    let harness = start_default().await;
    for (path, field) in [
        (CLUSTERS.into(), "page"),
        (format!("{CLUSTERS}?perPage=20"), "page"),
        (format!("{CLUSTERS}?page=0&perPage=20"), "page"),
        (format!("{CLUSTERS}?page=x&perPage=20"), "page"),
        (format!("{CLUSTERS}?page=2147483648&perPage=20"), "page"),
        (format!("{CLUSTERS}?page=1"), "perPage"),
        (format!("{CLUSTERS}?page=1&perPage=0"), "perPage"),
        (format!("{CLUSTERS}?page=1&perPage=51"), "perPage"),
        ("orgs/x/projects/147/clusters".into(), "orgId"),
        (format!("{CLUSTERS}/%FF"), "clusterName"),
        (format!("{CLUSTERS}/a%5Cb"), "clusterName"),
        (format!("{CLUSTERS}/a%C2%85"), "clusterName"),
        ("skus-by-args?type=SERVERLESS&eloqModule=eloqkv&cloudProvider=aws".into(), "type"),
        ("skus-by-args?type=serverless&eloqModule=mysql&cloudProvider=aws".into(), "eloqModule"),
        ("skus-by-args?type=serverless&eloqModule=eloqkv&cloudProvider=".into(), "cloudProvider"),
        ("skus-by-args?type=serverless&eloqModule=eloqkv".into(), "cloudProvider"),
    ] {
        let (status, body) = harness.get(&path).await;
        assert_eq!((status, &body["code"]), (400, &json!(400)), "{path}");
        let message = body["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: ")), "{message}");
    }
}

#[tokio::test]
async fn invalid_create_requests_return_400_and_name_the_field() {
    let harness = start_default().await;
    let valid = json!({ "clusterName": "a", "region": "us-west-1", "skuId": KV_ON_AWS });
    for (field, value) in [
        ("clusterName", json!("")),
        ("clusterName", json!("n".repeat(256))),
        ("clusterName", json!("é".repeat(128))),
        ("clusterName", json!("..")),
        ("clusterName", json!("a\\b")),
        ("clusterName", json!("a\u{7f}")),
        ("clusterName", json!(7)),
        ("clusterName", Value::Null),
        ("region", json!("")),
        ("region", json!(["us-west-1"])),
        ("region", json!("US-WEST-1")),
        ("region", json!("us-central1")),
        ("skuId", json!("101")),
        ("skuId", json!(1.5)),
        ("skuId", json!(-1)),
        ("requiredZone", json!(1)),
        ("requiredZone", json!("")),
        ("requiredZone", Value::Null),
    ] {
        let mut body = valid.clone();
        body[field] = value;
        let (status, response) = harness.post(CLUSTERS, body.clone()).await;
        assert_eq!(status, 400, "{body}");
        let message = response["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: ")), "{message}");
    }
    for field in ["clusterName", "region", "skuId"] {
        let mut body = valid.clone();
        body.as_object_mut().unwrap().remove(field);
        let (status, response) = harness.post(CLUSTERS, body).await;
        assert_eq!(status, 400);
        assert_eq!(response["message"], format!("{field}: is required"));
    }
    assert_eq!(harness.post(CLUSTERS, json!([])).await.0, 400);
    assert!(harness.simulator.cluster_names().is_empty());
}

#[tokio::test]
async fn a_region_belongs_to_the_cloud_of_the_sku() {
    const AWS: [&str; 4] = ["us-west-1", "us-east-1", "eu-central-1", "ap-northeast-1"];
    const GCP: [&str; 4] = ["us-central1", "us-west1", "europe-west1", "asia-northeast1"];
    let harness = start(Simulator::builder().cluster_limit(None)).await;
    for sku in [101, 102, 103, 104, 201, 202, 203, 204] {
        let is_aws = sku % 2 == 1;
        for (region, is_allowed) in
            AWS.map(|region| (region, is_aws)).into_iter().chain(GCP.map(|region| (region, !is_aws)))
        {
            let body = json!({ "clusterName": format!("{sku}-{region}"), "region": region, "skuId": sku });
            let (status, response) = harness.post(CLUSTERS, body).await;
            assert_eq!(status == 200, is_allowed, "{sku} {region}: {response}");
            if !is_allowed {
                assert_eq!(status, 400);
                let cloud = if is_aws { "AWS" } else { "GCP" };
                let regions = if is_aws { AWS } else { GCP }.join(", ");
                let expected = format!("region: SKU {sku} is on {cloud}: must be one of {regions}");
                assert_eq!(response["message"], expected);
            }
        }
    }
}

#[tokio::test]
async fn malformed_json_returns_400_and_a_huge_body_413() {
    let harness = start_default().await;
    for (body, status) in [("{".to_owned(), 400), ("[".repeat(100_000), 400), (" ".repeat(2 * 1024 * 1024), 413)] {
        let response = harness
            .http
            .post(format!("{}{CLUSTERS}", harness.simulator.base_url()))
            .header("Authorization", harness.simulator.api_key())
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.json::<Value>().await.unwrap()["code"], status);
    }
}

#[tokio::test]
async fn unknown_fields_in_a_create_request_are_ignored() {
    let harness = start_default().await;
    let body = json!({ "clusterName": "a", "region": "us-west-1", "skuId": KV_ON_AWS, "colour": { "of": "it" } });
    assert_eq!(harness.post(CLUSTERS, body).await.0, 200);
}
