//! `Step`: what is done with a cluster of a plan that is applied.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::outcome::ApplyOutcome;
use super::plan::{PlannedAction, PlannedCluster};
use super::waits::SharedList;
use crate::error::Result;
use crate::facade::clusters::ensure::{self, EnsureOutcome};
use crate::facade::clusters::{
    catalogue::Catalogue, compare, deletable::is_same_time, delete::ClusterDelete, wait::Wait, wait::WaitForCluster,
};
use crate::schema::{ClusterListItem, ClusterStatus, CreateClusterRequest, Timestamp};

/// What is to be done with a cluster, after the list was read again.
pub(super) enum Step {
    Done(ApplyOutcome),
    /// Keeps a cluster that is not connectable.
    Keep,
    /// Creates a cluster, with the one that has its name by now.
    Create(CreateClusterRequest, Option<Box<ClusterListItem>>),
    Delete {
        created: Timestamp,
        /// Whether its status allows it.
        is_deletable: bool,
    },
}

impl Step {
    /// Nothing is done with a cluster that is no longer as the plan found it.
    pub(super) fn first(planned: &PlannedCluster, found: Option<ClusterListItem>) -> Self {
        let changed = |reason| Self::Done(ApplyOutcome::Changed { reason });
        let is_same = |found: &ClusterListItem| {
            planned.created_at.as_ref().is_some_and(|created| is_same_time(created, &found.create_at))
        };
        match (&planned.action, &planned.request, found) {
            (PlannedAction::Create, Some(request), found) => Self::Create(request.clone(), found.map(Box::new)),
            (PlannedAction::Delete, _, None) => Self::Done(ApplyOutcome::Deleted),
            (_, _, None) => changed("it was deleted since the plan was made"),
            (_, _, Some(found)) if !is_same(&found) => changed("another cluster has its name since the plan was made"),
            (PlannedAction::Delete, _, Some(found)) => {
                Self::Delete { is_deletable: found.status.is_deletable(), created: found.create_at }
            }
            (PlannedAction::Differs(differences), ..) => {
                Self::Done(ApplyOutcome::Differs { differences: differences.clone() })
            }
            (_, _, Some(found)) if found.status.is_connectable() => Self::Done(ApplyOutcome::Unchanged),
            _ => Self::Keep,
        }
    }
}

/// What all clusters of a plan share. Requests that take long have permits of their own, so that they do not hold up others; waits
/// need none, since they share a list.
pub(super) struct Applying {
    catalogue: Catalogue,
    /// When the longest wait is over.
    latest: Option<Instant>,
    /// Whether to wait until clusters are connectable.
    connectable: bool,
    /// To delete clusters that can be deleted now.
    deleting: Semaphore,
    /// To delete clusters that can be deleted in another status.
    blocked: Semaphore,
    creating: Semaphore,
    deletions: watch::Sender<Deletions>,
}

/// What creations wait for.
#[derive(Default)]
struct Deletions {
    /// Requests for clusters that can be deleted now. Until they are sent, no cluster is created.
    requests: usize,
    /// How many have not ended.
    running: usize,
    /// How many have made room for another cluster.
    done: usize,
}

impl Applying {
    pub(super) fn new(concurrency: usize, latest: Option<Instant>, connectable: bool) -> Self {
        let permits = || Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS));
        Self {
            catalogue: Catalogue::default(),
            latest,
            connectable,
            deleting: permits(),
            blocked: permits(),
            creating: permits(),
            deletions: watch::Sender::default(),
        }
    }

    /// Counts the deletions among the first steps.
    pub(super) fn expect<'s>(&self, steps: impl Iterator<Item = &'s Step>) {
        self.deletions.send_modify(|deletions| {
            for step in steps {
                if let Step::Delete { is_deletable, .. } = step {
                    deletions.running += 1;
                    deletions.requests += usize::from(*is_deletable);
                }
            }
        });
    }
}

/// A cluster of a plan that is applied.
pub(super) struct PlannedStep<'n> {
    pub(super) applying: Arc<Applying>,
    pub(super) list: Arc<SharedList>,
    pub(super) name: &'n str,
}

impl PlannedStep<'_> {
    pub(super) async fn run(self, step: Step) -> Result<ApplyOutcome> {
        match step {
            Step::Done(outcome) => Ok(outcome),
            Step::Keep => self.finish(ApplyOutcome::Unchanged).await,
            Step::Delete { created, is_deletable } => {
                let deleted = self.delete(&created, is_deletable).await;
                self.applying.deletions.send_modify(|deletions| {
                    deletions.running -= 1;
                    deletions.done += usize::from(deleted.is_ok());
                });
                deleted.map(|()| ApplyOutcome::Deleted)
            }
            Step::Create(request, None) => self.create(&request).await,
            Step::Create(request, Some(found)) if found.status != ClusterStatus::Unavailable => {
                self.compare(&request, &found).await
            }
            Step::Create(request, Some(unavailable)) => match self.is_freed(&unavailable.create_at).await? {
                true => self.create(&request).await,
                false => Ok(ApplyOutcome::Changed { reason: "the unavailable cluster of its name is available again" }),
            },
        }
    }

    async fn delete(&self, created: &Timestamp, is_deletable: bool) -> Result<()> {
        let Applying { deleting, blocked, deletions, latest, .. } = &*self.applying;
        let delete = ClusterDelete::new(self.list.session.clone(), self.name.to_owned()).if_exists().when_deletable();
        let permit = if is_deletable { deleting } else { blocked }.acquire().await;
        let deleted = delete.created_at(Some(created.clone())).send_until(*latest).await.into_result();
        drop(permit);
        deletions.send_modify(|deletions| deletions.requests -= usize::from(is_deletable));
        deleted?;
        self.until_gone(created).send().await
    }

    /// Waits until an unavailable cluster no longer has the name; false if it is available again.
    async fn is_freed(&self, created: &Timestamp) -> Result<bool> {
        let mut gone = self.until_gone(created);
        while let Some(state) = gone.next().await {
            if state.status.is_some_and(|status| status != ClusterStatus::Unavailable) {
                return Ok(false);
            }
        }
        gone.await.map(|()| true)
    }

    /// Creates a cluster, and again after a deletion if the account has no room. Permits are never closed, and the count of deletions
    /// lives as long as this.
    async fn create(&self, request: &CreateClusterRequest) -> Result<ApplyOutcome> {
        let Applying { catalogue, creating, deletions, latest, .. } = &*self.applying;
        let (session, mut changes) = (&self.list.session, deletions.subscribe());
        loop {
            let _ = changes.wait_for(|deletions| deletions.requests == 0).await;
            let permit = creating.acquire().await;
            let done = deletions.borrow().done;
            let deadline = session.deadline_until(*latest);
            let created = ensure::create_or_compare(session, catalogue, request, deadline).await;
            drop(permit);
            let outcome = match created {
                Ok(EnsureOutcome::Created) => ApplyOutcome::Created,
                Ok(EnsureOutcome::Adopted) => ApplyOutcome::Adopted,
                Ok(EnsureOutcome::Mismatch(differences)) => return Ok(ApplyOutcome::Differs { differences }),
                Err(error) if error.is_cluster_limit() => {
                    let latest = changes.wait_for(|deletions| deletions.done > done || deletions.running == 0).await;
                    match latest {
                        Ok(latest) if latest.done > done => continue,
                        _ => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            };
            return self.finish(outcome).await;
        }
    }

    /// Compares a cluster that was created since the plan was made.
    async fn compare(&self, request: &CreateClusterRequest, found: &ClusterListItem) -> Result<ApplyOutcome> {
        let Applying { catalogue, creating, latest, .. } = &*self.applying;
        let session = &self.list.session;
        let permit = creating.acquire().await;
        let deadline = session.deadline_until(*latest);
        let differences = compare::compare(session, catalogue, request, found, deadline).await?;
        drop(permit);
        match differences.is_empty() {
            true => self.finish(ApplyOutcome::Adopted).await,
            false => Ok(ApplyOutcome::Differs { differences }),
        }
    }

    async fn finish(&self, outcome: ApplyOutcome) -> Result<ApplyOutcome> {
        if self.applying.connectable {
            let wait = self.list.share(self.wait().connectable(), ClusterStatus::is_connectable);
            self.within(wait).send().await?;
        }
        Ok(outcome)
    }

    fn until_gone(&self, created: &Timestamp) -> Wait<()> {
        self.within(self.list.share(self.wait().deleted_since(Some(created)), |_| false))
    }

    fn wait(&self) -> WaitForCluster {
        WaitForCluster::new(self.list.session.clone(), self.name)
    }

    fn within<T: Send + 'static>(&self, wait: Wait<T>) -> Wait<T> {
        let remaining = self.applying.latest.map(|latest| latest.saturating_duration_since(Instant::now()));
        wait.max_wait(remaining.unwrap_or(Duration::MAX))
    }
}
