//! Contents of successful responses.

use super::{CLUSTERS, KV_ON_AWS, start, start_default};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eloq_sdk::simulator::{CodeStyle, Simulator};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

#[tokio::test]
async fn org_info_lists_all_projects() {
    let harness = start(Simulator::builder().project(9, "second")).await;
    let (status, body) = harness.get("org-info").await;
    assert_eq!((status, &body["code"]), (200, &json!(0)));
    let org = &body["data"]["org_info"];
    assert_eq!(org["org_id"], 1);
    let ids: Vec<_> = org["projects"].as_array().unwrap().iter().map(|p| p["project_id"].clone()).collect();
    assert_eq!(ids, [147, 9]);
}

#[tokio::test]
async fn pages_list_clusters_in_creation_order() {
    let names: Vec<String> = (1..=25).map(|n| format!("c{n}")).collect();
    let builder = names.iter().fold(Simulator::builder(), |builder, name| builder.cluster(name));
    let harness = start(builder).await;
    for (query, expected) in [
        ("?page=1&perPage=20", &names[..20]),
        ("?page=2&perPage=20", &names[20..]),
        ("?page=3&perPage=10", &names[20..]),
        ("?page=1&perPage=50", &names[..]),
        ("?page=9&perPage=20", &[]),
        ("?page=2147483647&perPage=50", &[]),
    ] {
        let (_, body) = harness.get(&format!("{CLUSTERS}{query}")).await;
        assert_eq!(body["data"]["total"], 25, "{query}");
        let page: Vec<&str> = body["data"]["cluster_list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["cluster_name"].as_str().unwrap())
            .collect();
        assert_eq!(page, expected, "{query}");
    }
}

#[tokio::test]
async fn sku_filters_select_matching_skus() {
    let harness = start_default().await;
    let (_, body) = harness.get("skus-by-args?type=dedicated&eloqModule=eloqdoc&cloudProvider=gcp").await;
    let skus = body["data"].as_array().unwrap();
    assert_eq!(skus.len(), 1);
    assert_eq!(skus[0]["sku_type"], "dedicated");
    assert_eq!(skus[0]["module_type"], "EloqDoc");
    assert_eq!(skus[0]["cloud_provider"], "GCP");
}

#[tokio::test]
async fn the_sku_sets_module_cloud_and_port_of_a_cluster() {
    let harness = start(Simulator::builder().provisioning(Duration::ZERO)).await;
    let (_, skus) = harness.get("skus-by-args?type=serverless&eloqModule=eloqdoc&cloudProvider=gcp").await;
    let body = json!({
        "clusterName": "documents", "region": "us-west1", "skuId": skus["data"][0]["sku_id"],
    });
    harness.post(CLUSTERS, body).await;
    let (_, body) = harness.describe("documents").await;
    let cluster = &body["data"];
    assert_eq!(cluster["module_type"], "EloqDoc");
    assert_eq!(cluster["cloud_provider"], "GCP");
    assert_eq!(cluster["elb_port"], 27017);
    assert_eq!(cluster["zone"], "us-west1-a");
}

#[tokio::test]
async fn a_required_zone_is_used() {
    let harness = start_default().await;
    let body = json!({
        "clusterName": "a", "region": "us-west-1", "skuId": KV_ON_AWS, "requiredZone": "us-west-1c",
    });
    harness.post(CLUSTERS, body).await;
    assert_eq!(harness.describe("a").await.1["data"]["zone"], "us-west-1c");
}

#[tokio::test]
async fn credentials_are_base64_and_need_url_escaping() {
    let harness = start(Simulator::builder().cluster("one").cluster("two")).await;
    let mut passwords = HashSet::new();
    for name in ["one", "two"] {
        let (_, body) = harness.describe(name).await;
        let decoded = |field: &str| {
            let raw = STANDARD.decode(body["data"][field].as_str().unwrap());
            String::from_utf8(raw.unwrap()).unwrap()
        };
        assert!(decoded("admin_user").starts_with("147-"));
        let password = decoded("admin_password");
        for special in ['@', '/', ':', '#', '%'] {
            assert!(password.contains(special), "{special}");
        }
        passwords.insert(password);
    }
    assert_eq!(passwords.len(), 2);
}

#[tokio::test]
async fn the_admin_password_can_be_set() {
    let harness = start(Simulator::builder().cluster("orders").admin_password("p@ss")).await;
    let (_, body) = harness.describe("orders").await;
    assert_eq!(body["data"]["admin_password"], STANDARD.encode("p@ss"));
}

#[tokio::test]
async fn an_encoded_name_is_decoded_exactly_once() {
    let name = "a/b%2Fc?d#e ☃";
    let encoded = "a%2Fb%252Fc%3Fd%23e%20%E2%98%83";
    let harness = start_default().await;
    harness.create(name).await;
    assert_eq!(harness.simulator.cluster_names(), [name]);
    let (status, body) = harness.describe(encoded).await;
    assert_eq!((status, &body["data"]["display_cluster_name"]), (200, &json!(name)));
    let last = harness.simulator.requests().pop().unwrap();
    assert_eq!(last.path(), format!("/api/v1/{CLUSTERS}/{encoded}"));
}

#[tokio::test]
async fn subscribing_changes_the_subscription() {
    let harness = start_default().await;
    let (_, plans) = harness.get("billing/list-pricing-plans").await;
    let before = harness.get("billing/user-subscription").await.1;
    assert_eq!(before["data"], plans["data"][0]);
    harness.post("billing/subscribe-plan", json!({ "planId": 2 })).await;
    let after = harness.get("billing/user-subscription").await.1;
    assert_eq!(after["data"], plans["data"][1]);
    let (status, body) = harness.post("billing/subscribe-plan", json!({ "planId": 99 })).await;
    assert_eq!((status, &body["message"]), (400, &json!("planId: no such plan")));
}

#[tokio::test]
async fn dashboards_can_be_filtered_by_product() {
    let harness = start_default().await;
    let count = |body: Value| body["data"].as_array().unwrap().len();
    let all = count(harness.get("dashboard/info").await.1);
    let kv = count(harness.get("dashboard/info?productType=EloqKV").await.1);
    assert!(0 < kv && kv < all, "{kv} of {all}");
}

#[tokio::test]
async fn code_styles_set_the_success_codes() {
    for (style, read, write) in [
        (CodeStyle::Writes200, 0, 200),
        (CodeStyle::Writes0, 200, 0),
        (CodeStyle::All0, 0, 0),
        (CodeStyle::All200, 200, 200),
    ] {
        let harness = start(Simulator::builder().codes(style)).await;
        assert_eq!(harness.get("org-info").await.1["code"], read, "{style:?}");
        assert_eq!(harness.create("a").await.1["code"], write, "{style:?}");
    }
}

#[tokio::test]
async fn empty_lists_can_be_null() {
    for (on, empty) in [(false, json!([])), (true, Value::Null)] {
        let harness = start(Simulator::builder().null_lists(on)).await;
        let (_, body) = harness.get(&format!("{CLUSTERS}?page=1&perPage=20")).await;
        assert_eq!(body["data"], json!({ "cluster_list": empty, "total": 0 }));
    }
}

#[tokio::test]
async fn org_info_can_omit_envelope_and_projects() {
    let harness = start(Simulator::builder().bare_org_info(true).no_projects()).await;
    let (_, body) = harness.get("org-info").await;
    assert_eq!(body.get("code"), None);
    assert_eq!(body["org_info"]["projects"], json!([]));
}

#[tokio::test]
async fn timestamps_have_the_formats_of_the_service() {
    let shape = |value: &Value| {
        let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
        value.as_str().unwrap().chars().map(digit).collect::<String>()
    };
    let harness = start(Simulator::builder().cluster("orders")).await;
    let (_, cluster) = harness.describe("orders").await;
    assert_eq!(shape(&cluster["data"]["create_at"]), "0000-00-00T00:00:00Z");
    let (_, user) = harness.get("org-info").await;
    assert_eq!(shape(&user["data"]["create_at"]), "0000-00-00 00:00:00");
}

#[tokio::test]
async fn a_newer_service_sends_new_fields_and_values_that_no_call_fails_on() {
    let simulator = Simulator::builder().cluster("c").extra_fields(true).unknown_values(true).start().await.unwrap();
    let client = simulator.client();
    let cluster = client.cluster("c").await.unwrap();
    assert_eq!((cluster.status.as_str(), cluster.module_type.as_str()), ("new-available", "new-EloqKV"));
    assert_eq!((cluster.elb_state.as_str(), cluster.cloud_provider.as_str()), ("new-active", "new-AWS"));
    assert_eq!(cluster.extra["new_field"]["nested"][1], "two");
    let list = client.clusters().await.unwrap();
    assert!(list.extra.contains_key("new_field") && list.cluster_list[0].extra.contains_key("new_field"));
    assert_eq!(client.get_skus("serverless".into(), "eloqkv".into(), "aws".into()).await.unwrap().len(), 1);
    assert!(client.cluster_create("new", "us-west-1", 101).await.success);
}

#[tokio::test]
async fn the_document_is_served_without_a_key() {
    let harness = start(Simulator::builder()).await;
    let url = harness.simulator.base_url().replace("/api/v1/", "/openapi.yaml");
    let response = harness.http.get(url).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/yaml".parse().unwrap())
    );
    assert_eq!(response.text().await.unwrap(), eloq_sdk::OPENAPI_YAML);
    assert!(harness.simulator.requests().is_empty());
}
