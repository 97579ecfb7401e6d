//! The organization and project that cluster operations need: the account is fetched once, by one request however many calls
//! wait for it; which of its projects is meant is each client's own choice.

use std::fmt::Write;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::recent::Recent;
use crate::schema::{OrgInfo, SimpleProjectInfo, UserOrgInfoDto};
use crate::{Error, Result, text};

/// An account that was asked for so recently cannot have changed much: a refusal is not its fault.
const FRESH: Duration = Duration::from_secs(60);

/// Which project is meant when there are several and none is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProjectPolicy {
    /// The first that the service lists, with one warning that names all. The default with an API key.
    First,
    /// The one created last, by time and then by number.
    Newest,
    /// None: cluster operations fail with [`Error::Config`], which lists them. The default with an OAuth token.
    Error,
}

/// Where clusters live: part of the path of every cluster operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) org_id: i64,
    pub(crate) project_id: i64,
}

impl Scope {
    fn is_in(self, org: &OrgInfo) -> bool {
        org.org_id == self.org_id && org.projects.iter().any(|project| project.project_id == self.project_id)
    }
}

/// What a client wants of the account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) org_id: Option<i64>,
    pub(crate) project_id: Option<i64>,
    pub(crate) policy: ProjectPolicy,
}

/// The account, shared by all clients on the same credential, and this client's choice in it.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    account: Arc<Account>,
    choice: Choice,
    warned: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Account {
    known: ArcSwapOption<Known>,
    /// Held by the one call that fetches; keeps the latest failure for those that waited.
    flight: Mutex<Option<Error>>,
    failures: AtomicU64,
    recent: Recent,
}

#[derive(Debug)]
struct Known {
    org: OrgInfo,
    /// When the account was confirmed after a refusal that it could have caused; none before.
    confirmed: Option<Instant>,
}

impl Context {
    pub(crate) fn new(choice: Choice) -> Self {
        Self { account: Arc::default(), choice, warned: Arc::default() }
    }

    /// What was created a moment ago with this account.
    pub(crate) fn recent(&self) -> &Recent {
        &self.account.recent
    }

    /// The same account with a project of its own.
    pub(crate) fn with_project(&self, project_id: i64) -> Self {
        let choice = Choice { project_id: Some(project_id), ..self.choice };
        Self { account: self.account.clone(), choice, warned: Arc::default() }
    }

    #[cfg(test)]
    pub(crate) fn choice(&self) -> Choice {
        self.choice
    }

    /// The same choice in an account that is not known yet.
    #[cfg(feature = "simulator")]
    pub(crate) fn forgotten(&self) -> Self {
        Self::new(self.choice)
    }

    /// The scope, if the account is known and has it. One that it does not have is worth another question: projects are created
    /// and chosen elsewhere.
    pub(crate) fn known(&self) -> Option<Scope> {
        self.select(&self.account.known.load().as_ref()?.org).ok()
    }

    /// The scope, from `fetch` if the account is not known yet. Calls that wait while another fetches share its outcome, good or
    /// bad.
    pub(crate) async fn scope(&self, fetch: impl Future<Output = Result<UserOrgInfoDto>>) -> Result<Scope> {
        if let Some(scope) = self.known() {
            return Ok(scope);
        }
        let failures = self.account.failures.load(Ordering::Acquire);
        let mut latest_failure = self.account.flight.lock().await;
        if let Some(scope) = self.known() {
            return Ok(scope);
        }
        if let (Some(error), true) = (&*latest_failure, self.account.failures.load(Ordering::Acquire) != failures) {
            return Err(error.clone());
        }
        let resolved = fetch.await.and_then(|info| {
            self.learn(&info);
            self.select(&info.org_info)
        });
        if let Err(error) = &resolved {
            *latest_failure = Some(error.clone());
            self.account.failures.fetch_add(1, Ordering::Release);
        }
        resolved
    }

    /// The scope after a refusal that is explained by the project being gone: asks once, and then not again for a while, so that
    /// looking for what does not exist costs no second request each time. A project that is still there has refused by itself;
    /// the same in another would be another call.
    pub(crate) async fn rescope(
        &self,
        refused: Scope,
        fetch: impl Future<Output = Result<UserOrgInfoDto>>,
    ) -> Option<Scope> {
        let instead = |known: &Known| self.select(&known.org).ok().filter(|_| !refused.is_in(&known.org));
        let _flight = self.account.flight.lock().await;
        if let Some(known) = &*self.account.known.load() {
            let recent = known.confirmed.is_some_and(|confirmed| confirmed.elapsed() < FRESH);
            if recent || instead(known).is_some() {
                return instead(known);
            }
        }
        let known = Known { org: fetch.await.ok()?.org_info, confirmed: Some(Instant::now()) };
        let scope = instead(&known);
        self.account.known.store(Some(known.into()));
        scope
    }

    /// Takes the account from an answer that was asked for anyway.
    pub(crate) fn learn(&self, info: &UserOrgInfoDto) {
        let known = self.account.known.load();
        if known.as_ref().is_none_or(|known| known.org != info.org_info) {
            self.account.known.store(Some(Known { org: info.org_info.clone(), confirmed: None }.into()));
        }
    }

    fn select(&self, org: &OrgInfo) -> Result<Scope> {
        let OrgInfo { org_id, projects, .. } = org;
        if self.choice.org_id.is_some_and(|wanted| wanted != *org_id) {
            return Err(Error::config("org_id", format!("is not that of the account, which is {org_id}")));
        }
        let project = match (self.choice.project_id, &projects[..]) {
            (_, []) => return Err(Error::NoProject),
            (Some(wanted), _) => projects.iter().find(|project| project.project_id == wanted).ok_or_else(|| {
                let reason = format!("the account has no project {wanted}; it has {}", list(projects));
                Error::config("project_id", reason)
            })?,
            (None, [only]) => only,
            (None, [first, ..]) => match self.choice.policy {
                ProjectPolicy::First => {
                    if !self.warned.swap(true, Ordering::Relaxed) {
                        let used = first.project_id;
                        let all = list(projects);
                        tracing::warn!("several projects and none chosen: using {used} of {all}; set project_id");
                    }
                    first
                }
                ProjectPolicy::Newest => projects
                    .iter()
                    .max_by_key(|project| (project.create_at.to_system_time(), project.project_id))
                    .unwrap_or(first),
                ProjectPolicy::Error => {
                    let reason = format!("several projects and none chosen: {}", list(projects));
                    return Err(Error::config("project_id", reason));
                }
            },
        };
        Ok(Scope { org_id: *org_id, project_id: project.project_id })
    }
}

/// The projects by number and name, in one line.
fn list(projects: &[SimpleProjectInfo]) -> String {
    let mut out = String::new();
    for SimpleProjectInfo { project_id, project_name, .. } in projects {
        let comma = if out.is_empty() { "" } else { ", " };
        // Writing into a String does not fail.
        let _ = write!(out, "{comma}{project_id} ({})", text::line(project_name, 100));
    }
    out
}
