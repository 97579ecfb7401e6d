//! `ClusterDelete`: a delete request.

use tokio::time::Instant;

use super::observed::CallStart;
use super::reconcile::{PendingWrite, Reconciliation};
use super::wait::{Wait, WaitForCluster};
use crate::engine::future::{awaitable, boxed};
use crate::engine::session::Session;
use crate::facade::operation_result::{OperationResult, Outcome, finish};
use crate::facade::operations;
use crate::schema::ClusterName;
use crate::types::operation::Operation;

/// A delete request.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
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
}

impl ClusterDelete {
    pub(crate) fn new(session: Session, cluster_name: String) -> Self {
        Self { session, cluster_name }
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

    async fn send_until(self, latest: Option<Instant>) -> OperationResult {
        finish(Operation::DeleteCluster, self.delete(latest)).await
    }

    async fn delete(self, latest: Option<Instant>) -> Outcome {
        let session = &self.session;
        let name = ClusterName::try_from(self.cluster_name)?;
        let (start, deadline) = (CallStart::now(), session.deadline_until(latest));
        match operations::delete_cluster(session, deadline, &name).await {
            Ok(response) => Ok(response.envelope.into()),
            Err(failed) => {
                let write = PendingWrite::Delete { name: &name, resends: session.retry_policy().retries() };
                let reconciliation = Reconciliation { session, start, deadline, write };
                boxed(|| reconciliation.run(failed)).await
            }
        }
    }
}

awaitable! { ClusterDelete => OperationResult }
