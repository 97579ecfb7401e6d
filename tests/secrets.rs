//! No Display, Debug or serialized text contains a secret.

use std::error::Error as _;
use std::fmt::Debug;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Error};

const KEY: &str = "canary-key-5fJ2";
const PASSWORD: &str = "canary-password-9dK1";
/// The password as the service sends it.
const ENCODED: &str = "Y2FuYXJ5LXBhc3N3b3JkLTlkSzE=";
const BODY: &str = "canary-body-7gH3";

#[track_caller]
fn assert_clean(text: &str) {
    for canary in [KEY, PASSWORD, ENCODED, BODY] {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
}

#[track_caller]
fn assert_debug_clean(value: &impl Debug) {
    assert_clean(&format!("{value:?} {value:#?}"));
}

#[track_caller]
fn assert_error_clean(error: &Error) {
    assert_clean(&format!("{error} {error:#}"));
    assert_debug_clean(error);
    let mut source = error.source();
    while let Some(inner) = source {
        assert_clean(&format!("{inner} {inner:?}"));
        source = inner.source();
    }
}

async fn cloud() -> Simulator {
    Simulator::builder().api_key(KEY).cluster("seeded").admin_password(PASSWORD).start().await.unwrap()
}

#[tokio::test]
async fn values_print_without_their_secrets() {
    let simulator = cloud().await;
    let client = EloqApi::from_key_and_url(KEY, simulator.base_url()).unwrap();
    let cluster = client.cluster("seeded").await.unwrap();
    assert_eq!(cluster.admin_password.expose(), ENCODED);
    assert_debug_clean(&cluster);
    assert_clean(&serde_json::to_string(&cluster).unwrap());

    let credentials = client.cluster_credentials("seeded").await.unwrap();
    assert_eq!(credentials.password.expose(), PASSWORD);
    assert_debug_clean(&credentials);
    let url = credentials.connection_url().unwrap();
    assert!(url.expose().contains(PASSWORD));
    assert_debug_clean(&url);

    assert_debug_clean(&client);
    assert_debug_clean(&client.raw());
    assert_debug_clean(&client.raw().org_info());
    assert_debug_clean(&client.clusters());
    assert_debug_clean(&client.cluster_create("n", "r", 1));
    assert_debug_clean(&EloqApi::builder().api_key(KEY));
    assert_debug_clean(&simulator.requests());
}

#[tokio::test]
async fn errors_print_without_key_and_body() {
    let simulator = cloud().await;
    let client = EloqApi::from_key_and_url(KEY, simulator.base_url()).unwrap();
    let bodies = [
        (500, "text/html", format!("<p>{BODY} {KEY} {PASSWORD}</p>")),
        (502, "application/json", format!(r#"{{"error":"{BODY}"}}"#)),
        (200, "application/json", format!(r#"{{"code":0,"message":"","data":{{"org_info":"{BODY}"}}}}"#)),
        (200, "application/json", format!(r#"{{"code":9,"message":"key {KEY} is bad","data":"{BODY}"}}"#)),
        (200, "application/json", format!(r#"{{"code":0,"message":"","data":{{"org_info":{{"{KEY}":["#)),
        (200, "text/html", BODY.to_owned()),
        (302, "text/html", BODY.to_owned()),
        (401, "application/json", format!(r#"{{"code":401,"message":"bad key {KEY}"}}"#)),
    ];
    for (status, kind, body) in bodies {
        simulator.clear_faults();
        simulator.inject(Fault::on(Operation::OrgInfo).always().reply(status, kind, body));
        assert_error_clean(&client.info().await.unwrap_err());
    }
    for fault in [Fault::on_any().drop_before(), Fault::on_any().truncate(20)] {
        simulator.clear_faults();
        simulator.inject(fault.always());
        assert_error_clean(&client.info().await.unwrap_err());
    }
}

#[tokio::test]
async fn excerpt_returns_the_escaped_body_without_the_key() {
    let simulator = cloud().await;
    simulator.inject(Fault::on_any().reply(501, "text/html", format!("<p>\u{1b}[31m{KEY}</p>")));
    let client = EloqApi::from_key_and_url(KEY, simulator.base_url()).unwrap();
    let error = client.info().await.unwrap_err();
    assert_eq!(error.api().unwrap().excerpt(), "<p>\\u{1b}[31m[redacted]</p>");
}

#[tokio::test]
async fn a_failed_operation_keeps_its_typed_error() {
    let simulator = cloud().await;
    simulator.set_cluster_status("seeded", "provisioning");
    let result = simulator.client().cluster_delete("seeded").await;
    assert!(!result.success);
    assert!(result.message.contains("available state"), "{}", result.message);
    assert_eq!(result.error().and_then(Error::status), Some(403));
    assert!(matches!(result.into_result(), Err(Error::Permission { .. })));
}

#[tokio::test]
async fn an_excerpt_has_at_most_8_kib_and_a_message_1_kib() {
    let simulator = cloud().await;
    let client = EloqApi::from_key_and_url(KEY, simulator.base_url()).unwrap();
    simulator.inject(Fault::on_any().reply(501, "text/html", "x".repeat(20_000)));
    assert_eq!(client.info().await.unwrap_err().api().unwrap().excerpt(), "x".repeat(8192) + "…");

    let long = format!(r#"{{"code":501,"message":"{}"}}"#, "y".repeat(20_000));
    simulator.inject(Fault::on_any().reply(501, "application/json", long));
    assert_eq!(client.info().await.unwrap_err().message(), "y".repeat(1024) + "…");
}

#[tokio::test]
async fn a_key_that_a_length_limit_truncates_is_not_shown_in_part() {
    let simulator = cloud().await;
    let client = EloqApi::from_key_and_url(KEY, simulator.base_url()).unwrap();
    let message = "y".repeat(1020) + KEY;
    let body = format!(r#"{{"code":501,"message":"{message}","data":"{}{KEY}"}}"#, "x".repeat(8192 - 1080));
    simulator.inject(Fault::on_any().reply(501, "application/json", body));
    let error = client.info().await.unwrap_err();
    for text in [error.message(), error.api().unwrap().excerpt()] {
        assert!(!text.contains("canary"), "{text}");
    }
}
