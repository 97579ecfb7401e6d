//! `SingleFlight`: one fetch for all calls that need its value at the same time.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::error::{Error, Result};

#[derive(Debug, Default)]
pub(crate) struct SingleFlight {
    /// Held by the one call that fetches. The latest failure, for the calls that waited for it.
    latest_failure: Mutex<Option<Error>>,
    failures: AtomicU64,
}

impl SingleFlight {
    /// The cached value, or what `fetch` brings. Calls that wait while another one fetches share its outcome.
    pub(crate) async fn get<T>(
        &self,
        cached: impl Fn() -> Option<T>,
        fetch: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if let Some(value) = cached() {
            return Ok(value);
        }
        let failures = self.failures.load(Ordering::Acquire);
        let mut latest_failure = self.latest_failure.lock().await;
        if let Some(value) = cached() {
            return Ok(value);
        }
        if let (Some(error), true) = (&*latest_failure, self.failures.load(Ordering::Acquire) != failures) {
            return Err(error.clone());
        }
        let fetched = fetch.await;
        if let Err(error) = &fetched {
            *latest_failure = Some(error.clone());
            self.failures.fetch_add(1, Ordering::Release);
        }
        fetched
    }
}
