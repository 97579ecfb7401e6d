//! Values and errors for unit tests without a network.

use super::start;
use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::simulator::{Fault, Operation, Simulator, sample};
use eloq_sdk::{Error, ErrorKind, RetryPolicy};
use std::time::Duration;

/// A sample differs from what the simulator sends in nothing but times.
#[tokio::test]
async fn the_values_are_those_that_the_simulator_sends() {
    let clock = sample::cluster("orders").create_at.to_system_time().unwrap();
    let harness = start(Simulator::builder().clock(clock).cluster("orders")).await;
    let client = harness.simulator.client();
    assert_eq!(sample::cluster("orders"), client.cluster("orders").await.unwrap());
    assert_eq!(sample::list_item("orders"), client.clusters().await.unwrap().cluster_list[0]);
    assert_eq!(sample::credentials("orders"), client.cluster_credentials("orders").await.unwrap());
    assert_eq!(sample::account(), client.info().await.unwrap());
    let skus = client.get_skus(SkuType::Dedicated, EloqModule::EloqDoc, CloudProvider::Gcp).await.unwrap();
    assert_eq!(vec![sample::sku(204)], skus);
}

#[test]
fn values_are_connectable_and_the_same_in_every_run() {
    assert!(sample::cluster("a/b ☃").is_connectable());
    assert_eq!(sample::cluster("one"), sample::cluster("one"));
    assert_ne!(sample::credentials("one").password, sample::credentials("two").password);
    assert_eq!((sample::sku(7).sku_id, sample::sku(7).sku_name), (7, sample::sku(101).sku_name));
}

/// A sample prints as the error that the client returns.
#[tokio::test]
async fn an_error_is_the_one_that_the_client_returns() {
    let harness = start(Simulator::builder().cluster("my-cluster")).await;
    let client =
        eloq_sdk::EloqApi::builder().api_key(harness.simulator.api_key()).base_url(harness.simulator.base_url());
    let client = client.retry(RetryPolicy::none()).build().unwrap();
    client.info().await.unwrap();
    for (status, kind) in [
        (401, ErrorKind::Authentication),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (429, ErrorKind::RateLimit),
        (422, ErrorKind::Validation),
        (409, ErrorKind::Conflict),
        (503, ErrorKind::Server),
        (418, ErrorKind::Api),
    ] {
        let fault = Fault::on(Operation::DescribeCluster).status(status);
        harness.simulator.inject(fault.header("x-request-id", "r-1").header("retry-after", "7"));
        let real = client.cluster("my-cluster").await.unwrap_err();
        let sample = sample::error(kind).operation(Operation::DescribeCluster).status(status).message(real.message());
        let sample = sample.request_id("r-1").retry_after(Duration::from_secs(7)).build();
        assert_eq!((sample.kind(), sample.to_string()), (real.kind(), real.to_string()));
        assert_eq!((sample.code(), sample.retry_after()), (real.code(), real.retry_after()));
        assert_eq!((sample.hint(), sample.is_retryable()), (real.hint(), real.is_retryable()));
        assert_eq!(sample.api().map(|api| api.status()), Some(status));
    }
}

#[test]
fn an_error_without_a_response_has_its_usual_data() {
    let refused = sample::error(ErrorKind::Connect).build();
    assert!(refused.is_connect() && refused.is_retryable());
    assert_eq!(format!("{refused:#}"), "describe_cluster: the connection failed: connection refused");

    let Error::Decode { failure, .. } = sample::error(ErrorKind::Decode).build() else { panic!("another kind") };
    assert_eq!(failure.path(), Some("data.zone"));

    let failed = sample::error(ErrorKind::ClusterFailed).build();
    assert_eq!(failed.waited().unwrap().elapsed, Duration::from_secs(60));
    let timeout = sample::error(ErrorKind::Timeout).waited(Duration::from_secs(900)).message("timed out").build();
    let line = "describe_cluster: timed out (waited 900.0 s for my-cluster, last seen provisioning, load balancer provisioning)";
    assert_eq!(timeout.to_string(), line);

    let lost = sample::error(ErrorKind::OutcomeUnknown).operation(Operation::DeleteCluster);
    assert!(lost.clone().build().to_string().starts_with("delete_cluster: the outcome is unknown"));
    assert_eq!(lost.message("gone").build().message(), "gone");
    let config = sample::error(ErrorKind::Config).message("is too short").build();
    assert_eq!(config.to_string(), "configuration: api_key: is too short");
}
