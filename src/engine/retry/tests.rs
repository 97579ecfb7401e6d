//! Tests of the retry decision, the backoffs and the retry budget.

use super::*;
use crate::error::api_error::ApiError;
use crate::error::failure::Failure;
use crate::types::operation::Operation;

const MINUTE: Duration = Duration::from_secs(60);

fn response(status: u16, retry_after: Option<u64>) -> Error {
    let retry_after = retry_after.map(Duration::from_secs);
    Error::from(ApiError::stub(status, retry_after))
}

fn failure(sent: bool, transient: bool) -> Box<Failure> {
    let mut failure = Failure::new(Operation::OrgInfo, "message");
    (failure.sent, failure.transient) = (sent, transient);
    Box::new(failure)
}

fn retried(idempotency: Idempotency, error: &Error) -> bool {
    let state = RetryState { retries: 0, remaining: MINUTE, random: 0.5 };
    decide(&RetryPolicy::default(), idempotency, error, state) != Decision::Return
}

#[test]
fn reads_and_writes_retry_different_errors() {
    let cases = [
        (response(400, None), false, false),
        (response(401, None), false, false),
        (response(403, None), false, false),
        (response(404, None), false, false),
        (response(408, None), true, false),
        (response(409, None), false, false),
        (response(429, None), true, true),
        (response(429, Some(1)), true, true),
        (response(500, None), true, false),
        (response(501, None), false, false),
        (response(502, Some(1)), true, false),
        (response(503, None), true, false),
        (response(503, Some(1)), true, true),
        (response(504, None), true, false),
        (Error::connect(failure(false, true)), true, true),
        (Error::connect(failure(false, false)), false, false),
        (Error::connect(failure(true, true)), true, false),
        (Error::timeout(failure(false, true)), true, true),
        (Error::timeout(failure(true, true)), true, false),
        (Error::protocol(failure(true, true)), true, false),
        (Error::protocol(failure(true, false)), false, false),
        (Error::decode(failure(true, false)), false, false),
        (Error::outcome_unknown(failure(true, false)), false, false),
        (Error::NoProject, false, false),
        (Error::Closed, false, false),
    ];
    for (error, read, write) in cases {
        assert_eq!(retried(Idempotency::Idempotent, &error), read, "{error:?}");
        assert_eq!(retried(Idempotency::NonIdempotent, &error), write, "{error:?}");
    }
}

/// The backoffs of a call if every attempt fails with this error.
fn waits(policy: &RetryPolicy, error: &Error, random: f64, deadline: Duration) -> Vec<Duration> {
    let mut waits = Vec::new();
    let mut elapsed = Duration::ZERO;
    loop {
        let retries = u32::try_from(waits.len()).unwrap();
        let state = RetryState { retries, remaining: deadline - elapsed, random };
        match decide(policy, Idempotency::Idempotent, error, state) {
            Decision::Return => return waits,
            Decision::Retry { wait, .. } => {
                elapsed += wait;
                waits.push(wait);
            }
        }
    }
}

#[test]
fn backoff_doubles_up_to_the_longest_with_full_jitter() {
    let millis = |values: &[u64]| values.iter().copied().map(Duration::from_millis).collect::<Vec<_>>();
    let policy = RetryPolicy::default();
    assert_eq!(waits(&policy, &response(500, None), 1.0, MINUTE), millis(&[100, 200, 400]));
    assert_eq!(waits(&policy, &response(500, None), 0.5, MINUTE), millis(&[50, 100, 200]));
    assert_eq!(waits(&policy, &response(500, None), 0.0, MINUTE), millis(&[0, 0, 0]));
    assert_eq!(waits(&policy, &response(429, None), 1.0, MINUTE), millis(&[1000, 2000, 4000]));
    let long = RetryPolicy::default().max_retries(40).max_backoff(Duration::from_secs(2));
    let all = waits(&long, &response(500, None), 1.0, MINUTE * 60);
    assert_eq!(all.len(), 40);
    assert_eq!(all[4..], [vec![Duration::from_millis(1600)], vec![Duration::from_secs(2); 35]].concat());
}

#[test]
fn retry_after_is_the_minimum_and_ends_the_call_above_the_longest_backoff() {
    let policy = RetryPolicy::default();
    let seconds = |error, random| waits(&policy, &error, random, MINUTE * 10)[0].as_secs_f64();
    assert_eq!(seconds(response(429, Some(7)), 0.0), 7.0);
    assert_eq!(seconds(response(503, Some(7)), 1.0), 7.0);
    assert_eq!(seconds(response(429, Some(0)), 1.0), 1.0);
    assert_eq!(seconds(response(429, Some(20)), 0.0), 20.0);
    assert!(waits(&policy, &response(429, Some(21)), 0.0, MINUTE * 10).is_empty());
}

#[test]
fn no_backoff_passes_the_deadline() {
    let policy = RetryPolicy::default();
    let deadline = Duration::from_millis(300);
    assert_eq!(waits(&policy, &response(500, None), 1.0, deadline), [Duration::from_millis(100)]);
    assert!(waits(&policy, &response(429, Some(1)), 0.0, Duration::from_secs(1)).is_empty());
}

#[test]
fn the_policy_none_does_not_retry() {
    assert!(waits(&RetryPolicy::none(), &response(500, None), 1.0, MINUTE).is_empty());
}

#[test]
fn the_budget_is_spent_and_returned() {
    let budget = Budget::new(&RetryPolicy::default().budget(30));
    assert!(budget.try_acquire(RETRY_COST) && budget.try_acquire(RETRY_COST));
    assert!(!budget.try_acquire(RETRY_COST));
    assert!(!budget.try_acquire(THROTTLED_COST));
    budget.release(0);
    budget.release(RETRY_COST);
    assert!(budget.try_acquire(RETRY_COST + 3));
    assert!(!budget.try_acquire(1));
    budget.release(1000);
    assert!(budget.try_acquire(30) && !budget.try_acquire(1));
}

#[test]
fn throttling_costs_less() {
    let policy = RetryPolicy::default();
    let state = RetryState { retries: 0, remaining: MINUTE, random: 0.0 };
    let cost = |error| match decide(&policy, Idempotency::Idempotent, &error, state) {
        Decision::Retry { cost, .. } => cost,
        Decision::Return => 0,
    };
    assert_eq!((cost(response(503, None)), cost(response(503, Some(1))), cost(response(429, None))), (14, 5, 5));
}

#[test]
fn a_backoff_of_zero_is_invalid() {
    assert!(RetryPolicy::default().backoff(Duration::ZERO).check().is_err());
    assert!(RetryPolicy::none().backoff(Duration::ZERO).check().is_ok());
}
