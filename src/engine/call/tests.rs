//! The attempt loop under a paused clock: exact backoffs, deadline, budget, and the resulting errors. Randomness is fixed at 1.

use std::env::VarError;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::HeaderValue;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;

use super::*;
use crate::connection::{
    auth::Credential, authorizer::Authorizer, base_url::BaseUrl, http_client, http_client::Connections,
};
use crate::engine::options::CallSettings;
use crate::engine::{
    account::AccountContext, account::ProjectPolicy, account::ProjectSelection, drift::DriftReporter,
    recording::record_attempts, retry::RetryPolicy,
};
use crate::error::kind::ErrorKind;
use crate::raw::{ClientInfo, limits::Limits, limits::Timeouts, state::State};
use crate::types::{envelope::Envelope, secret::Secret};

const SECOND: Duration = Duration::from_secs(1);
const TIMEOUTS: Timeouts = Timeouts { read: Duration::from_secs(30), write: Duration::from_secs(60) };

fn session(policy: RetryPolicy, deadline: Duration) -> Session {
    let base = BaseUrl::parse("base_url", "http://127.0.0.1:1").unwrap();
    let key = (Some(Secret::from("k")), None);
    let credential = Credential::resolve(key, ("", ""), &|_| Err(VarError::NotPresent)).unwrap();
    let client = http_client::requesting().unwrap();
    let base_url = base.as_str().to_owned();
    let state = State {
        base,
        authorizer: Authorizer::Fixed(credential.authorization().unwrap()),
        user_agent: HeaderValue::from_static("test"),
        limits: Limits { timeouts: TIMEOUTS, max_response_bytes: 1 << 20 },
        connections: Arc::new(Connections::new(client.clone())),
    };
    let raw = raw::Client::new_with_client(&base_url, client, state);
    let selection = ProjectSelection { org_id: None, project_id: None, policy: ProjectPolicy::First };
    let settings = CallSettings { timeouts: TIMEOUTS, deadline, policy };
    let mut session = Session::new(raw, settings, DriftReporter::default(), AccountContext::new(selection));
    session.set_random(|| 1.0);
    session
}

fn response(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Exchanged {
    let mut response = http::Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    Err(raw::Error::UnexpectedResponse(response.into()).into())
}

fn success() -> Exchanged {
    let now = Instant::now();
    let head = Head { status: StatusCode::OK, headers: HeaderMap::new(), sent: now, received: now };
    Ok((head, Bytes::from_static(br#"{"code":0,"message":"","data":{}}"#)))
}

/// A success whose body ends with this error.
fn broken(error: hyper::Error) -> Exchanged {
    let end = std::future::ready(Some(Err(error)));
    let body = Empty::<Bytes>::new().map_err(|never| match never {}).with_trailers(end);
    Err(raw::Error::UnexpectedResponse(http::Response::new(reqwest::Body::wrap(body)).into()).into())
}

/// A call whose attempts receive these responses, and then responses of 500.
struct Script {
    start: Instant,
    responses: Mutex<std::vec::IntoIter<Exchanged>>,
    /// The start of each attempt, in milliseconds.
    times: Mutex<Vec<u128>>,
    response: Option<Response<Value>>,
}

impl Script {
    fn new(responses: Vec<Exchanged>) -> Self {
        Self {
            start: Instant::now(),
            responses: Mutex::new(responses.into_iter()),
            times: Mutex::default(),
            response: None,
        }
    }
}

impl Exchange for Script {
    fn send<'a>(&'a self, _: &'a Session, _: u32) -> BoxFuture<'a, Exchanged> {
        self.times.lock().unwrap().push(self.start.elapsed().as_millis());
        let next = self.responses.lock().unwrap().next();
        Box::pin(ready(next.unwrap_or_else(|| response(500, &[], ""))))
    }

    fn accept(&mut self, parser: &ResponseParser<'_>, head: Head, body: &[u8]) -> Result<()> {
        self.response = Some(parser.decode(head, body)?);
        Ok(())
    }
}

/// Makes a call whose attempts receive these responses. Also returns the start of each attempt, in milliseconds.
async fn run(
    session: &Session,
    operation: Operation,
    responses: Vec<Exchanged>,
) -> (Result<Envelope<Value>>, Vec<u128>) {
    let mut script = Script::new(responses);
    let call = Call::begin(session, operation, session.deadline()).unwrap();
    let result = call.run(&mut script).await;
    (result.map(|()| script.response.unwrap().envelope), script.times.into_inner().unwrap())
}

/// A call whose attempts never end.
struct Silence;

impl Exchange for Silence {
    fn send<'a>(&'a self, _: &'a Session, _: u32) -> BoxFuture<'a, Exchanged> {
        Box::pin(std::future::pending())
    }

    fn accept(&mut self, _: &ResponseParser<'_>, _: Head, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

async fn hang(session: &Session, operation: Operation) -> Error {
    let call = Call::begin(session, operation, session.deadline()).unwrap();
    call.run(&mut Silence).await.unwrap_err()
}

const READ: Operation = Operation::ListClusters;
const WRITE: Operation = Operation::CreateCluster;

#[tokio::test(start_paused = true)]
async fn a_read_is_retried_after_100_200_and_400_ms() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    let (result, times) = run(&session, READ, vec![]).await;
    assert_eq!(times, [0, 100, 300, 700]);
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), "list_clusters: HTTP 500: Internal Server Error (after 4 attempts)");
    let waits: Vec<_> = error.attempts().iter().map(|attempt| attempt.wait.as_millis()).collect();
    assert_eq!(waits, [100, 200, 400, 0]);
    assert!(
        error.attempts().iter().all(|attempt| (attempt.error, attempt.status) == (Some(ErrorKind::Server), Some(500)))
    );
}

#[tokio::test(start_paused = true)]
async fn a_success_ends_the_call_and_its_attempts_can_be_recorded() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    let responses = vec![response(503, &[("x-request-id", "r-1")], ""), success()];
    let ((result, times), attempts) = record_attempts(run(&session, READ, responses)).await;
    assert!(result.is_ok());
    assert_eq!(times, [0, 100]);
    let logged: Vec<_> =
        attempts.iter().map(|attempt| (attempt.error, attempt.status, attempt.wait.as_millis())).collect();
    assert_eq!(logged, [(Some(ErrorKind::Server), Some(503), 100), (None, Some(200), 0)]);
    assert_eq!(attempts[0].request_id.as_deref(), Some("r-1"));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_respected() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    let (result, times) = run(&session, READ, vec![response(429, &[("retry-after", "7")], ""), success()]).await;
    assert!(result.is_ok());
    assert_eq!(times, [0, 7000]);
}

#[tokio::test(start_paused = true)]
async fn no_backoff_passes_the_deadline() {
    let session = session(RetryPolicy::default(), 5 * SECOND);
    let start = Instant::now();
    let (result, times) = run(&session, READ, vec![response(429, &[("retry-after", "7")], "")]).await;
    assert!(matches!(result, Err(Error::RateLimit { .. })));
    assert_eq!((times, start.elapsed()), (vec![0], Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_ends_at_the_deadline() {
    let session = session(RetryPolicy::default(), 5 * SECOND);
    for (operation, unknown) in [(READ, false), (WRITE, true)] {
        let start = Instant::now();
        let error = hang(&session, operation).await;
        assert_eq!(start.elapsed(), 5 * SECOND);
        assert!(error.to_string().contains("the deadline of the call passed"), "{error}");
        assert_eq!(matches!(error, Error::OutcomeUnknown { .. }), unknown, "{error:?}");
        assert_eq!(matches!(error, Error::Timeout { .. }), !unknown, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_times_out_and_a_read_is_retried() {
    let session = session(RetryPolicy::default().backoff(SECOND), 600 * SECOND);
    for (operation, seconds, attempts) in [(READ, 4 * 30 + 1 + 2 + 4, 4), (WRITE, 60, 1)] {
        let start = Instant::now();
        let error = hang(&session, operation).await;
        assert!(error.to_string().contains("no complete response within the timeout"), "{error}");
        assert_eq!((start.elapsed().as_secs(), error.attempts().len()), (seconds, attempts), "{error}");
        assert_eq!(matches!(error, Error::OutcomeUnknown { .. }), operation.is_write(), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_the_past_sends_nothing_and_is_not_an_unknown_outcome() {
    let session = session(RetryPolicy::default(), 5 * SECOND);
    let call = Call::begin(&session, WRITE, Instant::now()).unwrap();
    let result = call.run(&mut Script::new(vec![success()])).await;
    let error = result.err().unwrap();
    assert!(matches!(error, Error::Timeout { .. }) && error.attempts().is_empty(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_write_is_retried_only_if_it_was_certainly_not_processed() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    for (response, attempts, variant) in [
        (response(500, &[], ""), 1, "Server"),
        (response(503, &[], ""), 1, "Server"),
        (response(502, &[], ""), 1, "OutcomeUnknown"),
        (response(504, &[], ""), 1, "OutcomeUnknown"),
        (response(200, &[("content-type", "text/html")], "<html>"), 1, "OutcomeUnknown"),
        (response(200, &[], ""), 1, "OutcomeUnknown"),
        (response(302, &[], ""), 1, "Protocol"),
        (response(403, &[], ""), 1, "Permission"),
        (response(200, &[], r#"{"code":9,"message":"no"}"#), 1, "Api"),
        (response(429, &[], ""), 2, "Ok"),
        (response(503, &[("retry-after", "1")], ""), 2, "Ok"),
        (response(204, &[], ""), 1, "Ok"),
    ] {
        let (result, times) = run(&session, WRITE, vec![response, success()]).await;
        assert!(format!("{result:?}").trim_start_matches("Err(").starts_with(variant), "{result:?}");
        assert_eq!(times.len(), attempts, "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_has_its_cause_and_how_to_check() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    let (result, _) = run(&session, WRITE, vec![response(502, &[("x-request-id", "r-9")], "")]).await;
    let error = result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "create_cluster: HTTP 502: the outcome is unknown (Bad Gateway): look for the cluster with clusters() before sending \
         it again (request id r-9)"
    );
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "create_cluster: HTTP 502: Bad Gateway (request id r-9)"
    );
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_names_the_call_to_check_with() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    for (write, check) in [
        (Operation::CreateCluster, "look for the cluster with clusters() before"),
        (Operation::DeleteCluster, "look for the cluster with clusters() before"),
        (Operation::SubscribePlan, "check user_subscription() before"),
        (Operation::RestartCluster, "check the cluster with cluster() before"),
    ] {
        let (result, _) = run(&session, write, vec![response(504, &[], "")]).await;
        let error = result.unwrap_err();
        assert!(error.message().contains(check), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn clones_share_a_budget_and_successes_refill_it() {
    let session = session(RetryPolicy::default().budget(28), 60 * SECOND);
    assert_eq!(run(&session, READ, vec![]).await.1.len(), 3, "two retries at 14");
    assert_eq!(run(&session.clone(), READ, vec![]).await.1.len(), 1, "nothing is left");
    for _ in 0..14 {
        run(&session, READ, vec![success()]).await.0.unwrap();
    }
    assert_eq!(
        run(&session, READ, vec![response(500, &[], ""), success()]).await.1.len(),
        2,
        "14 successes pay for a retry"
    );
    assert_eq!(run(&session, READ, vec![]).await.1.len(), 2, "the successful retry has returned its cost");
}

#[tokio::test(start_paused = true)]
async fn five_hundred_callers_of_a_dead_service_stay_within_the_budget() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    let mut requests = 0;
    for _ in 0..500 {
        requests += run(&session, READ, vec![response(503, &[], ""), response(503, &[], ""), response(503, &[], "")])
            .await
            .1
            .len();
    }
    assert_eq!(requests, 500 + 500 / 14);
}

#[tokio::test(start_paused = true)]
async fn without_retries_there_is_one_attempt() {
    let session = session(RetryPolicy::none(), 60 * SECOND);
    assert_eq!(run(&session, READ, vec![]).await.1, [0]);
}

#[tokio::test(start_paused = true)]
async fn a_response_without_an_envelope_is_accepted_only_without_a_code() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    let (result, _) = run(&session, READ, vec![response(200, &[], r#"{"total":0}"#)]).await;
    assert_eq!(result.unwrap().data, Some(serde_json::json!({ "total": 0 })));
    let (result, _) = run(&session, READ, vec![response(200, &[], r#"{"code":"0","message":"","total":0}"#)]).await;
    let error = result.unwrap_err();
    assert!(matches!(&error, Error::Decode { failure } if failure.path() == Some("code")), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_built_is_not_retried() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    for operation in [READ, WRITE] {
        let unbuilt = session.raw().client().get("no URL").build().unwrap_err();
        let (result, times) = run(&session, operation, vec![Err(raw::Error::CommunicationError(unbuilt).into())]).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Protocol, "the request could not be built"));
        assert_eq!(times, [0]);

        let invalid = raw::Error::InvalidRequest("no name".into());
        let (result, times) = run(&session, operation, vec![Err(invalid.into())]).await;
        assert_eq!(result.unwrap_err().to_string(), "invalid input: request: no name");
        assert_eq!(times, [0]);
    }
}

#[tokio::test(start_paused = true)]
async fn every_error_of_hyper_for_a_closed_connection_is_a_lost_connection() {
    let session = session(RetryPolicy::default(), 60 * SECOND);
    let (stream, _) = tokio::io::duplex(64);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    drop(connection);
    let closed = sender.ready().await.unwrap_err();
    let canceled = sender.send_request(http::Request::new(Empty::<Bytes>::new())).await.unwrap_err();
    assert!(closed.is_closed() && canceled.is_canceled());
    for error in [closed, canceled] {
        let ((result, times), attempts) = record_attempts(run(&session, READ, vec![broken(error), success()])).await;
        assert!(result.is_ok());
        assert_eq!((attempts[0].error, times), (Some(ErrorKind::Connect), vec![0, 100]));
    }
}
