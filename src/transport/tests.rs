//! The loop under a paused clock: exact waits, the deadline, the budget, and what becomes of a failure. Chance is pinned to 1.

#![allow(clippy::result_large_err, reason = "progenitor's error is what an attempt brings")]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;

use super::*;
use crate::{EloqApi, RetryPolicy, attempts_of};

const SECOND: Duration = Duration::from_secs(1);

fn client(policy: RetryPolicy, deadline: Duration) -> raw::Client {
    let builder = EloqApi::builder().api_key("k").base_url("http://127.0.0.1:1").retry(policy).deadline(deadline);
    let mut raw = builder.build().unwrap().raw().clone();
    std::sync::Arc::get_mut(&mut raw.inner.retry).unwrap().dice = || 1.0;
    raw
}

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Reply<Value> {
    let mut response = http::Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    Err(raw::Error::UnexpectedResponse(response.into()))
}

fn success() -> Reply<Value> {
    let envelope = Envelope { code: 0, message: String::new(), data: Some(Value::Null), extra: Default::default() };
    Ok(ResponseValue::new(envelope, StatusCode::OK, Default::default()))
}

/// A success whose body ends in this error.
fn broken(error: hyper::Error) -> Reply<Value> {
    let end = std::future::ready(Some(Err(error)));
    let body = Empty::<Bytes>::new().map_err(|never| match never {}).with_trailers(end);
    Err(raw::Error::UnexpectedResponse(http::Response::new(reqwest::Body::wrap(body)).into()))
}

/// Makes a call whose attempts bring these replies, and tells when each was made.
async fn run(
    raw: &raw::Client,
    operation: Operation,
    replies: Vec<Reply<Value>>,
) -> (Result<Envelope<Value>>, Vec<u128>) {
    let began = Instant::now();
    let times = Rc::new(RefCell::new(Vec::new()));
    let replies = Rc::new(RefCell::new(replies.into_iter()));
    let result = call(raw, operation, |_| {
        let (times, replies) = (times.clone(), replies.clone());
        async move {
            times.borrow_mut().push(began.elapsed().as_millis());
            match replies.borrow_mut().next() {
                Some(reply) => reply,
                None => answer(500, &[], ""),
            }
        }
    });
    let result = result.await;
    let times = times.borrow().clone();
    (result, times)
}

const READ: Operation = Operation::read("list_clusters");
const WRITE: Operation = Operation::write("create_cluster");

#[tokio::test(start_paused = true)]
async fn a_read_is_made_again_after_100_200_and_400_ms() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    let (result, times) = run(&raw, READ, vec![]).await;
    assert_eq!(times, [0, 100, 300, 700]);
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), "list_clusters: HTTP 500: Internal Server Error (after 4 attempts)");
    let waits: Vec<_> = error.attempts().iter().map(|attempt| attempt.wait.as_millis()).collect();
    assert_eq!(waits, [100, 200, 400, 0]);
    assert!(error.attempts().iter().all(|attempt| (attempt.outcome, attempt.status) == ("Server", Some(500))));
}

#[tokio::test(start_paused = true)]
async fn a_success_ends_it_and_its_ledger_can_be_seen() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    let replies = vec![answer(503, &[("x-request-id", "r-1")], ""), success()];
    let ((result, times), attempts) = attempts_of(run(&raw, READ, replies)).await;
    assert!(result.is_ok());
    assert_eq!(times, [0, 100]);
    let seen: Vec<_> =
        attempts.iter().map(|attempt| (attempt.outcome, attempt.status, attempt.wait.as_millis())).collect();
    assert_eq!(seen, [("Server", Some(503), 100), ("ok", Some(200), 0)]);
    assert_eq!(attempts[0].request_id.as_deref(), Some("r-1"));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    let (result, times) = run(&raw, READ, vec![answer(429, &[("retry-after", "7")], ""), success()]).await;
    assert!(result.is_ok());
    assert_eq!(times, [0, 7000]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_waited_for_beyond_the_deadline() {
    let raw = client(RetryPolicy::default(), 5 * SECOND);
    let began = Instant::now();
    let (result, times) = run(&raw, READ, vec![answer(429, &[("retry-after", "7")], "")]).await;
    assert!(matches!(result, Err(Error::RateLimit(_))));
    assert_eq!((times, began.elapsed()), (vec![0], Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_ends_at_the_deadline() {
    let raw = client(RetryPolicy::default(), 5 * SECOND);
    for (operation, unknown) in [(READ, false), (WRITE, true)] {
        let began = Instant::now();
        let result: Result<Envelope<Value>> = call(&raw, operation, |_| std::future::pending::<Reply<Value>>()).await;
        let error = result.unwrap_err();
        assert_eq!(began.elapsed(), 5 * SECOND);
        assert!(error.to_string().contains("the deadline of the call passed"), "{error}");
        assert_eq!(matches!(error, Error::OutcomeUnknown(_)), unknown, "{error:?}");
        assert_eq!(matches!(error, Error::Timeout(_)), !unknown, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_ends_at_its_timeout_and_a_read_is_made_again() {
    let raw = client(RetryPolicy::default().backoff(SECOND), 600 * SECOND);
    for (operation, seconds, attempts) in [(READ, 4 * 30 + 1 + 2 + 4, 4), (WRITE, 60, 1)] {
        let began = Instant::now();
        let result: Result<Envelope<Value>> = call(&raw, operation, |_| std::future::pending::<Reply<Value>>()).await;
        let error = result.unwrap_err();
        assert!(error.to_string().contains("no complete answer in time"), "{error}");
        assert_eq!((began.elapsed().as_secs(), error.attempts().len()), (seconds, attempts), "{error}");
        assert_eq!(matches!(error, Error::OutcomeUnknown(_)), operation.effect == Effect::Write, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_over_sends_nothing_and_leaves_nothing_unknown() {
    let raw = client(RetryPolicy::default(), 5 * SECOND);
    let result: Result<Envelope<Value>> = call_until(&raw, WRITE, Instant::now(), |_| async { success() }).await;
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)) && error.attempts().is_empty(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_write_is_made_again_only_if_it_was_certainly_not_processed() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    for (reply, attempts, variant) in [
        (answer(500, &[], ""), 1, "Server"),
        (answer(503, &[], ""), 1, "Server"),
        (answer(502, &[], ""), 1, "OutcomeUnknown"),
        (answer(504, &[], ""), 1, "OutcomeUnknown"),
        (answer(200, &[("content-type", "text/html")], "<html>"), 1, "OutcomeUnknown"),
        (answer(200, &[], ""), 1, "OutcomeUnknown"),
        (answer(302, &[], ""), 1, "Protocol"),
        (answer(403, &[], ""), 1, "Permission"),
        (answer(200, &[], r#"{"code":9,"message":"no"}"#), 1, "Api"),
        (answer(429, &[], ""), 2, "Ok"),
        (answer(503, &[("retry-after", "1")], ""), 2, "Ok"),
        (answer(204, &[], ""), 1, "Ok"),
    ] {
        let (result, times) = run(&raw, WRITE, vec![reply, success()]).await;
        assert!(format!("{result:?}").trim_start_matches("Err(").starts_with(variant), "{result:?}");
        assert_eq!(times.len(), attempts, "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_keeps_the_cause_and_says_how_to_check() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    let (result, _) = run(&raw, WRITE, vec![answer(502, &[("x-request-id", "r-9")], "")]).await;
    let error = result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "create_cluster: HTTP 502: the outcome is unknown (Bad Gateway): look for the cluster with clusters() before making \
         the call again (request id r-9)"
    );
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "create_cluster: HTTP 502: Bad Gateway (request id r-9)"
    );
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_says_which_call_shows_it() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    for (change, check) in [
        ("create_cluster", "look for the cluster with clusters() before"),
        ("delete_cluster", "look for the cluster with clusters() before"),
        ("subscribe_plan", "look with user_subscription() before"),
        ("restart_cluster", "look at the cluster with cluster() before"),
    ] {
        let (result, _) = run(&raw, Operation::write(change), vec![answer(504, &[], "")]).await;
        let error = result.unwrap_err();
        assert!(error.message().contains(check), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn clones_share_a_budget_and_successes_fill_it() {
    let raw = client(RetryPolicy::default().budget(28), 60 * SECOND);
    assert_eq!(run(&raw, READ, vec![]).await.1.len(), 3, "two retries at 14");
    assert_eq!(run(&raw.clone(), READ, vec![]).await.1.len(), 1, "nothing is left");
    for _ in 0..14 {
        run(&raw, READ, vec![success()]).await.0.unwrap();
    }
    assert_eq!(run(&raw, READ, vec![answer(500, &[], ""), success()]).await.1.len(), 2, "14 successes pay for a retry");
    assert_eq!(run(&raw, READ, vec![]).await.1.len(), 2, "which put its cost back");
}

#[tokio::test(start_paused = true)]
async fn five_hundred_callers_of_a_dead_service_stay_within_the_budget() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    let mut requests = 0;
    for _ in 0..500 {
        requests +=
            run(&raw, READ, vec![answer(503, &[], ""), answer(503, &[], ""), answer(503, &[], "")]).await.1.len();
    }
    assert_eq!(requests, 500 + 500 / 14);
}

#[tokio::test(start_paused = true)]
async fn without_retries_there_is_one_attempt() {
    let raw = client(RetryPolicy::none(), 60 * SECOND);
    assert_eq!(run(&raw, READ, vec![]).await.1, [0]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_its_envelope_is_taken_only_if_it_has_no_code() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    let (result, _) = run(&raw, READ, vec![answer(200, &[], r#"{"total":0}"#)]).await;
    assert_eq!(result.unwrap().data, Some(serde_json::json!({ "total": 0 })));
    let (result, _) = run(&raw, READ, vec![answer(200, &[], r#"{"code":"0","message":"","total":0}"#)]).await;
    let error = result.unwrap_err();
    assert!(matches!(&error, Error::Decode(failure) if failure.path() == Some("code")), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_made_into_a_request_is_not_made_again() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    for operation in [READ, WRITE] {
        let unbuilt = raw.client().get("no URL").build().unwrap_err();
        let (result, times) = run(&raw, operation, vec![Err(raw::Error::CommunicationError(unbuilt))]).await;
        let error = result.unwrap_err();
        assert_eq!((error.variant(), error.message()), ("Protocol", "the request could not be made"));
        assert_eq!(times, [0]);

        let refused = raw::Error::InvalidRequest("no name".to_owned());
        let (result, times) = run(&raw, operation, vec![Err(refused)]).await;
        assert_eq!(result.unwrap_err().to_string(), "invalid input: request: no name");
        assert_eq!(times, [0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_gone_is_lost_whatever_hyper_calls_it() {
    let raw = client(RetryPolicy::default(), 60 * SECOND);
    let (stream, _) = tokio::io::duplex(64);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    drop(connection);
    let closed = sender.ready().await.unwrap_err();
    let canceled = sender.send_request(http::Request::new(Empty::<Bytes>::new())).await.unwrap_err();
    assert!(closed.is_closed() && canceled.is_canceled());
    for error in [closed, canceled] {
        let ((result, times), attempts) = attempts_of(run(&raw, READ, vec![broken(error), success()])).await;
        assert!(result.is_ok());
        assert_eq!((attempts[0].outcome, times), ("Connect", vec![0, 100]));
    }
}
