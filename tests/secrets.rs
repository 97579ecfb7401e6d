//! No Display, Debug or serialized text contains a secret.

#[path = "support/canary.rs"]
mod canary;
#[allow(unused_imports, reason = "other test programs use the table of operations")]
#[path = "support/mod.rs"]
mod support;

use std::fmt::Debug;

use canary::{BODY, ENCODED, KEY, PASSWORD, assert_clean, assert_error_clean};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{ApiError, EloqApi, Error, RetryPolicy, record_attempts};
use serde_json::{Value, json};
use support::{Call, run};

#[track_caller]
fn assert_debug_clean(value: &impl Debug) {
    assert_clean(&format!("{value:?} {value:#?}"));
}

async fn cloud() -> Simulator {
    Simulator::builder().api_key(KEY).cluster("seeded").admin_password(PASSWORD).start().await.unwrap()
}

#[tokio::test(start_paused = true)]
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

#[tokio::test(start_paused = true)]
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

#[tokio::test(start_paused = true)]
async fn excerpt_returns_the_escaped_body_without_the_key() {
    let simulator = cloud().await;
    simulator.inject(Fault::on_any().reply(501, "text/html", format!("<p>\u{1b}[31m{KEY}</p>")));
    let client = EloqApi::from_key_and_url(KEY, simulator.base_url()).unwrap();
    let error = client.info().await.unwrap_err();
    assert_eq!(error.api().unwrap().excerpt(), "<p>\\u{1b}[31m[redacted]</p>");
}

#[tokio::test(start_paused = true)]
async fn a_failed_operation_keeps_its_typed_error() {
    let simulator = cloud().await;
    simulator.set_cluster_status("seeded", "provisioning");
    let result = simulator.client().cluster_delete("seeded").await;
    assert!(!result.success);
    assert!(result.message.contains("available state"), "{}", result.message);
    assert_eq!(result.error().and_then(Error::status), Some(403));
    assert!(matches!(result.into_result(), Err(Error::Permission { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_excerpt_has_at_most_8_kib_and_a_message_1_kib() {
    let simulator = cloud().await;
    let client = EloqApi::from_key_and_url(KEY, simulator.base_url()).unwrap();
    simulator.inject(Fault::on_any().reply(501, "text/html", "x".repeat(20_000)));
    assert_eq!(client.info().await.unwrap_err().api().unwrap().excerpt(), "x".repeat(8192) + "…");

    let long = format!(r#"{{"code":501,"message":"{}"}}"#, "y".repeat(20_000));
    simulator.inject(Fault::on_any().reply(501, "application/json", long));
    assert_eq!(client.info().await.unwrap_err().message(), "y".repeat(1024) + "…");
}

#[tokio::test(start_paused = true)]
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

/// The same JSON with the key as every text.
fn with_key(json: Value) -> Value {
    match json {
        Value::String(_) => KEY.into(),
        Value::Array(items) => items.into_iter().map(with_key).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, with_key(value))).collect(),
        other => other,
    }
}

/// The key as JSON can also write it.
fn escaped_key() -> String {
    KEY.bytes().map(|byte| format!("\\u{byte:04x}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_response_that_repeats_the_key_in_every_text_is_read_without_it() {
    canary::capture();
    let simulator = cloud().await;
    let client = EloqApi::from_key_and_url(KEY, simulator.base_url()).unwrap();
    client.scope().await.unwrap();
    let repeat = |operation, data: Value| {
        let body = json!({ "code": 0, "message": KEY, "data": with_key(data), KEY: KEY }).to_string();
        [body.replace(KEY, &escaped_key()), body].map(|body| {
            let kind = format!("application/json; {KEY}");
            Fault::on(operation).always().reply(200, kind, body).header("x-request-id", KEY)
        })
    };
    macro_rules! check {
        ($operation:ident, $call:expr) => {
            simulator.clear_faults();
            let data = serde_json::to_value($call.await.unwrap()).unwrap();
            for fault in repeat(Operation::$operation, data) {
                simulator.clear_faults();
                simulator.inject(fault);
                let (result, attempts) = record_attempts($call).await;
                assert_debug_clean(&result);
                assert_debug_clean(&attempts);
                assert_clean(&serde_json::to_string(&result.unwrap()).unwrap());
            }
        };
    }
    check!(OrgInfo, client.info());
    check!(ListSkus, client.get_skus("serverless".into(), "eloqkv".into(), "aws".into()));
    check!(ListClusters, client.clusters());
    check!(DescribeCluster, client.cluster("seeded"));
    check!(ConfigHistory, client.cluster_config_history("seeded"));
    check!(UserSubscription, client.user_subscription());
    check!(ListPricingPlans, client.list_pricing_plans());
    check!(DashboardInfo, client.dashboard_info(None));
    for operation in [Operation::CreateCluster, Operation::DeleteCluster, Operation::StartCluster] {
        for fault in repeat(operation, Value::Null) {
            simulator.clear_faults();
            simulator.inject(fault);
            let result = match operation {
                Operation::CreateCluster => client.cluster_create("new", "us-west-1", 101).await,
                Operation::DeleteCluster => client.cluster_delete("seeded").await,
                _ => client.start_cluster("seeded").await,
            };
            assert_eq!(result.message, "[redacted]");
            assert_debug_clean(&result);
        }
    }
    canary::assert_log_clean();
}

/// One call of each operation.
const CALLS: [(Operation, Call); 15] = [
    (Operation::OrgInfo, Call::Info),
    (Operation::ListSkus, Call::Skus("serverless", "eloqkv", "aws")),
    (Operation::ListClusters, Call::FirstClusters),
    (Operation::DescribeCluster, Call::Credentials("seeded")),
    (Operation::CreateCluster, Call::Create { name: "new", region: "us-west-1", sku_id: 101, zone: None }),
    (Operation::DeleteCluster, Call::Delete("seeded")),
    (Operation::StartCluster, Call::Start("seeded")),
    (Operation::ShutdownCluster, Call::Stop("seeded")),
    (Operation::RestartCluster, Call::Restart("seeded")),
    (Operation::ConfigHistory, Call::ConfigHistory("seeded")),
    (Operation::ApplyConfig, Call::ApplyConfig("seeded", 2)),
    (Operation::UserSubscription, Call::Subscription),
    (Operation::ListPricingPlans, Call::PricingPlans),
    (Operation::SubscribePlan, Call::Subscribe(2)),
    (Operation::DashboardInfo, Call::Dashboards(None)),
];

#[tokio::test(start_paused = true)]
async fn an_error_response_that_repeats_the_key_is_read_without_it() {
    canary::capture();
    let simulator = cloud().await;
    let client = EloqApi::builder().api_key(KEY).base_url(simulator.base_url()).retry(RetryPolicy::none());
    let client = client.build().unwrap();
    client.scope().await.unwrap();
    for (operation, call) in CALLS {
        for status in [200, 302, 400, 401, 403, 404, 409, 429, 500, 503] {
            let body = format!(r#"{{"code":7,"message":"{KEY}","data":"{KEY}"}}"#);
            for body in [body.replace(KEY, &escaped_key()), body, KEY.to_owned()] {
                simulator.clear_faults();
                let kind = format!("text/html; {KEY}");
                let fault = Fault::on(operation).always().reply(status, kind, body).header("x-request-id", KEY);
                simulator.inject(fault);
                let (outcome, attempts) = record_attempts(run(&client, call)).await;
                assert_debug_clean(&attempts);
                // A write of unknown outcome that the list tells can succeed.
                let Err(error) = outcome else { continue };
                assert_error_clean(&error);
                assert_clean(error.api().map(ApiError::excerpt).unwrap_or_default());
                assert!(error.request_id().is_none_or(|id| id == "[redacted]"), "{error:?}");
            }
        }
    }
    canary::assert_log_clean();
    assert!(canary::has_captured(), "the checks saw no output of tracing and log");
}
