//! The organization and project that cluster operations need: fetched once, by one request however many calls wait for it.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;

use crate::schema::UserOrgInfoDto;
use crate::{Error, Result};

/// Where clusters live: part of the path of every cluster operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) org_id: i64,
    pub(crate) project_id: i64,
}

/// The cache of the scope.
#[derive(Debug, Default)]
pub(crate) struct Context {
    scope: ArcSwapOption<Scope>,
    /// Held by the one call that fetches; keeps the latest failure for those that waited.
    flight: Mutex<Option<Error>>,
    failures: AtomicU64,
}

impl Context {
    /// The scope, from `fetch` if it is not known yet. Calls that wait while another fetches share its outcome, good or bad.
    pub(crate) async fn scope<F>(&self, fetch: impl FnOnce() -> F) -> Result<Scope>
    where
        F: Future<Output = Result<UserOrgInfoDto>>,
    {
        if let Some(scope) = self.known() {
            return Ok(scope);
        }
        let failures = self.failures.load(Ordering::Acquire);
        let mut latest_failure = self.flight.lock().await;
        if let Some(scope) = self.known() {
            return Ok(scope);
        }
        if let (Some(error), true) = (&*latest_failure, self.failures.load(Ordering::Acquire) != failures) {
            return Err(error.clone());
        }
        let resolved = match fetch().await {
            Ok(info) => self.learn(&info),
            Err(error) => Err(error),
        };
        if let Err(error) = &resolved {
            *latest_failure = Some(error.clone());
            self.failures.fetch_add(1, Ordering::Release);
        }
        resolved
    }

    /// Takes the scope from an answer that was asked for anyway.
    pub(crate) fn learn(&self, info: &UserOrgInfoDto) -> Result<Scope> {
        let project = info.org_info.projects.first().ok_or(Error::NoProject)?;
        let scope = Scope { org_id: info.org_info.org_id, project_id: project.project_id };
        if self.known() != Some(scope) {
            self.scope.store(Some(scope.into()));
        }
        Ok(scope)
    }

    fn known(&self) -> Option<Scope> {
        self.scope.load().as_deref().copied()
    }
}
