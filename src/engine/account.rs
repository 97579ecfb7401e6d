//! The organization and project that cluster operations need. One request fetches the account, however many calls wait for it;
//! the project that a client first resolves from it stays that of the client and its clones.

use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use super::recent::RecentClusters;
use crate::connection::single_flight::SingleFlight;
use crate::error::{Error, Result};
use crate::schema::{OrgInfo, SimpleProjectInfo, UserOrgInfoDto};
use crate::types::{operation::Operation, text};

/// A refused read does not fetch the account again within this time.
const RECHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Which project cluster operations use if there are several and none is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProjectPolicy {
    /// The first that the service lists, with one warning that names it. The default with an API key.
    First,
    /// The one created last, by time and then by id.
    Newest,
    /// None: cluster operations fail with [`Error::Config`], which lists the projects. The default with an OAuth token.
    Error,
}

/// The organization and project that a client works in; see [`EloqApi::scope`](crate::EloqApi::scope). It serializes under the
/// names of its fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The organization and project that a client works in."))]
#[non_exhaustive]
pub struct Scope {
    /// Id of the organization.
    pub org_id: i64,
    /// Id of the project.
    pub project_id: i64,
    /// Name of the organization.
    pub org_name: String,
    /// Name of the project.
    pub project_name: String,
}

impl Scope {
    pub(crate) fn ids(&self) -> ScopeIds {
        ScopeIds { org_id: self.org_id, project_id: self.project_id }
    }
}

/// The ids of a [`Scope`], which are part of the path of every cluster operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScopeIds {
    pub(crate) org_id: i64,
    pub(crate) project_id: i64,
}

impl ScopeIds {
    fn exists_in(self, org: &OrgInfo) -> bool {
        org.org_id == self.org_id && org.projects.iter().any(|project| project.project_id == self.project_id)
    }
}

/// What the settings of a client say about its project.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProjectSelection {
    pub(crate) org_id: Option<i64>,
    pub(crate) project_id: Option<i64>,
    pub(crate) policy: ProjectPolicy,
}

/// The account, shared by all clients with the same credential, and the project of this client.
#[derive(Clone, Debug)]
pub(crate) struct AccountContext {
    account: Arc<CachedAccount>,
    selection: ProjectSelection,
    /// The project that was resolved first. It never changes.
    pinned: Arc<OnceLock<Scope>>,
}

#[derive(Debug, Default)]
struct CachedAccount {
    /// The first account that a response brought.
    org: Mutex<Option<Arc<OrgInfo>>>,
    flight: SingleFlight,
    /// The account as a refused call last saw it.
    checked: AsyncMutex<Option<(Instant, OrgInfo)>>,
    recent: RecentClusters,
}

impl AccountContext {
    pub(crate) fn new(selection: ProjectSelection) -> Self {
        Self { account: Arc::default(), selection, pinned: Arc::default() }
    }

    /// The same account with another project.
    pub(crate) fn with_project(&self, project_id: i64) -> Self {
        let selection = ProjectSelection { project_id: Some(project_id), ..self.selection };
        Self { account: self.account.clone(), selection, pinned: Arc::default() }
    }

    /// The same account with each project of `org` in turn, pinned.
    pub(crate) fn all_projects(&self, org: &OrgInfo) -> Result<Vec<(Scope, Self)>> {
        self.check(org)?;
        let pinned = org.projects.iter().map(|project| {
            let context = self.with_project(project.project_id);
            (context.pin(org, project).clone(), context)
        });
        Ok(pinned.collect())
    }

    /// The same selection in an account that is not fetched yet.
    #[cfg(feature = "simulator")]
    pub(crate) fn unresolved(&self) -> Self {
        Self::new(self.selection)
    }

    #[cfg(test)]
    pub(crate) fn selection(&self) -> ProjectSelection {
        self.selection
    }

    pub(crate) fn recent(&self) -> &RecentClusters {
        &self.account.recent
    }

    pub(crate) fn pinned(&self) -> Option<&Scope> {
        self.pinned.get()
    }

    pub(crate) fn pinned_ids(&self) -> Option<ScopeIds> {
        self.pinned.get().map(Scope::ids)
    }

    /// Keeps an account that a call fetched for another reason, if none is cached yet.
    pub(crate) fn store(&self, info: &UserOrgInfoDto) {
        let mut org = self.account.org.lock().unwrap_or_else(PoisonError::into_inner);
        org.get_or_insert_with(|| Arc::new(info.org_info.clone()));
    }

    /// Resolves and pins the project, with `fetch` if the cached account does not have it. Calls that wait while another one
    /// fetches share its outcome.
    pub(crate) async fn resolve(&self, fetch: impl Future<Output = Result<UserOrgInfoDto>>) -> Result<&Scope> {
        let fetch = async {
            let org = Arc::new(fetch.await?.org_info);
            *self.account.org.lock().unwrap_or_else(PoisonError::into_inner) = Some(org.clone());
            self.select(&org).map(|project| self.pin(&org, project))
        };
        self.account.flight.get(|| self.resolve_cached(), fetch).await
    }

    /// The project, if it is pinned or the cached account has it.
    pub(super) fn resolve_cached(&self) -> Option<&Scope> {
        if let Some(scope) = self.pinned.get() {
            return Some(scope);
        }
        let org = self.account.org.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        self.select(&org).ok().map(|project| self.pin(&org, project))
    }

    /// The error of a call that the service refused because the project no longer exists, if that is so: fetches the account
    /// again. A refusal is never a reason to use another project.
    pub(crate) async fn missing_project(
        &self,
        operation: Operation,
        fetch: impl Future<Output = Result<UserOrgInfoDto>>,
    ) -> Option<Error> {
        let pinned = self.pinned_ids()?;
        let mut checked = self.account.checked.lock().await;
        let recent = |(at, _): &(Instant, _)| !operation.is_write() && at.elapsed() < RECHECK_INTERVAL;
        if !checked.as_ref().is_some_and(recent) {
            *checked = Some((Instant::now(), fetch.await.ok()?.org_info));
        }
        let (_, org) = checked.as_ref()?;
        (!pinned.exists_in(org)).then(|| {
            let ScopeIds { org_id, project_id } = pinned;
            let gone = format!("the project {project_id} of organization {org_id} no longer exists");
            Error::config("project_id", format!("{gone}; the account has {}", list_all(&org.projects)))
        })
    }

    fn pin(&self, org: &OrgInfo, project: &SimpleProjectInfo) -> &Scope {
        self.pinned.get_or_init(|| {
            let SimpleProjectInfo { project_id, project_name, .. } = project;
            let guessed = self.selection.project_id.is_none() && org.projects.len() > 1;
            if guessed && self.selection.policy == ProjectPolicy::First {
                let (used, all) = (text::line(project_name, 100), list_all(&org.projects));
                tracing::warn!(
                    "several projects and none chosen: using {project_id} ({used}) of {all}; set project_id"
                );
            }
            Scope {
                org_id: org.org_id,
                project_id: *project_id,
                org_name: org.org_name.clone(),
                project_name: project_name.clone(),
            }
        })
    }

    /// Whether `org` is the chosen organization and has a project.
    fn check(&self, OrgInfo { org_id, projects, .. }: &OrgInfo) -> Result<()> {
        if self.selection.org_id.is_some_and(|expected| expected != *org_id) {
            return Err(Error::config("org_id", format!("the account belongs to organization {org_id}")));
        }
        if projects.is_empty() { Err(Error::NoProject) } else { Ok(()) }
    }

    fn select<'o>(&self, org: &'o OrgInfo) -> Result<&'o SimpleProjectInfo> {
        self.check(org)?;
        let projects = &org.projects;
        match (self.selection.project_id, &projects[..]) {
            (_, []) => Err(Error::NoProject),
            (Some(id), _) => projects.iter().find(|project| project.project_id == id).ok_or_else(|| {
                Error::config("project_id", format!("the account has no project {id}; it has {}", list_all(projects)))
            }),
            (None, [only]) => Ok(only),
            (None, [first, ..]) => match self.selection.policy {
                ProjectPolicy::First => Ok(first),
                ProjectPolicy::Newest => {
                    let age = |project: &&SimpleProjectInfo| (project.create_at.to_system_time(), project.project_id);
                    Ok(projects.iter().max_by_key(age).unwrap_or(first))
                }
                ProjectPolicy::Error => {
                    let reason = format!("several projects and none chosen: {}", list_all(projects));
                    Err(Error::config("project_id", reason))
                }
            },
        }
    }
}

/// The first projects by id and name, in one line.
pub(crate) fn list<'p>(projects: impl ExactSizeIterator<Item = (i64, &'p str)>) -> String {
    text::list(projects.map(|(project_id, project_name)| format!("{project_id} ({})", text::line(project_name, 100))))
}

fn list_all(projects: &[SimpleProjectInfo]) -> String {
    list(projects.iter().map(|project| (project.project_id, &*project.project_name)))
}
