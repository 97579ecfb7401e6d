//! `Session`: the handle below the facade, with raw client, account, retry policy and budget, and drift reporter.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::options::{CallOptions, CallSettings};
use super::retry::Budget;
use super::{account::AccountContext, drift::DriftReporter};
use crate::connection::provider::CredentialProvider;
use crate::error::{Error, Result};
use crate::raw::{self, ClientInfo};
use crate::types::drift::Inspect;

/// What clones of a client share, and what this one has of its own.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    shared: Arc<Shared>,
    account: AccountContext,
    settings: Arc<CallSettings>,
}

#[derive(Debug)]
struct Shared {
    raw: raw::Client,
    budget: Budget,
    /// Between 0 and 1; the one source of randomness.
    random: fn() -> f64,
    drift: DriftReporter,
}

impl Session {
    #[allow(clippy::disallowed_methods, reason = "the one source of randomness")]
    pub(crate) fn new(raw: raw::Client, settings: CallSettings, drift: DriftReporter, account: AccountContext) -> Self {
        let shared = Shared { raw, budget: Budget::new(&settings.policy), random: fastrand::f64, drift };
        Self { shared: Arc::new(shared), account, settings: Arc::new(settings) }
    }

    #[cfg(test)]
    pub(crate) fn set_random(&mut self, random: fn() -> f64) {
        Arc::get_mut(&mut self.shared).unwrap().random = random;
    }

    pub(crate) fn with_account(&self, account: AccountContext) -> Self {
        Self { account, ..self.clone() }
    }

    /// The same connections, account and budget with other limits and retries.
    pub(crate) fn with_options(&self, options: CallOptions) -> Result<Self> {
        Ok(Self { settings: Arc::new(self.settings.with(options)?), ..self.clone() })
    }

    pub(crate) fn account(&self) -> &AccountContext {
        &self.account
    }

    /// The source of the credential, if it can change.
    pub(super) fn provider(&self) -> Option<&CredentialProvider> {
        self.shared.raw.inner().authorizer.provider()
    }

    pub(crate) fn raw(&self) -> &raw::Client {
        &self.shared.raw
    }

    pub(crate) fn settings(&self) -> &CallSettings {
        &self.settings
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.shared.budget
    }

    pub(crate) fn random(&self) -> fn() -> f64 {
        self.shared.random
    }

    /// When a call that begins now has to end.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.settings.deadline
    }

    /// The same, but not after `latest`.
    pub(crate) fn deadline_until(&self, latest: Option<Instant>) -> Instant {
        latest.map_or_else(|| self.deadline(), |latest| latest.min(self.deadline()))
    }

    pub(crate) fn close(&self) {
        self.shared.raw.inner().connections.close();
    }

    /// Sleeps, unless the client is closed.
    pub(crate) async fn sleep(&self, duration: Duration) -> Result<()> {
        let closed = timeout(duration, self.shared.raw.inner().connections.closed()).await;
        closed.map_or(Ok(()), |()| Err(Error::Closed))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared.raw.inner().connections.is_closed()
    }

    pub(super) fn report_drift(&self, response: &dyn Inspect) {
        self.shared.drift.report(response);
    }
}
