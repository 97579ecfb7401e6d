//! `Step`: one step of a cluster of a plan that is applied, and what follows it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::outcome::ApplyOutcome;
use super::plan::{PlannedAction, PlannedCluster};
use super::waits::SharedList;
use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::facade::clusters::ensure::{self, EnsureOutcome};
use crate::facade::clusters::{
    catalogue::Catalogue, compare, deletable::is_same_time, delete::ClusterDelete, wait::Wait, wait::WaitForCluster,
};
use crate::schema::{ClusterListItem, ClusterStatus, CreateClusterRequest, Timestamp};

/// Steps that run at the same time share the concurrency of their pool, so that slow ones do not hold up others. Waits have no limit,
/// since they share a list.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pool {
    /// Clusters that can be deleted now.
    Delete,
    Create,
    /// Clusters that can be deleted in another status.
    Blocked,
    Wait,
}

impl Pool {
    pub(super) const ALL: [Self; 4] = [Self::Delete, Self::Create, Self::Blocked, Self::Wait];
    pub(super) const COUNT: usize = Self::ALL.len();
}

pub(super) enum Step {
    Delete(Timestamp),
    AwaitDeleted(Timestamp),
    /// Waits until an unavailable cluster no longer has the name.
    AwaitName(CreateClusterRequest, Timestamp),
    Create(CreateClusterRequest),
    /// Compares a cluster that was created since the plan was made.
    Compare(CreateClusterRequest, Box<ClusterListItem>),
    AwaitConnectable(ApplyOutcome),
}

/// What follows a step.
pub(super) enum Progress {
    Next(Pool, Step),
    /// The service refused to create the cluster since the account has no room.
    NoRoom(Step, Error),
    Done(ApplyOutcome),
}

/// What all steps share.
#[derive(Clone)]
pub(super) struct Applying {
    pub(super) catalogue: Arc<Catalogue>,
    /// When the longest wait is over.
    pub(super) latest: Option<Instant>,
    /// Whether to wait until clusters are connectable.
    pub(super) connectable: bool,
}

impl Applying {
    /// The first step of a cluster, unless it is no longer as the plan found it.
    pub(super) fn begin(&self, planned: &PlannedCluster, found: Option<ClusterListItem>) -> Progress {
        let changed = |reason| Progress::Done(ApplyOutcome::Changed { reason });
        let is_same = |found: &ClusterListItem| {
            planned.created_at.as_ref().is_some_and(|created| is_same_time(created, &found.create_at))
        };
        match (&planned.action, &planned.request, found) {
            (PlannedAction::Create, Some(request), None) => Progress::Next(Pool::Create, Step::Create(request.clone())),
            (PlannedAction::Create, Some(request), Some(found)) if found.status == ClusterStatus::Unavailable => {
                Progress::Next(Pool::Wait, Step::AwaitName(request.clone(), found.create_at))
            }
            (PlannedAction::Create, Some(request), Some(found)) => {
                Progress::Next(Pool::Create, Step::Compare(request.clone(), Box::new(found)))
            }
            (PlannedAction::Delete, _, None) => Progress::Done(ApplyOutcome::Deleted),
            (_, _, None) => changed("it was deleted since the plan was made"),
            (_, _, Some(found)) if !is_same(&found) => changed("another cluster has its name since the plan was made"),
            (PlannedAction::Delete, _, Some(found)) => {
                let pool = if found.status.is_deletable() { Pool::Delete } else { Pool::Blocked };
                Progress::Next(pool, Step::Delete(found.create_at))
            }
            (PlannedAction::Differs(differences), ..) => {
                Progress::Done(ApplyOutcome::Differs { differences: differences.clone() })
            }
            (_, _, Some(found)) if found.status.is_connectable() => Progress::Done(ApplyOutcome::Unchanged),
            _ => self.finish(ApplyOutcome::Unchanged),
        }
    }

    pub(super) async fn run(&self, list: &Arc<SharedList>, name: &str, step: Step) -> Progress {
        let session = &list.session;
        let wait = || WaitForCluster::new(session.clone(), name);
        let until_gone = |created: &Timestamp| self.within(list.share(wait().deleted_since(Some(created)), |_| false));
        let done = match step {
            Step::Delete(created) => {
                let delete = ClusterDelete::new(session.clone(), name.to_owned()).if_exists().when_deletable();
                let deleted = delete.created_at(Some(created.clone())).send_until(self.latest).await;
                deleted.into_result().map(|_| Progress::Next(Pool::Wait, Step::AwaitDeleted(created)))
            }
            Step::AwaitDeleted(created) => {
                until_gone(&created).send().await.map(|()| Progress::Done(ApplyOutcome::Deleted))
            }
            Step::AwaitName(request, created) => await_name(until_gone(&created), request).await,
            Step::Create(request) => self.create(session, request).await,
            Step::Compare(request, found) => {
                let deadline = session.deadline_until(self.latest);
                let compared = compare::compare(session, &self.catalogue, &request, &found, deadline).await;
                compared.map(|differences| self.compared(differences))
            }
            Step::AwaitConnectable(outcome) => {
                let connectable = list.share(wait().connectable(), ClusterStatus::is_connectable);
                self.within(connectable).send().await.map(|_| Progress::Done(outcome))
            }
        };
        done.unwrap_or_else(|error| Progress::Done(error.into()))
    }

    async fn create(&self, session: &Session, request: CreateClusterRequest) -> Result<Progress> {
        let deadline = session.deadline_until(self.latest);
        match ensure::create_or_compare(session, &self.catalogue, &request, deadline).await {
            Ok(EnsureOutcome::Created) => Ok(self.finish(ApplyOutcome::Created)),
            Ok(EnsureOutcome::Adopted) => Ok(self.finish(ApplyOutcome::Adopted)),
            Ok(EnsureOutcome::Mismatch(differences)) => Ok(Progress::Done(ApplyOutcome::Differs { differences })),
            Err(error) if error.is_cluster_limit() => Ok(Progress::NoRoom(Step::Create(request), error)),
            Err(error) => Err(error),
        }
    }

    fn compared(&self, differences: Vec<compare::Difference>) -> Progress {
        match differences.is_empty() {
            true => self.finish(ApplyOutcome::Adopted),
            false => Progress::Done(ApplyOutcome::Differs { differences }),
        }
    }

    fn finish(&self, outcome: ApplyOutcome) -> Progress {
        match self.connectable {
            true => Progress::Next(Pool::Wait, Step::AwaitConnectable(outcome)),
            false => Progress::Done(outcome),
        }
    }

    fn within<T: Send + 'static>(&self, wait: Wait<T>) -> Wait<T> {
        let remaining = self.latest.map(|latest| latest.saturating_duration_since(Instant::now()));
        wait.max_wait(remaining.unwrap_or(Duration::MAX))
    }
}

/// An unavailable cluster can also become available again.
async fn await_name(mut gone: Wait<()>, request: CreateClusterRequest) -> Result<Progress> {
    while let Some(state) = gone.next().await {
        if state.status.is_some_and(|status| status != ClusterStatus::Unavailable) {
            let reason = "the unavailable cluster of its name is available again";
            return Ok(Progress::Done(ApplyOutcome::Changed { reason }));
        }
    }
    gone.await.map(|()| Progress::Next(Pool::Create, Step::Create(request)))
}
