//! Decoding a body as an envelope never panics; a decoded envelope survives encoding and decoding.
#![no_main]

use eloq_sdk::schema::{ClusterList, DataBaseAndOveragePlan, DescClusterDto, Envelope, SkuInfo, UserOrgInfoDto};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn read<T: DeserializeOwned + Serialize>(body: &[u8]) -> Option<Envelope<T>> {
    let envelope: Envelope<T> = serde_json::from_slice(body).ok()?;
    let written = serde_json::to_string(&envelope).unwrap();
    let again: Envelope<T> = serde_json::from_str(&written).unwrap();
    assert_eq!(
        (again.code, &again.message, again.is_success()),
        (envelope.code, &envelope.message, envelope.is_success())
    );
    assert_eq!(serde_json::to_string(&again).unwrap(), written);
    Some(envelope)
}

fuzz_target!(|body: &[u8]| {
    if let Some(cluster) = read::<DescClusterDto>(body).and_then(|envelope| envelope.data) {
        let secret = cluster.admin_password.expose();
        // A short secret can occur in the output by chance.
        assert!(
            secret.len() < 16
                || cluster.admin_user.contains(secret)
                || !format!("{:?}", cluster.admin_password).contains(secret)
        );
        let _ = cluster.create_at.to_system_time();
    }
    read::<ClusterList>(body);
    read::<UserOrgInfoDto>(body);
    read::<Vec<SkuInfo>>(body);
    read::<Vec<DataBaseAndOveragePlan>>(body);
});
