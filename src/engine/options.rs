//! `CallOptions`: limits and retries of single calls, and `CallSettings`: those that a client has.

use std::time::Duration;

use super::retry::RetryPolicy;
use crate::error::{Error, Result};
use crate::raw::limits::Timeouts;
use crate::types::setters::setters;

/// Longer durations are clamped, since clocks overflow.
const MAX_DURATION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Limits and retries that differ from those of the client, for [`EloqApi::with_options`](crate::EloqApi::with_options).
///
/// What is not set stays as it is.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use std::time::Duration;
/// use eloq_sdk::{CallOptions, RetryPolicy};
///
/// // For a health check, which has to end soon.
/// let options = CallOptions::default().timeout(Duration::from_secs(2)).retry(RetryPolicy::none());
/// let is_up = client.with_options(options)?.info().await.is_ok();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CallOptions {
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    retry: Option<RetryPolicy>,
}

setters! {
    CallOptions;

    /// Sets the timeout of one request, from connecting to the last byte of the response, for reads and writes. The timeout of a
    /// connection attempt stays that of the client: a write that ends before its connection is made has an unknown outcome, which is
    /// reconciled.
    timeout(timeout: Duration) => Some(timeout);

    /// Sets the deadline of a whole call with its retries and backoffs. It does not limit a [`Wait`](crate::Wait), which has
    /// [`max_wait`](crate::Wait::max_wait).
    deadline(deadline: Duration) => Some(deadline);

    /// Sets the [`RetryPolicy`]. Its budget has no effect: retries still take from the budget of the client.
    retry(policy: RetryPolicy) => Some(policy);
}

/// The limits and retries of calls.
#[derive(Clone, Debug)]
pub(crate) struct CallSettings {
    pub(crate) timeouts: Timeouts,
    pub(crate) deadline: Duration,
    pub(crate) policy: RetryPolicy,
}

impl CallSettings {
    /// The same with these options.
    pub(super) fn with(&self, options: CallOptions) -> Result<Self> {
        let timeout = options.timeout.map(|timeout| checked("timeout", timeout)).transpose()?;
        let deadline = options.deadline.map(|deadline| checked("deadline", deadline)).transpose()?;
        let policy = options.retry.unwrap_or_else(|| self.policy.clone());
        policy.check()?;
        Ok(Self {
            timeouts: timeout.map_or(self.timeouts, |timeout| Timeouts { read: timeout, write: timeout }),
            deadline: deadline.unwrap_or(self.deadline),
            policy,
        })
    }
}

/// Refuses zero, which would fail every call, and clamps what clocks cannot add.
pub(crate) fn checked(setting: &str, duration: Duration) -> Result<Duration> {
    match duration {
        Duration::ZERO => Err(Error::config(setting, "must be longer than zero")),
        duration => Ok(duration.min(MAX_DURATION)),
    }
}
