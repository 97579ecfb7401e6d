//! Cluster credentials: their decoding, and how other parsers read their connection URLs.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eloq_sdk::schema::DescClusterDto;
use eloq_sdk::simulator::Simulator;
use eloq_sdk::{ClusterCredentials, Error};
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{Service, describe_response, described, for_all};

fn credentials(module: &str, user: &str, password: &str, host: &str, port: u16) -> ClusterCredentials {
    let cluster = described(module, &STANDARD.encode(user), &STANDARD.encode(password), host, port);
    serde_json::from_value::<DescClusterDto>(cluster).unwrap().try_into().unwrap()
}

fn hosts() -> impl Strategy<Value = String> {
    let name = "[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?(\\.[a-z]([a-z0-9-]{0,8}[a-z0-9])?){1,3}";
    // The redis crate connects to no wildcard address.
    let address = any::<IpAddr>().prop_filter("a wildcard", |address| !address.to_canonical().is_unspecified());
    prop_oneof![name, address.prop_map(|address| address.to_string())]
}

/// Whether two spellings mean the same host; an IPv6 address has several.
fn same_host(one: &str, other: &str) -> bool {
    match (one.parse::<IpAddr>(), other.parse::<IpAddr>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Non-empty texts with many characters that have a meaning in URLs.
fn texts() -> impl Strategy<Value = String> {
    let special =
        prop_oneof!["[@/:#%?&=+ \\[\\]\\\\]", any::<char>().prop_map(String::from), "[a-zA-Z0-9]{1,6}", "%[0-9A-F]{2}"];
    vec(special, 1..16).prop_map(|parts| parts.concat())
}

#[test]
fn the_redis_crate_parses_a_redis_url_to_its_parts() {
    use redis::{ConnectionAddr, IntoConnectionInfo};
    for_all(500, (texts(), texts(), hosts(), 1..=u16::MAX), |(user, password, host, port)| {
        let url = credentials("EloqKV", &user, &password, &host, port).connection_url().unwrap();
        let info = url.expose().into_connection_info().unwrap();
        prop_assert_eq!(info.redis_settings().username(), Some(user.as_str()));
        prop_assert_eq!(info.redis_settings().password(), Some(password.as_str()));
        let ConnectionAddr::Tcp(to, at) = info.addr() else { return Err(TestCaseError::fail("no TCP")) };
        prop_assert!(same_host(to, &host) && *at == port, "{}:{}", to, at);
        Ok(())
    });
}

#[test]
fn a_url_parser_parses_a_mongodb_or_mysql_url_to_its_parts() {
    let modules = select(vec![("EloqDoc", "mongodb"), ("EloqSQL", "mysql")]);
    let values = (modules, texts(), texts(), hosts(), 1..=u16::MAX);
    for_all(500, values, |((module, scheme), user, password, host, port)| {
        let secret = credentials(module, &user, &password, &host, port).connection_url().unwrap();
        let url = url::Url::parse(secret.expose()).unwrap();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        prop_assert_eq!(url.scheme(), scheme);
        prop_assert_eq!(decoded(url.username()), user);
        prop_assert_eq!(url.password().map(decoded), Some(password));
        prop_assert!(same_host(url.host_str().unwrap().trim_matches(['[', ']']), &host));
        prop_assert_eq!(url.port(), Some(port));
        prop_assert!(url.path().is_empty() && url.query().is_none() && url.fragment().is_none());
        // Drivers with their own parsers split at other characters, without the rules of RFC 3986.
        let user_info = secret.expose().split_once("://").unwrap().1.rsplit_once('@').unwrap().0;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%:".contains(c);
        prop_assert!(user_info.chars().all(plain) && user_info.matches(':').count() == 1);
        Ok(())
    });
}

#[test]
fn credentials_are_decoded_once_or_rejected_without_being_quoted() {
    let service = Service::start(Simulator::builder().record_limit(0));
    let client = service.client_without_retries();
    let encoded = prop_oneof![
        4 => texts().prop_map(|text| STANDARD.encode(text)),
        2 => vec(any::<u8>(), 0..24).prop_map(|bytes| STANDARD.encode(bytes)),
        2 => "[A-Za-z0-9+/=_ \n-]{0,24}",
        1 => any::<String>(),
    ];
    for_all(250, (encoded.clone(), encoded), |(user, password)| {
        service.simulator.inject(describe_response(&described("EloqKV", &user, &password, "h.example", 6379)));
        match service.block_on(client.cluster_credentials("c")) {
            Ok(credentials) => {
                prop_assert_eq!(STANDARD.encode(&credentials.username), user.as_str());
                prop_assert_eq!(STANDARD.encode(credentials.password.expose()), password.as_str());
                prop_assert!(!credentials.username.is_empty() && !credentials.password.expose().is_empty());
            }
            Err(error) => {
                let readable = |text: &str| STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                let usable = |text: &str| readable(text).is_some_and(|text| !text.is_empty());
                prop_assert!(!usable(&user) || !usable(&password), "{}", error);
                prop_assert!(matches!(error, Error::Decode { .. }), "{}", error);
                let error_text = format!("{error} {error:#} {error:?}");
                prop_assert!(
                    [&user, &password].iter().all(|text| text.len() < 12 || !error_text.contains(*text)),
                    "{}",
                    error_text
                );
            }
        }
        // Describing the cluster does not depend on the credentials.
        service.simulator.inject(describe_response(&described("EloqKV", &user, &password, "h.example", 6379)));
        prop_assert!(service.block_on(client.cluster("c")).is_ok());
        Ok(())
    });
}

/// The display name can differ from the name that addresses the cluster.
#[tokio::test]
async fn credentials_have_the_name_of_the_request() {
    let simulator = Simulator::builder().cluster("asked-for").start().await.unwrap();
    let client = simulator.client();
    let cluster = described("EloqKV", "dQ==", "cA==", "h.example.com", 6379);
    let converted = ClusterCredentials::try_from(serde_json::from_value::<DescClusterDto>(cluster.clone()).unwrap());
    assert_eq!(converted.unwrap().cluster_name, "c");
    for _ in 0..3 {
        simulator.inject(describe_response(&cluster));
    }
    assert_eq!(client.cluster_credentials("asked-for").await.unwrap().cluster_name, "asked-for");
    let all = client.credentials_for_all().await.unwrap();
    assert_eq!(all[0].result.as_ref().unwrap().cluster_name, "asked-for");
    let waited = client.wait_for_cluster("asked-for").connectable().await.unwrap();
    assert_eq!(waited.cluster_name, "asked-for");
}
