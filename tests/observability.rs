//! What a `tracing` subscriber sees of a call, and what it must not see.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, EloqApiBuilder, ProjectPolicy, RetryPolicy};
use tracing_subscriber::fmt::format::FmtSpan;

/// The output of a subscriber.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs `test` with a subscriber for every level and returns its output.
fn logged(test: impl AsyncFnOnce()) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test());
    });
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn calls_and_attempts_have_spans_with_opentelemetry_attributes() {
    let log = logged(async || {
        let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
        simulator.client().cluster("seeded").await.unwrap();
    });
    let describe = log.lines().find(|line| line.contains("clusters/seeded") && line.contains("close")).unwrap();
    for part in [
        "DEBUG",
        "eloq.call{otel.kind=\"internal\" operation=\"describe_cluster\"}",
        "eloq.attempt{otel.kind=\"client\"",
        "http.request.method=GET",
        "server.address=\"127.0.0.1\"",
        "server.port=",
        "url.path=\"/api/v1/orgs/1/projects/147/clusters/seeded\"",
        "http.response.status_code=200",
        "http.response.header.x-request-id=",
    ] {
        assert!(describe.contains(part), "{part} in {describe}");
    }
    assert!(!log.contains("resend_count"), "{log}");
    let attempts = log.lines().filter(|line| line.contains("eloq.attempt") && line.contains("close"));
    assert_eq!(attempts.count(), 2, "{log}");
}

#[test]
fn the_span_of_a_retry_has_its_resend_count() {
    let log = logged(async || {
        let simulator = Simulator::start().await.unwrap();
        simulator.inject(Fault::on(Operation::OrgInfo).times(2).status(503));
        let policy = RetryPolicy::default().backoff(Duration::from_millis(1));
        let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url()).retry(policy);
        builder.build().unwrap().info().await.unwrap();
    });
    let attempts: Vec<_> = log.lines().filter(|line| line.contains("eloq.attempt") && line.contains("close")).collect();
    assert_eq!(attempts.len(), 3, "{log}");
    assert!(!attempts[0].contains("resend_count"), "{log}");
    assert!(attempts[1].contains("resend_count=1") && attempts[2].contains("resend_count=2"), "{log}");
}

#[test]
fn the_spans_of_a_failed_call_have_an_error_type_and_status() {
    let log = logged(async || {
        let simulator = Simulator::start().await.unwrap();
        let client = simulator.client();
        client.cluster("missing").await.unwrap_err();
        simulator.inject(Fault::on(Operation::OrgInfo).status(401));
        client.info().await.unwrap_err();
    });
    assert!(log.contains("error.type=\"Permission\""), "{log}");
    assert!(log.contains("error.type=\"Authentication\""), "{log}");
    assert!(log.contains("http.response.status_code=403 error.type=\"403\" otel.status_code=\"ERROR\""), "{log}");
    for line in log.lines().filter(|line| line.contains("close time.busy")) {
        assert_eq!(line.contains("error.type"), line.contains("otel.status_code=\"ERROR\""), "{line}");
    }
}

#[test]
fn an_ipv6_server_address_has_no_brackets() {
    let log = logged(async || {
        let client = EloqApi::builder().api_key("k").base_url("http://[::1]:1").retry(RetryPolicy::none());
        client.build().unwrap().info().await.unwrap_err();
    });
    assert!(log.contains("server.address=\"::1\" server.port=1"), "{log}");
}

#[test]
fn the_version_check_has_the_spans_of_any_call() {
    let log = logged(async || {
        let simulator = Simulator::start().await.unwrap();
        let client = simulator.client();
        client.check_version().await;
        simulator.inject(Fault::on(Operation::OrgInfo).status(410));
        client.check_version().await;
    });
    let attempts: Vec<_> = log.lines().filter(|line| line.contains("eloq.attempt") && line.contains("close")).collect();
    assert_eq!(attempts.len(), 2, "{log}");
    assert!(attempts.iter().all(|line| line.contains("operation=\"org_info\"}:eloq.attempt")), "{log}");
    let warning = log.lines().find(|line| line.contains("WARN")).unwrap();
    assert!(warning.contains("eloq.call{") && warning.contains("cargo update"), "{warning}");
    assert!(log.contains("error.type=\"Api\""), "{log}");
}

#[test]
fn an_attempt_without_a_response_has_the_error_type_timeout_or_cancelled() {
    let log = logged(async || {
        let simulator = Simulator::builder().latency(Duration::from_secs(60)).start().await.unwrap();
        let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
        let builder = builder.retry(RetryPolicy::none());
        let short_timeout = builder.clone().timeout(Duration::from_millis(1)).build().unwrap();
        assert!(short_timeout.info().await.is_err());
        assert!(short_timeout.raw().org_info().send().await.is_err());
        let deadline = builder.clone().deadline(Duration::from_millis(1)).build().unwrap();
        assert!(deadline.info().await.is_err());
    });
    let attempts: Vec<_> = log.lines().filter(|line| line.contains("eloq.attempt") && line.contains("close")).collect();
    let expected = ["error.type=\"timeout\"", "error.type=\"timeout\"", "error.type=\"cancelled\""];
    assert_eq!(attempts.len(), expected.len(), "{log}");
    for (attempt, expected) in attempts.iter().zip(expected) {
        assert!(attempt.contains(expected), "{attempt}");
    }
}

#[test]
fn the_account_check_after_a_403_is_an_attempt_of_the_call_and_not_a_resend() {
    let log = logged(async || {
        let simulator = Simulator::start().await.unwrap();
        let client = simulator.client();
        client.clusters().await.unwrap();
        simulator.inject(Fault::on(Operation::ListClusters).status(403));
        client.clusters().await.unwrap_err();
    });
    let attempts: Vec<_> = log.lines().filter(|line| line.contains("eloq.attempt") && line.contains("close")).collect();
    assert_eq!(attempts.len(), 4, "{log}");
    assert!(attempts[3].contains("operation=\"list_clusters\"") && attempts[3].contains("org-info"), "{log}");
    assert!(!log.contains("resend_count"), "{log}");
}

#[test]
fn an_ambiguous_project_logs_one_warning_with_all_projects() {
    let log = logged(async || {
        let simulator = Simulator::builder().project(7, "second").start().await.unwrap();
        let client = simulator.client();
        client.clusters().await.unwrap();
        client.clusters().await.unwrap();
    });
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(warnings[0].contains("147 (project1), 7 (second)"), "{}", warnings[0]);
}

#[test]
fn of_headers_bodies_and_queries_only_the_request_id_is_logged() {
    let log = logged(async || {
        let cloud = Simulator::builder().api_key("canary-key").cluster("seeded").admin_password("canary-password");
        let simulator = cloud.start().await.unwrap();
        let client = EloqApi::from_key_and_url("canary-key", simulator.base_url()).unwrap();
        client.cluster_credentials("seeded").await.unwrap();
        client.get_skus("serverless".into(), "eloqkv".into(), "aws".into()).await.unwrap();
        for status in [200, 401, 501] {
            simulator.inject(Fault::on_any().reply(status, "text/html", "canary-body canary-key"));
            client.info().await.unwrap_err();
        }
        let conflict = Fault::on_any().status(409).code(409, "canary-message").header("x-request-id", "id-7");
        simulator.inject(conflict);
        assert!(client.info().await.unwrap_err().to_string().contains("id-7"));
    });
    assert!(log.contains("skus-by-args") && log.contains("x-request-id=\"id-7\""), "{log}");
    for secret in ["canary", "Y2FuYXJ5", "cloudProvider"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn a_guessed_project_is_warned_about_once_and_any_other_never() {
    let warnings = |projects: &'static [(i64, &'static str)], change: fn(EloqApiBuilder) -> EloqApiBuilder| {
        let log = logged(async || {
            let simulator = Simulator::start().await.unwrap();
            simulator.set_projects(projects.iter().copied());
            let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
            let client = change(builder).build().unwrap();
            client.clusters().await.unwrap();
            client.clone().clusters().await.unwrap();
        });
        log.lines().filter(|line| line.contains("WARN")).map(str::to_owned).collect::<Vec<_>>()
    };
    const ONE: &[(i64, &str)] = &[(147, "one")];
    const TWO: &[(i64, &str)] = &[(147, "one"), (2, "two")];
    let guessed = warnings(TWO, |builder| builder);
    assert_eq!(guessed.len(), 1, "{guessed:?}");
    assert!(guessed[0].contains("using 147 (one) of 147 (one), 2 (two); set project_id"), "{guessed:?}");
    assert!(warnings(ONE, |builder| builder).is_empty());
    assert!(warnings(TWO, |builder| builder.project_id(2)).is_empty());
    assert!(warnings(TWO, |builder| builder.project_policy(ProjectPolicy::Newest)).is_empty());
}
