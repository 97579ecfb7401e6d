//! `Step`: does what a plan says of one cluster.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use super::outcome::ApplyOutcome;
use super::plan::{PlannedAction, PlannedCluster};
use super::waits::SharedList;
use crate::error::Result;
use crate::facade::clusters::ensure::{self, EnsureOutcome};
use crate::facade::clusters::{catalogue::Catalogue, compare, delete::ClusterDelete, wait::Wait, wait::WaitForCluster};
use crate::schema::{ClusterListItem, ClusterStatus, CreateClusterRequest, Timestamp};

/// What all clusters of a plan share. Requests that take long have permits of their own, so that they do not hold up others; waits
/// need none, since they share a list.
pub(super) struct Applying {
    catalogue: Catalogue,
    /// When the longest wait is over.
    latest: Option<Instant>,
    /// Whether to wait until clusters are connectable.
    connectable: bool,
    concurrency: usize,
    /// To delete clusters that can be deleted now.
    deleting: Semaphore,
    /// To delete clusters that can be deleted in another status.
    blocked: Semaphore,
    /// To create clusters: none before all requests for clusters that can be deleted now are sent.
    creating: Semaphore,
    requests: AtomicUsize,
    deletions: Mutex<Deletions>,
    ended: Notify,
}

#[derive(Clone, Copy)]
struct Deletions {
    /// How many have not ended.
    running: usize,
    /// How many have made room for another cluster.
    done: usize,
}

impl Applying {
    /// `deletions` says of each whether the status of the cluster allows it.
    pub(super) fn new(concurrency: usize, latest: Option<Instant>, connectable: bool, deletions: &[bool]) -> Self {
        let concurrency = concurrency.min(Semaphore::MAX_PERMITS);
        let requests = deletions.iter().filter(|is_deletable| **is_deletable).count();
        Self {
            catalogue: Catalogue::default(),
            latest,
            connectable,
            concurrency,
            deleting: Semaphore::new(concurrency),
            blocked: Semaphore::new(concurrency),
            creating: Semaphore::new(if requests == 0 { concurrency } else { 0 }),
            requests: requests.into(),
            deletions: Mutex::new(Deletions { running: deletions.len(), done: 0 }),
            ended: Notify::new(),
        }
    }

    fn deletions(&self) -> MutexGuard<'_, Deletions> {
        self.deletions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end_deletion(&self, is_done: bool) {
        let mut deletions = self.deletions();
        deletions.running -= 1;
        deletions.done += usize::from(is_done);
        self.ended.notify_waiters();
    }

    /// Waits until more deletions have made room; false if none is left. Those who wait go on in their order.
    async fn has_room(&self, since: Deletions) -> bool {
        loop {
            let ended = self.ended.notified();
            let now = *self.deletions();
            if now.done > since.done || now.running == 0 {
                return now.done > since.done;
            }
            ended.await;
        }
    }
}

/// A cluster of a plan that is applied.
pub(super) struct Step<'n> {
    pub(super) applying: Arc<Applying>,
    pub(super) list: Arc<SharedList>,
    pub(super) name: &'n str,
}

impl Step<'_> {
    /// Does what the plan says, unless the cluster is no longer as the plan found it. `found` is what the list shows now.
    pub(super) async fn run(self, planned: &PlannedCluster, found: Option<ClusterListItem>) -> Result<ApplyOutcome> {
        let changed = |reason| Ok(ApplyOutcome::Changed { reason });
        match (&planned.action, &planned.request, found) {
            (PlannedAction::Create, Some(request), None) => self.create(request).await,
            (PlannedAction::Create, Some(request), Some(found)) if found.status != ClusterStatus::Unavailable => {
                self.compare(request, &found).await
            }
            (PlannedAction::Create, Some(request), Some(unavailable)) => {
                match self.is_freed(&unavailable.create_at).await? {
                    true => self.create(request).await,
                    false => changed("the unavailable cluster of its name is available again"),
                }
            }
            (PlannedAction::Delete, _, None) => Ok(ApplyOutcome::Deleted),
            (_, _, None) => changed("it was deleted since the plan was made"),
            (_, _, Some(found)) if !planned.is_same(&found) => {
                changed("another cluster has its name since the plan was made")
            }
            (PlannedAction::Delete, _, Some(found)) => {
                let deleted = self.delete(&found).await;
                self.applying.end_deletion(deleted.is_ok());
                deleted.map(|()| ApplyOutcome::Deleted)
            }
            (PlannedAction::Differs(differences), ..) => Ok(ApplyOutcome::Differs { differences: differences.clone() }),
            (_, _, Some(found)) if found.status.is_connectable() => Ok(ApplyOutcome::Unchanged),
            _ => self.finish(ApplyOutcome::Unchanged).await,
        }
    }

    async fn delete(&self, found: &ClusterListItem) -> Result<()> {
        let Applying { deleting, blocked, creating, requests, latest, .. } = &*self.applying;
        let delete = ClusterDelete::new(self.list.session.clone(), self.name.to_owned()).if_exists().when_deletable();
        let is_deletable = found.status.is_deletable();
        let permit = if is_deletable { deleting } else { blocked }.acquire().await;
        let deleted = delete.created_at(Some(found.create_at.clone())).send_until(*latest).await.into_result();
        drop(permit);
        if is_deletable && requests.fetch_sub(1, Ordering::Relaxed) == 1 {
            creating.add_permits(self.applying.concurrency);
        }
        deleted?;
        self.until_gone(&found.create_at).send().await
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

    /// Creates a cluster, and again after a deletion if the account has no room.
    async fn create(&self, request: &CreateClusterRequest) -> Result<ApplyOutcome> {
        let Applying { catalogue, creating, latest, .. } = &*self.applying;
        let session = &self.list.session;
        loop {
            let permit = creating.acquire().await;
            let deletions = *self.applying.deletions();
            let deadline = session.deadline_until(*latest);
            let created = ensure::create_or_compare(catalogue.within(session, deadline), request).await;
            drop(permit);
            let outcome = match created {
                Ok(EnsureOutcome::Created) => ApplyOutcome::Created,
                Ok(EnsureOutcome::Adopted) => ApplyOutcome::Adopted,
                Ok(EnsureOutcome::Mismatch(differences)) => return Ok(ApplyOutcome::Differs { differences }),
                Err(error) if error.is_cluster_limit() && self.applying.has_room(deletions).await => continue,
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
        let differences = compare::compare(catalogue.within(session, deadline), request, found).await?;
        drop(permit);
        match differences.is_empty() {
            true => self.finish(ApplyOutcome::Adopted).await,
            false => Ok(ApplyOutcome::Differs { differences }),
        }
    }

    async fn finish(&self, outcome: ApplyOutcome) -> Result<ApplyOutcome> {
        if self.applying.connectable {
            let wait = self.list.share(self.wait().connectable(), Arc::new(ClusterStatus::is_connectable));
            self.within(wait).send().await?;
        }
        Ok(outcome)
    }

    fn until_gone(&self, created: &Timestamp) -> Wait<()> {
        self.within(self.list.share(self.wait().deleted_since(Some(created)), Arc::new(|_| false)))
    }

    fn wait(&self) -> WaitForCluster {
        WaitForCluster::new(self.list.session.clone(), self.name)
    }

    fn within<T: Send + 'static>(&self, wait: Wait<T>) -> Wait<T> {
        let remaining = self.applying.latest.map(|latest| latest.saturating_duration_since(Instant::now()));
        wait.max_wait(remaining.unwrap_or(Duration::MAX))
    }
}
