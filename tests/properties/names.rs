//! Cluster names in the paths of requests, and which ones are valid.

use std::time::Duration;

use eloq_sdk::schema::ClusterName;
use eloq_sdk::simulator::Simulator;
use eloq_sdk::{Error, OPENAPI_YAML};
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;
use serde_json::{Value, json};

use crate::{Service, for_all};

/// Names with many characters that have a meaning in paths.
fn names() -> impl Strategy<Value = String> {
    let special =
        select(vec!["/", "%", "?", "#", ".", "..", "%2e", "%2F", "%00", "+", ";", ":", "@", "&", "=", " ", "é"]);
    let piece = prop_oneof![special.prop_map(str::to_owned), any::<char>().prop_map(String::from), "[a-z0-9-]{1,8}"];
    vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_name_stays_one_path_segment_and_arrives_unchanged() {
    let service =
        Service::start(Simulator::builder().cluster_limit(None).provisioning(Duration::ZERO).deleting(Duration::ZERO));
    let client = service.client_without_retries();
    service.block_on(client.clusters()).unwrap();
    for_all(200, names(), |name| {
        service.simulator.clear_requests();
        if ClusterName::try_from(name.as_str()).is_err() {
            let rejected = service.block_on(client.cluster(&name));
            prop_assert!(matches!(rejected, Err(Error::InvalidInput { .. })), "{rejected:?}");
            prop_assert_eq!(service.simulator.requests().len(), 0);
            return Ok(());
        }
        let created = service.block_on(client.cluster_create(&name, "us-west-1", 101));
        prop_assert!(created.success || matches!(created.error(), Some(Error::Conflict { .. })), "{created:?}");
        prop_assert_eq!(service.block_on(client.cluster(&name)).unwrap().display_cluster_name, name.clone());
        prop_assert!(service.block_on(client.cluster_config_history(&name)).is_ok());
        prop_assert!(service.block_on(client.cluster_apply_config(&name, 2)).success);
        prop_assert!(service.block_on(client.cluster_delete(&name)).success);

        let requests = service.simulator.requests();
        let sent: Value = serde_json::from_slice(requests[0].body()).unwrap();
        prop_assert_eq!(sent["clusterName"].as_str(), Some(name.as_str()));
        for (request, tail) in requests[1..].iter().zip(["", "/config-history", "/configs/2/apply", "/delete"]) {
            let rest = request.path().strip_prefix("/api/v1/orgs/1/projects/147/clusters/");
            let segment = rest.and_then(|rest| rest.strip_suffix(tail)).unwrap_or("/");
            prop_assert!(!segment.contains('/') && request.query().is_none(), "{}", request.path());
            let decoded = percent_decode_str(segment).decode_utf8().unwrap();
            prop_assert_eq!(&decoded, name.as_str());
        }
        Ok(())
    });
}

/// Names of characters at the edges of the rules, and with lengths there.
fn names_at_the_edges() -> impl Strategy<Value = String> {
    let edge = select(vec![
        ".", "..", "\\", "/", "a", "\0", "\n", "\u{1f}", " ", "~", "\u{7f}", "\u{80}", "\u{9f}", "\u{a0}", "é", "名",
    ]);
    let short =
        vec(prop_oneof![4 => edge.clone().prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)], 0..5);
    let long = (edge, 80..257_usize).prop_map(|(piece, count)| piece.repeat(count));
    prop_oneof![3 => short.prop_map(|pieces| pieces.concat()), 1 => long]
}

#[test]
fn the_document_the_type_and_the_simulator_accept_the_same_names() {
    let document: Value = yaml_serde::from_str(OPENAPI_YAML).unwrap();
    let schema = &document["components"]["schemas"]["ClusterName"];
    let pattern = schema["pattern"].as_str().unwrap();
    assert!(pattern.is_ascii() && !pattern.contains("(?"), "{pattern}");
    let pattern = Regex::new(pattern).unwrap();
    let lengths = schema["minLength"].as_u64().unwrap()..=schema["maxLength"].as_u64().unwrap();

    let service = Service::start(Simulator::builder().cluster_limit(None));
    let create = format!("{}orgs/1/projects/147/clusters", service.simulator.base_url());
    let client = crate::plain_client::plain_client();
    for_all(1000, names_at_the_edges(), |name| {
        let by_schema = lengths.contains(&(name.chars().count() as u64)) && pattern.is_match(&name);
        // Only the description of the schema has these two rules.
        let by_description = name.len() <= 255 && !name.contains(|c| ('\u{80}'..='\u{9f}').contains(&c));
        let valid = ClusterName::try_from(name.as_str()).is_ok();
        prop_assert_eq!(valid, by_schema && by_description);

        let body = json!({ "clusterName": name, "region": "us-west-1", "skuId": 101 });
        let request = client.post(&create).header("authorization", service.simulator.api_key()).json(&body);
        let status = service.block_on(request.send()).unwrap().status();
        prop_assert_eq!(status == 400, !valid, "{}", status);
        Ok(())
    });
}
