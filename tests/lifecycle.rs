//! The lifecycle of a client: connecting, the version check, deadlines, closing.

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, EloqApiBuilder, Error, ErrorKind, VersionCheck, record_attempts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn builder(simulator: &Simulator) -> EloqApiBuilder {
    EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url())
}

#[tokio::test(start_paused = true)]
async fn connect_checks_the_version_and_resolves_the_project_with_one_request() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = builder(&simulator).connect().await.unwrap();
    assert_eq!(simulator.requests().len(), 1);
    client.cluster("seeded").await.unwrap();
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn connect_without_the_version_check_still_resolves_the_project() {
    let simulator = Simulator::builder().no_projects().start().await.unwrap();
    let error = builder(&simulator).skip_version_check(true).connect().await.unwrap_err();
    assert!(matches!(error, Error::NoProject));
    assert_eq!(simulator.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn connect_with_a_wrong_key_fails() {
    let simulator = Simulator::start().await.unwrap();
    let connecting = EloqApi::builder().api_key("wrong").base_url(simulator.base_url()).connect();
    let (result, attempts) = record_attempts(connecting).await;
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Authentication { .. }));
    assert_eq!(error.attempts(), attempts);
    assert_eq!((simulator.requests().len(), attempts.len()), (1, 1), "a retry cannot succeed");
}

#[tokio::test(start_paused = true)]
async fn connect_continues_after_a_transient_error_of_the_version_check() {
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).status(503));
    let (result, attempts) = record_attempts(builder(&simulator).connect()).await;
    result.unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.error).collect();
    assert_eq!(outcomes, [Some(ErrorKind::Server), None]);
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn connect_has_one_deadline() {
    let simulator = Simulator::builder().latency(Duration::from_secs(3600)).start().await.unwrap();
    let error = builder(&simulator).deadline(Duration::from_millis(50)).connect().await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(simulator.requests().len(), 1, "no time is left for a second request");
}

#[tokio::test(start_paused = true)]
async fn the_version_check_returns_what_the_response_indicates() {
    let simulator = Simulator::start().await.unwrap();
    let client = builder(&simulator).build().unwrap();
    let org_info = || Fault::on(Operation::OrgInfo);
    let sunset = "Sun, 06 Nov 1994 08:49:37 GMT";
    let end = UNIX_EPOCH + Duration::from_secs(784_111_777);
    let cases = [
        (org_info().header("x", "y"), "Compatible"),
        (org_info().header("deprecation", "@1688169599"), "Deprecated { sunset: None }"),
        (org_info().header("deprecation", "@1688169599").header("sunset", sunset), &format!("{:?}", Some(end))[..]),
        (org_info().status(410), "Incompatible"),
        (org_info().status(426), "Incompatible"),
        (org_info().wrong_schema(), "Incompatible"),
        (org_info().reply(200, "text/html", "<html>log in</html>"), "Unknown"),
        (org_info().status(401), "Unknown"),
        (org_info().status(503), "Unknown"),
        (org_info().drop_before(), "Unknown"),
    ];
    for (fault, expected) in cases {
        simulator.clear_requests();
        simulator.inject(fault);
        let check = format!("{:?}", client.check_version().await);
        assert!(check.contains(expected), "{check} is not {expected}");
        assert_eq!(simulator.requests().len(), 1, "{check}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_version_check_of_an_unreachable_service_is_unknown() {
    let closed_port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = EloqApi::from_key_and_url("k", format!("http://{closed_port}")).unwrap();
    assert_eq!(client.check_version().await, VersionCheck::Unknown);
    assert_eq!(client.info().await.unwrap_err().message(), "the connection failed");
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_timeout_and_at_its_deadline() {
    let simulator = Simulator::builder().latency(Duration::from_secs(3600)).start().await.unwrap();
    let limit = Duration::from_millis(50);
    for builder in [builder(&simulator).timeout(limit), builder(&simulator).deadline(limit)] {
        let error = builder.build().unwrap().clusters().await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_close_every_clone_fails_with_closed_and_sends_nothing() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    let (clone, other) = (client.clone(), client.with_project(147));
    client.close();
    for client in [&client, &clone, &other] {
        assert!(matches!(client.info().await, Err(Error::Closed)));
        assert!(matches!(client.cluster_delete("c").await.into_result(), Err(Error::Closed)));
        assert_eq!(client.check_version().await, VersionCheck::Unknown);
        assert!(client.raw().org_info().send().await.is_err());
    }
    assert!(simulator.requests().is_empty());
}

/// Accepts one connection and reads a request.
async fn accept(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    stream
}

const SKUS: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 35\r\n\r\n{\"code\":0,\"message\":\"\",\"data\":null}";

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn skus(client: &EloqApi) -> impl Future<Output = eloq_sdk::Result<()>> + use<> {
    let client = client.clone();
    async move { client.get_skus("serverless".into(), "eloqkv".into(), "aws".into()).await.map(drop) }
}

#[tokio::test(start_paused = true)]
async fn close_ends_idle_connections() {
    let (listener, address) = listen().await;
    let client = EloqApi::from_key_and_url("k", format!("http://{address}")).unwrap();
    let call = tokio::spawn(skus(&client));
    let mut stream = accept(&listener).await;
    stream.write_all(SKUS).await.unwrap();
    call.await.unwrap().unwrap();
    client.close();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "the client closed the connection");
}

#[tokio::test(start_paused = true)]
async fn a_call_in_flight_finishes_after_close() {
    let (listener, address) = listen().await;
    let client = EloqApi::from_key_and_url("k", format!("http://{address}")).unwrap();
    let call = tokio::spawn(skus(&client));
    let mut stream = accept(&listener).await;
    client.close();
    stream.write_all(SKUS).await.unwrap();
    call.await.unwrap().unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn close_ends_a_call_in_backoff() {
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::on_any().always().status(429).header("retry-after", "20"));
    let client = simulator.client();
    let call = tokio::spawn(skus(&client));
    while simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    client.close();
    // Long before the backoff ends.
    let ended = tokio::time::timeout(Duration::from_secs(10), call).await.unwrap();
    assert!(matches!(ended.unwrap(), Err(Error::Closed)));
    assert_eq!(simulator.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn close_ends_a_wait_between_polls() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = simulator.client();
    let mut wait = client.wait_for_cluster("seeded").deleted();
    wait.next().await.unwrap();
    client.close();
    // The next poll would be due after 1.6 s at the earliest.
    let ended = tokio::time::timeout(Duration::from_millis(1500), wait).await.unwrap();
    assert!(matches!(ended, Err(Error::Closed)));
}

#[tokio::test(start_paused = true)]
async fn close_ends_reconciliation_with_an_unknown_outcome() {
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    let client = simulator.client();
    let create = tokio::spawn(client.cluster_create("new", "us-west-1", 101).into_future());
    let is_list = |request: &eloq_sdk::simulator::RecordedRequest| request.operation() == Some(Operation::ListClusters);
    while !simulator.requests().iter().any(is_list) {
        tokio::task::yield_now().await;
    }
    client.close();
    // The next poll would be due after 250 ms.
    let result = tokio::time::timeout(Duration::from_millis(200), create).await.unwrap().unwrap();
    assert!(matches!(result.into_result(), Err(Error::OutcomeUnknown { .. })));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_clone_ends_idle_connections() {
    let (listener, address) = listen().await;
    let client = EloqApi::from_key_and_url("k", format!("http://{address}")).unwrap();
    let call = tokio::spawn(skus(&client));
    let mut stream = accept(&listener).await;
    stream.write_all(SKUS).await.unwrap();
    call.await.unwrap().unwrap();
    drop(client);
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_user_agent_has_name_version_platform_and_suffix() {
    let simulator = Simulator::start().await.unwrap();
    builder(&simulator).user_agent_suffix("my-tool/1.2").build().unwrap().info().await.unwrap();
    let expected = format!(
        "eloq-sdk-rust/{} ({}; {}) my-tool/1.2",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    assert_eq!(simulator.requests()[0].header("user-agent"), Some(&expected[..]));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_sent_as_a_bearer_token() {
    let simulator = Simulator::builder().token("t").start().await.unwrap();
    EloqApi::builder().token("t").base_url(simulator.base_url()).build().unwrap().info().await.unwrap();
    assert_eq!(simulator.requests()[0].header("authorization"), Some("Bearer t"));
}

#[tokio::test(start_paused = true)]
async fn a_body_above_max_response_bytes_is_a_protocol_error() {
    let simulator = Simulator::start().await.unwrap();
    let error = builder(&simulator).max_response_bytes(100).build().unwrap().info().await.unwrap_err();
    assert!(matches!(error, Error::Protocol { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn the_future_of_a_call_is_smaller_than_16_kib() {
    let client = EloqApi::from_key_and_url("k", "http://127.0.0.1:1").unwrap();
    assert!(size_of_val(&client.cluster("c")) < 16 * 1024, "{}", size_of_val(&client.cluster("c")));
}
