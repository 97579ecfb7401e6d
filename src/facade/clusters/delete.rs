//! `ClusterDelete`: a delete request.

use tokio::time::Instant;

use super::deletable::{self, Deletable};
use super::reconcile::{PendingWrite, Reconciliation};
use super::wait::{Wait, WaitForCluster};
use super::waiter::MAX_WAIT;
use super::{find, observed::CallStart};
use crate::engine::future::{awaitable, boxed};
use crate::engine::session::Session;
use crate::error::{Error, failure::Failure};
use crate::facade::operation_result::{OperationResult, Outcome, WriteOutcome, finish};
use crate::facade::operations;
use crate::schema::{ClusterName, Timestamp};
use crate::types::operation::Operation;

/// A delete request.
///
/// The service deletes a cluster only if its status is `available`, and refuses with 403 otherwise: also one that is provisioning,
/// active, or idle, which a cluster becomes when nobody uses it. [`when_deletable`](Self::when_deletable) waits for that status.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// // Whatever its status, and also if it does not exist; returns when it is gone.
/// client.cluster_delete("my-cluster").if_exists().when_deletable().wait().await?;
///
/// // One request, which the service can refuse.
/// let message = client.cluster_delete("my-cluster").await.into_result()?;
/// println!("{message}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ClusterDelete {
    session: Session,
    cluster_name: String,
    if_exists: bool,
    when_deletable: bool,
    /// Another cluster of the name stays.
    created: Option<Timestamp>,
}

impl ClusterDelete {
    pub(crate) fn new(session: Session, cluster_name: String) -> Self {
        Self { session, cluster_name, if_exists: false, when_deletable: false, created: None }
    }

    /// Counts a cluster that does not exist as deleted: if the service refuses with 403 or 404, the list decides.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.cluster_delete("my-cluster").if_exists().await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn if_exists(self) -> Self {
        Self { if_exists: true, ..self }
    }

    /// Waits until the status is `available` before it deletes, for at most 15 minutes, or [`max_wait`](Wait::max_wait) together
    /// with [`wait`](Self::wait).
    ///
    /// It wakes an idle cluster: with a connection to its database, and if it is still idle at the next poll, with
    /// [`start_cluster`](crate::EloqApi::start_cluster). Neither was tried on the live service. If the service refuses because the
    /// status has changed again, it waits again. A cluster that is deleted meanwhile counts as deleted, also if another one has its
    /// name by then. A cluster whose status is `error` cannot be deleted: that is an [`Error::ClusterFailed`].
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use std::time::Duration;
    ///
    /// let limit = Duration::from_secs(10 * 60);
    /// client.cluster_delete("my-cluster").when_deletable().wait().max_wait(limit).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn when_deletable(self) -> Self {
        Self { when_deletable: true, ..self }
    }

    /// Sets when the cluster was created, for [`when_deletable`](Self::when_deletable).
    pub(crate) fn created_at(self, created: Option<Timestamp>) -> Self {
        Self { created, ..self }
    }

    /// Deletes the cluster and [waits](Wait) until the list no longer contains it.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// client.cluster_delete("my-cluster").wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(self) -> Wait<()> {
        let wait = WaitForCluster::new(self.session.clone(), self.cluster_name.as_str()).deleted();
        wait.after(|latest| Box::pin(async move { self.send_until(latest).await.into_result().map(drop) }))
    }

    /// Sends the request; the same as awaiting it.
    pub async fn send(self) -> OperationResult {
        self.send_until(None).await
    }

    pub(crate) async fn send_until(self, latest: Option<Instant>) -> OperationResult {
        let operation = Operation::DeleteCluster;
        match self.when_deletable {
            true => finish(operation, boxed(|| self.delete_when_deletable(latest))).await,
            false => finish(operation, self.delete(latest)).await,
        }
    }

    /// Waits and deletes, and again if the status has changed in between.
    async fn delete_when_deletable(mut self, latest: Option<Instant>) -> Outcome {
        let name = ClusterName::try_from(self.cluster_name.as_str())?;
        let latest = latest.unwrap_or_else(|| Instant::now() + MAX_WAIT);
        loop {
            let remaining = latest.saturating_duration_since(Instant::now());
            let deletable = deletable::wait(&self.session, &name, self.created.take()).max_wait(remaining);
            match deletable.send().await? {
                Deletable::Now(_) if Instant::now() >= latest => {
                    let what =
                        "the cluster became deletable as the longest wait ended: nothing was sent, delete it again";
                    return Err(Error::timeout(Failure::new(Operation::DeleteCluster, what)));
                }
                Deletable::Now(created) => self.created = Some(created),
                Deletable::Gone => return Ok(WriteOutcome::reconciled("")),
                Deletable::Absent(refused) => return self.absent(refused),
            }
            // It was there: if it no longer is, it was deleted meanwhile.
            match self.clone().if_exists().delete(Some(latest)).await {
                Err(Error::Permission { .. }) if self.has_changed(&name, latest).await => {}
                outcome => return outcome,
            }
        }
    }

    /// Whether a refused cluster is no longer deletable.
    async fn has_changed(&self, name: &ClusterName, latest: Instant) -> bool {
        let deadline = self.session.deadline_until(Some(latest));
        let described = operations::describe_cluster(&self.session, deadline, name).await;
        !matches!(described, Ok(cluster) if cluster.status.is_deletable())
    }

    fn absent(&self, refused: Error) -> Outcome {
        match self.if_exists {
            true => Ok(WriteOutcome::of("Cluster does not exist")),
            false => Err(refused),
        }
    }

    async fn delete(self, latest: Option<Instant>) -> Outcome {
        let session = &self.session;
        let name = ClusterName::try_from(self.cluster_name.as_str())?;
        let (start, deadline) = (CallStart::now(), session.deadline_until(latest));
        match operations::delete_cluster(session, deadline, &name).await {
            Ok(response) => Ok(response.envelope.into()),
            Err(refused @ (Error::Permission { .. } | Error::NotFound { .. })) if self.if_exists => {
                let found = Box::pin(find::find_in_list(session, &name, &mut CallStart::now(), deadline)).await;
                if let Ok(None) = found { self.absent(refused) } else { Err(refused) }
            }
            Err(failed) => {
                let write = PendingWrite::Delete { name: &name, resends: session.settings().policy.retries() };
                let reconciliation = Reconciliation { session, start, deadline, write };
                boxed(|| reconciliation.run(failed)).await
            }
        }
    }
}

awaitable! { ClusterDelete => OperationResult }
