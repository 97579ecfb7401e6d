//! When a call is made again, and after how long: pure policy, without I/O, clock or dice of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::Method;

use crate::{Error, Result};

/// What a retry takes from the budget, as in the standard mode of the AWS SDKs.
const COST: u32 = 14;
/// The same after the service asked to slow down: it is working, only busy.
const THROTTLED_COST: u32 = 5;
/// What a call that needed no retry puts back.
const REFUND: u32 = 1;

/// How failed calls are made again.
///
/// Calls that only read are retried after anything that can pass: a lost connection, a timeout, a cut answer, the statuses 408,
/// 429, 500, 502, 503 and 504. Calls that change something are retried only when they were certainly not carried out: when no
/// connection was made, after 429, and after 503 with `Retry-After`.
///
/// The wait is drawn between zero and a bound that doubles with each retry; `Retry-After` sets its least length. No wait passes
/// the deadline of the call, and all clones of a client share a budget, so that a service that is down is not flooded.
///
/// ```
/// use std::time::Duration;
/// use eloq_sdk::{EloqApi, RetryPolicy};
///
/// # fn main() -> eloq_sdk::Result<()> {
/// let patient = RetryPolicy::default().max_retries(5).max_backoff(Duration::from_secs(60));
/// let client = EloqApi::builder().api_key("your-api-key").retry(patient).build()?;
/// let hasty = EloqApi::builder().api_key("your-api-key").retry(RetryPolicy::none()).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_retries: u32,
    backoff: Duration,
    throttled_backoff: Duration,
    max_backoff: Duration,
    budget: u32,
}

impl Default for RetryPolicy {
    /// Three retries; 100 ms doubling to 20 s, from 1 s when throttled; a budget of 500.
    fn default() -> Self {
        Self {
            max_retries: 3,
            backoff: Duration::from_millis(100),
            throttled_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(20),
            budget: 500,
        }
    }
}

impl RetryPolicy {
    /// No retries.
    pub fn none() -> Self {
        Self::default().max_retries(0)
    }

    /// How many times a call is made again after the first attempt; the default is 3.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// The bound of the first wait, which doubles with each retry; the default is 100 ms.
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.backoff = backoff;
        self
    }

    /// The same when the service asked to slow down; the default is 1 s.
    pub fn throttled_backoff(mut self, backoff: Duration) -> Self {
        self.throttled_backoff = backoff;
        self
    }

    /// The longest wait, `Retry-After` included; the default is 20 s.
    pub fn max_backoff(mut self, backoff: Duration) -> Self {
        self.max_backoff = backoff;
        self
    }

    /// What a client and its clones can spend on retries: 14 for each, 5 when throttled. A retry that succeeds puts its cost
    /// back, a call that needs none puts back 1. The default is 500.
    pub fn budget(mut self, tokens: u32) -> Self {
        self.budget = tokens;
        self
    }

    pub(crate) fn retries(&self) -> u32 {
        self.max_retries
    }

    pub(crate) fn check(&self) -> Result<()> {
        let waits = [self.backoff, self.throttled_backoff, self.max_backoff];
        match self.max_retries > 0 && waits.iter().any(Duration::is_zero) {
            true => Err(Error::config("retry", "a backoff of zero would flood the service")),
            false => Ok(()),
        }
    }
}

/// Whether an operation changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Write,
}

impl Effect {
    /// That of a request with this method.
    pub(crate) fn of(method: &Method) -> Self {
        if method == Method::GET { Self::Read } else { Self::Write }
    }
}

/// Where a call stands when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// How many retries it had.
    pub(crate) retries: u32,
    /// What is left to its deadline.
    pub(crate) remaining: Duration,
    /// Between 0 and 1.
    pub(crate) dice: f64,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Decision {
    Return,
    Retry { wait: Duration, cost: u32 },
}

/// Decides what comes after a failed attempt, the budget apart.
pub(crate) fn decide(policy: &RetryPolicy, effect: Effect, error: &Error, progress: Progress) -> Decision {
    let repeatable = match effect {
        Effect::Read => error.is_retryable(),
        Effect::Write => error.was_not_processed(),
    };
    if !repeatable || progress.retries >= policy.max_retries {
        return Decision::Return;
    }
    let throttled = error.is_throttled();
    let (base, cost) = if throttled { (policy.throttled_backoff, THROTTLED_COST) } else { (policy.backoff, COST) };
    let bound = base.saturating_mul(1 << progress.retries.min(20)).min(policy.max_backoff);
    let least = error.retry_after().unwrap_or_default().min(policy.max_backoff);
    let wait = bound.mul_f64(progress.dice).max(least);
    if wait >= progress.remaining { Decision::Return } else { Decision::Retry { wait, cost } }
}

/// What the clones of a client share for their retries.
#[derive(Debug)]
pub(crate) struct Retry {
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: Budget,
    /// Between 0 and 1; the one place where chance comes in.
    pub(crate) dice: fn() -> f64,
}

impl Retry {
    #[allow(clippy::disallowed_methods, reason = "this is the place")]
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { budget: Budget::new(&policy), policy, dice: fastrand::f64 }
    }
}

/// What a client and its clones can spend on retries.
#[derive(Debug)]
pub(crate) struct Budget {
    tokens: AtomicU32,
    full: u32,
}

impl Budget {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        Self { tokens: AtomicU32::new(policy.budget), full: policy.budget }
    }

    /// Takes the cost of a retry; false if there is not enough.
    pub(crate) fn take(&self, cost: u32) -> bool {
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok()
    }

    /// Puts back what the retries of a call that succeeded have cost.
    pub(crate) fn refund(&self, spent: u32) {
        // Not a write for every call: an untouched budget is the rule.
        if self.tokens.load(Ordering::Relaxed) < self.full {
            let back = spent.max(REFUND);
            let refill = |left: u32| Some(left.saturating_add(back).min(self.full));
            // The closure always gives a value.
            let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refill);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ApiError, Failure};

    const MINUTE: Duration = Duration::from_secs(60);

    fn answer(status: u16, retry_after: Option<u64>) -> Error {
        let retry_after = retry_after.map(Duration::from_secs);
        ApiError::stub(status, retry_after).into_error()
    }

    fn failure(sent: bool, transient: bool) -> Box<Failure> {
        let mut failure = Failure::new("op", "what");
        (failure.sent, failure.transient) = (sent, transient);
        Box::new(failure)
    }

    fn repeated(effect: Effect, error: &Error) -> bool {
        let progress = Progress { retries: 0, remaining: MINUTE, dice: 0.5 };
        decide(&RetryPolicy::default(), effect, error, progress) != Decision::Return
    }

    #[test]
    fn only_a_get_changes_nothing() {
        assert_eq!(Effect::of(&Method::GET), Effect::Read);
        for method in [Method::POST, Method::DELETE, Method::PUT, Method::PATCH] {
            assert_eq!(Effect::of(&method), Effect::Write, "{method}");
        }
    }

    #[test]
    fn what_is_made_again_for_which_effect() {
        let cases = [
            (answer(400, None), false, false),
            (answer(401, None), false, false),
            (answer(403, None), false, false),
            (answer(404, None), false, false),
            (answer(408, None), true, false),
            (answer(409, None), false, false),
            (answer(429, None), true, true),
            (answer(429, Some(1)), true, true),
            (answer(500, None), true, false),
            (answer(501, None), false, false),
            (answer(502, Some(1)), true, false),
            (answer(503, None), true, false),
            (answer(503, Some(1)), true, true),
            (answer(504, None), true, false),
            (Error::Connect(failure(false, true)), true, true),
            (Error::Connect(failure(false, false)), false, false),
            (Error::Connect(failure(true, true)), true, false),
            (Error::Timeout(failure(false, true)), true, true),
            (Error::Timeout(failure(true, true)), true, false),
            (Error::Protocol(failure(true, true)), true, false),
            (Error::Protocol(failure(true, false)), false, false),
            (Error::Decode(failure(true, false)), false, false),
            (Error::OutcomeUnknown(failure(true, false)), false, false),
            (Error::NoProject, false, false),
            (Error::Closed, false, false),
        ];
        for (error, read, write) in cases {
            assert_eq!(repeated(Effect::Read, &error), read, "{error:?}");
            assert_eq!(repeated(Effect::Write, &error), write, "{error:?}");
        }
    }

    /// The waits of a call that fails in the same way for ever.
    fn waits(policy: &RetryPolicy, error: &Error, dice: f64, deadline: Duration) -> Vec<Duration> {
        let mut waits = Vec::new();
        let mut elapsed = Duration::ZERO;
        loop {
            let retries = u32::try_from(waits.len()).unwrap();
            let progress = Progress { retries, remaining: deadline - elapsed, dice };
            match decide(policy, Effect::Read, error, progress) {
                Decision::Return => return waits,
                Decision::Retry { wait, .. } => {
                    elapsed += wait;
                    waits.push(wait);
                }
            }
        }
    }

    #[test]
    fn the_bound_doubles_up_to_the_longest_wait_and_the_dice_scale_it() {
        let millis = |values: &[u64]| values.iter().copied().map(Duration::from_millis).collect::<Vec<_>>();
        let policy = RetryPolicy::default();
        assert_eq!(waits(&policy, &answer(500, None), 1.0, MINUTE), millis(&[100, 200, 400]));
        assert_eq!(waits(&policy, &answer(500, None), 0.5, MINUTE), millis(&[50, 100, 200]));
        assert_eq!(waits(&policy, &answer(500, None), 0.0, MINUTE), millis(&[0, 0, 0]));
        assert_eq!(waits(&policy, &answer(429, None), 1.0, MINUTE), millis(&[1000, 2000, 4000]));
        let long = RetryPolicy::default().max_retries(40).max_backoff(Duration::from_secs(2));
        let all = waits(&long, &answer(500, None), 1.0, MINUTE * 60);
        assert_eq!(all.len(), 40);
        assert_eq!(all[4..], [vec![Duration::from_millis(1600)], vec![Duration::from_secs(2); 35]].concat());
    }

    #[test]
    fn retry_after_is_the_least_wait_and_clamped() {
        let policy = RetryPolicy::default();
        let seconds = |error, dice| waits(&policy, &error, dice, MINUTE * 10)[0].as_secs_f64();
        assert_eq!(seconds(answer(429, Some(7)), 0.0), 7.0);
        assert_eq!(seconds(answer(503, Some(7)), 1.0), 7.0);
        assert_eq!(seconds(answer(429, Some(0)), 1.0), 1.0);
        assert_eq!(seconds(answer(429, Some(86_400)), 0.0), 20.0);
    }

    #[test]
    fn no_wait_passes_the_deadline() {
        let policy = RetryPolicy::default();
        let deadline = Duration::from_millis(300);
        assert_eq!(waits(&policy, &answer(500, None), 1.0, deadline), [Duration::from_millis(100)]);
        assert!(waits(&policy, &answer(429, Some(1)), 0.0, Duration::from_secs(1)).is_empty());
    }

    #[test]
    fn none_means_none() {
        assert!(waits(&RetryPolicy::none(), &answer(500, None), 1.0, MINUTE).is_empty());
    }

    #[test]
    fn the_budget_is_spent_and_comes_back() {
        let budget = Budget::new(&RetryPolicy::default().budget(30));
        assert!(budget.take(COST) && budget.take(COST));
        assert!(!budget.take(COST));
        assert!(!budget.take(THROTTLED_COST));
        budget.refund(0);
        budget.refund(COST);
        assert!(budget.take(COST + 3));
        assert!(!budget.take(1));
        budget.refund(1000);
        assert!(budget.take(30) && !budget.take(1));
    }

    #[test]
    fn throttling_costs_less() {
        let policy = RetryPolicy::default();
        let progress = Progress { retries: 0, remaining: MINUTE, dice: 0.0 };
        let cost = |error| match decide(&policy, Effect::Read, &error, progress) {
            Decision::Retry { cost, .. } => cost,
            Decision::Return => 0,
        };
        assert_eq!((cost(answer(503, None)), cost(answer(503, Some(1))), cost(answer(429, None))), (14, 5, 5));
    }

    #[test]
    fn a_backoff_of_zero_is_refused() {
        assert!(RetryPolicy::default().backoff(Duration::ZERO).check().is_err());
        assert!(RetryPolicy::none().backoff(Duration::ZERO).check().is_ok());
    }
}
