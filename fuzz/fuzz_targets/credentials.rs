//! Credentials decode exactly, or fail without revealing them; a connection URL decodes to its inputs.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eloq_sdk::schema::DescClusterDto;
use eloq_sdk::{ClusterCredentials, Error};
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use serde_json::json;
use url::Url;

type Input = (String, String, String, u16, u8, bool);

fuzz_target!(|input: Input| {
    let (mut user, mut password, host, port, module, encoded) = input;
    if encoded {
        (user, password) = (STANDARD.encode(user), STANDARD.encode(password));
    }
    let module = ["EloqKV", "EloqDoc", "EloqSQL", "EloqGraph"][usize::from(module % 4)];
    let cluster: DescClusterDto = serde_json::from_value(json!({
        "admin_user": user, "admin_password": password, "cloud_provider": "AWS", "cluster_deploy_mode": "m",
        "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": "c", "elb_addr": host, "elb_port": port,
        "elb_state": "active", "log_cpu_limit": 0.5, "log_memory_mi_limit": 512.0, "log_replica": 1,
        "module_type": module, "org_name": "o", "project_name": "p", "region": "r", "status": "available",
        "tx_cpu_limit": 1.0, "tx_memory_mi_limit": 1024.0, "tx_replica": 1, "version": "v", "zone": "z",
    }))
    .unwrap();
    let credentials = match ClusterCredentials::try_from(cluster) {
        Ok(credentials) => credentials,
        Err(Error::Decode { failure, .. }) => {
            assert!(["data.admin_user", "data.admin_password"].map(Some).contains(&failure.path()));
            return;
        }
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(STANDARD.encode(&credentials.username), user);
    assert_eq!(STANDARD.encode(credentials.password.expose()), password);
    let Ok(secret) = credentials.connection_url() else { return };
    let url = Url::parse(secret.expose()).unwrap();
    let decoded = |text| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    assert_eq!(decoded(url.username()), credentials.username);
    assert_eq!(decoded(url.password().unwrap_or_default()), credentials.password.expose());
    assert_eq!(url.port(), Some(port));
    assert!(url.path().is_empty() && url.query().is_none() && url.fragment().is_none());
});
