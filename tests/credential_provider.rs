//! Credentials that change: asked for once, kept, and asked for again after a 401. Async tests have virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{Credential, EloqApi, EloqApiBuilder, Error, ErrorKind, RetryPolicy, blocking, raw};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// A source of keys: `key-1`, `key-2` and so on.
#[derive(Clone, Default)]
struct Vault(Arc<AtomicUsize>);

impl Vault {
    fn asked(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn next(&self) -> String {
        format!("key-number-{}", self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

fn builder(simulator: &Simulator, vault: &Vault) -> EloqApiBuilder {
    let vault = vault.clone();
    let provider = move || {
        let key = vault.next();
        async move {
            sleep(Duration::from_millis(50)).await;
            Ok::<_, std::io::Error>(Credential::api_key(key))
        }
    };
    EloqApi::builder().credential_provider(provider).base_url(simulator.base_url()).project_id(147)
}

async fn cloud() -> Simulator {
    Simulator::builder().api_key("key-number-1").cluster("c").start().await.unwrap()
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_same_time_share_one_answer_which_is_kept() {
    let (simulator, vault) = (cloud().await, Vault::default());
    let client = builder(&simulator, &vault).build().unwrap();
    assert_eq!(vault.asked(), 0);
    let mut calls: JoinSet<_> = (0..20).map(|_| client.clone()).map(async |client| client.cluster("c").await).collect();
    while let Some(call) = calls.join_next().await {
        call.unwrap().unwrap();
    }
    assert_eq!(vault.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_in_the_middle_of_a_hundred_calls_fails_none_of_them() {
    let (simulator, vault) = (cloud().await, Vault::default());
    let client = builder(&simulator, &vault).retry(RetryPolicy::none()).build().unwrap();
    let mut calls = JoinSet::new();
    for number in 0..100u64 {
        let client = client.clone();
        calls.spawn(async move {
            sleep(Duration::from_millis(number * 10)).await;
            match number % 10 {
                0 => client.cluster_create(format!("new-{number}"), "us-west-1", 101).await.into_result().map(drop),
                _ => client.cluster("c").await.map(drop),
            }
        });
    }
    let rotate = async {
        sleep(Duration::from_millis(505)).await;
        simulator.set_api_key("key-number-2");
    };
    let (results, ()) = tokio::join!(calls.join_all(), rotate);
    let failed: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    // The plan allows three clusters.
    assert!(failed.iter().all(|error| error.kind() == ErrorKind::Permission), "{failed:?}");
    assert_eq!((vault.asked(), simulator.cluster_names().len()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_is_refused_again_is_an_error_after_two_requests() {
    let (simulator, vault) = (cloud().await, Vault::default());
    simulator.set_api_key("another");
    let client = builder(&simulator, &vault).build().unwrap();
    let error = client.info().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Authentication, 2));
    assert_eq!((vault.asked(), count(&simulator, Operation::OrgInfo)), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn retries_are_left_after_a_rotation() {
    let (simulator, vault) = (cloud().await, Vault::default());
    let client = builder(&simulator, &vault).build().unwrap();
    client.info().await.unwrap();
    simulator.set_api_key("key-number-2");
    simulator.inject(Fault::on(Operation::OrgInfo).after(1).times(3).status(503));
    client.info().await.unwrap();
    assert_eq!(count(&simulator, Operation::OrgInfo), 1 + 1 + 3 + 1);
}

#[tokio::test(start_paused = true)]
async fn the_error_of_the_source_is_that_of_the_calls_and_nothing_is_sent() {
    let simulator = cloud().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let provider = move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async {
            sleep(Duration::from_millis(50)).await;
            Err::<Credential, _>("the vault\u{1b}[31m is sealed")
        }
    };
    let client = EloqApi::builder().credential_provider(provider).base_url(simulator.base_url()).build().unwrap();
    let (one, other) = tokio::join!(client.info(), client.clusters().send());
    for error in [one.unwrap_err(), other.unwrap_err()] {
        assert!(matches!(&error, Error::Config { setting, .. } if setting == "credential_provider"), "{error:?}");
        assert!(error.to_string().contains("failed: the vault\\u{1b}[31m is sealed"), "{error}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(client.cluster_create("new", "us-west-1", 101).await.error().is_some());
    assert!(simulator.requests().is_empty());
    let error = client.raw().org_info().send().await.unwrap_err();
    assert!(matches!(error, raw::Error::NoCredential(_)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_ends_with_the_deadline_and_a_write_is_not_unknown() {
    let simulator = cloud().await;
    let hangs = || std::future::pending::<Result<Credential, std::io::Error>>();
    let builder = EloqApi::builder().credential_provider(hangs).base_url(simulator.base_url()).project_id(147);
    let client = builder.deadline(Duration::from_secs(7)).build().unwrap();
    let start = Instant::now();
    let result = client.cluster_create("new", "us-west-1", 101).await;
    assert_eq!(result.error().map(Error::kind), Some(ErrorKind::Timeout), "{result:?}");
    assert_eq!(start.elapsed().as_secs(), 7);
    assert!(simulator.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_invalid_credential_is_named_and_not_sent() {
    let simulator = cloud().await;
    let blank = || async { Ok::<_, std::io::Error>(Credential::token(" canary key ")) };
    let client = EloqApi::builder().credential_provider(blank).base_url(simulator.base_url()).build().unwrap();
    let error = client.info().await.unwrap_err();
    assert!(error.to_string().starts_with("configuration: credential_provider: contains an invalid"), "{error}");
    assert!(!format!("{error:?}").contains("canary") && simulator.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_current_and_the_earlier_credentials_are_redacted() {
    let (simulator, vault) = (cloud().await, Vault::default());
    let client = builder(&simulator, &vault).build().unwrap();
    client.info().await.unwrap();
    simulator.set_api_key("key-number-2");
    client.info().await.unwrap();
    let body = r#"{"code":501,"message":"key-number-1 and key-number-2 and key-number-3"}"#;
    simulator.inject(Fault::on_any().reply(501, "application/json", body).header("x-request-id", "key-number-1"));
    let error = client.info().await.unwrap_err();
    assert_eq!(error.message(), "[redacted] and [redacted] and key-number-3");
    assert_eq!(error.request_id(), Some("[redacted]"));
}

#[tokio::test(start_paused = true)]
async fn it_cannot_be_combined_with_a_fixed_credential() {
    let simulator = cloud().await;
    for builder in
        [builder(&simulator, &Vault::default()).api_key("k"), builder(&simulator, &Vault::default()).token("t")]
    {
        let error = builder.build().unwrap_err();
        assert!(error.to_string().starts_with("configuration: credential_provider: cannot be combined"), "{error}");
    }
    // A token is sent as such.
    let token = || async { Ok::<_, std::io::Error>(Credential::token("of-a-user")) };
    let client = EloqApi::builder().credential_provider(token).base_url(simulator.base_url()).build().unwrap();
    client.info().await.unwrap_err();
    assert_eq!(simulator.requests()[0].header("authorization"), Some("Bearer of-a-user"));
}

#[test]
fn the_blocking_client_asks_again_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(cloud());
    let vault = Vault::default();
    let source = vault.clone();
    let provider = move || {
        let key = source.next();
        async move { Ok::<_, std::io::Error>(Credential::api_key(key)) }
    };
    let builder = blocking::EloqApi::builder().credential_provider(provider).base_url(simulator.base_url());
    let client = builder.project_id(147).build().unwrap();
    client.cluster("c").unwrap();
    simulator.set_api_key("key-number-2");
    client.cluster("c").unwrap();
    assert_eq!(vault.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_slow_source_takes_nothing_from_the_timeout_of_the_request() {
    let (simulator, vault) = (cloud().await, Vault::default());
    let source = vault.clone();
    let slow = move || {
        let key = source.next();
        async {
            sleep(Duration::from_secs(9)).await;
            Ok::<_, std::io::Error>(Credential::api_key(key))
        }
    };
    let builder = EloqApi::builder().credential_provider(slow).base_url(simulator.base_url()).project_id(147);
    let client = builder.timeout(Duration::from_secs(5)).build().unwrap();
    client.scope().await.unwrap();
    simulator.set_api_key("key-number-2");
    simulator.clear_requests();
    let result = client.cluster_create("new", "us-west-1", 101).await;
    assert!(result.success && !result.is_reconciled(), "{result:?}");
    assert_eq!((simulator.requests().len(), count(&simulator, Operation::CreateCluster)), (2, 2));
}
