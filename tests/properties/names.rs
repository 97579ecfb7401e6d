//! Cluster names in the paths of requests.

use std::time::Duration;

use eloq_sdk::Error;
use eloq_sdk::schema::ClusterName;
use eloq_sdk::simulator::Simulator;
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

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
