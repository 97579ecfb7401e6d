//! When a failed attempt is retried, and after which delay: pure policy, without I/O or clock.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::backoff::Backoff;
use crate::error::{Error, Result};
use crate::types::{operation::Idempotency, setters::setters};

/// What a retry takes from the budget, as in the standard mode of the AWS SDKs.
const RETRY_COST: u32 = 14;
/// The same after throttling: the service works, but is busy.
const THROTTLED_COST: u32 = 5;
/// What a call without retries puts back.
const SUCCESS_REFUND: u32 = 1;

/// How failed attempts are retried.
///
/// Reads are retried on transient errors: a lost connection, a timeout, an incomplete response, and the statuses 408, 429, 500,
/// 502, 503 and 504. Writes are retried only if the service certainly did not process them: no connection was made, 429, or 503
/// with `Retry-After`.
///
/// Backoff is exponential with full jitter; `Retry-After` sets the minimum, and ends the call if it is longer than the longest
/// backoff. No backoff passes the deadline of the call. All clones of a client share a retry budget, so that they do not flood a
/// service that is down.
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

setters! {
    RetryPolicy;

    /// Maximum number of retries after the first attempt; the default is 3.
    max_retries(retries: u32) => retries;

    /// Upper bound of the first backoff, which doubles with each retry; the default is 100 ms.
    backoff(backoff: Duration) => backoff;

    /// The same after throttling (429, or 503 with `Retry-After`); the default is 1 s.
    throttled_backoff(backoff: Duration) => backoff;

    /// Longest backoff; the default is 20 s. A longer `Retry-After` ends the call.
    max_backoff(backoff: Duration) => backoff;

    /// Tokens that a client and its clones can spend on retries: 14 for each, 5 after throttling. A retry that succeeds returns
    /// its tokens, a call without retries returns 1. The default is 500.
    budget(tokens: u32) => tokens;
}

impl RetryPolicy {
    /// No retries.
    pub fn none() -> Self {
        Self::default().max_retries(0)
    }

    pub(crate) fn retries(&self) -> u32 {
        self.max_retries
    }

    pub(crate) fn check(&self) -> Result<()> {
        let waits = [self.backoff, self.throttled_backoff, self.max_backoff];
        let invalid = self.max_retries > 0 && waits.iter().any(Duration::is_zero);
        if invalid { Err(Error::config("retry", "backoff must be longer than zero")) } else { Ok(()) }
    }
}

/// The state of a call after a failed attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryState {
    pub(crate) retries: u32,
    /// Time until the deadline.
    pub(crate) remaining: Duration,
    /// Between 0 and 1.
    pub(crate) random: f64,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Decision {
    Return,
    Retry { wait: Duration, cost: u32 },
}

/// Decides what follows a failed attempt; the caller asks the budget.
pub(crate) fn decide(policy: &RetryPolicy, idempotency: Idempotency, error: &Error, state: RetryState) -> Decision {
    let retryable = match idempotency {
        Idempotency::Idempotent => error.is_retryable(),
        Idempotency::NonIdempotent => error.was_not_processed(),
    };
    if !retryable || state.retries >= policy.max_retries {
        return Decision::Return;
    }
    let (initial, cost) = match error.is_throttled() {
        true => (policy.throttled_backoff, THROTTLED_COST),
        false => (policy.backoff, RETRY_COST),
    };
    let backoff = Backoff { initial, factor: 2.0, max: policy.max_backoff, jitter: 1.0 };
    let minimum = error.retry_after().unwrap_or_default();
    let wait = backoff.delay(state.retries, state.random).max(minimum);
    let too_long = minimum > policy.max_backoff || wait >= state.remaining;
    if too_long { Decision::Return } else { Decision::Retry { wait, cost } }
}

/// The retry budget of a client and its clones: a token bucket.
#[derive(Debug)]
pub(crate) struct Budget {
    tokens: AtomicU32,
    capacity: u32,
}

impl Budget {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        Self { tokens: AtomicU32::new(policy.budget), capacity: policy.budget }
    }

    /// Takes the cost of a retry; false if there are not enough tokens.
    pub(crate) fn try_acquire(&self, cost: u32) -> bool {
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok()
    }

    /// Returns what a successful call spent on retries.
    pub(crate) fn release(&self, spent: u32) {
        // The budget is nearly always full: then a call does not write to it.
        if self.tokens.load(Ordering::Relaxed) < self.capacity {
            let back = spent.max(SUCCESS_REFUND);
            let refill = |left: u32| Some(left.saturating_add(back).min(self.capacity));
            // The closure always returns a value.
            let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refill);
        }
    }
}

#[cfg(test)]
mod tests;
