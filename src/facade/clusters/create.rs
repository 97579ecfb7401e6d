//! `ClusterCreate`: a create request.

use tokio::time::Instant;

use super::reconcile::{PendingWrite, Reconciliation};
use super::wait::{Wait, WaitForCluster};
use super::{catalogue::Catalogue, observed::CallStart, spec::ClusterSpec};
use crate::engine::future::{awaitable, boxed};
use crate::engine::session::Session;
use crate::error::Error;
use crate::facade::operation_result::{OperationResult, Outcome, finish};
use crate::facade::{credentials::ClusterCredentials, operations};
use crate::schema::CreateClusterRequest;
use crate::types::operation::Operation;

/// A create request.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// let result = client.cluster_create("my-cluster", "us-west-1", 101).zone("us-west-1a").await;
/// println!("{}", result.message);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ClusterCreate {
    session: Session,
    spec: ClusterSpec,
}

impl ClusterCreate {
    pub(crate) fn new(session: Session, spec: ClusterSpec) -> Self {
        Self { session, spec }
    }

    /// Sets the zone, as in `us-west-1a`. By default the service chooses one. (The vendor's Python SDK always requests
    /// `us-west-1a`.)
    pub fn zone(self, zone: impl Into<String>) -> Self {
        Self { spec: self.spec.zone(zone), ..self }
    }

    /// Creates the cluster and [waits](Wait) until it is connectable.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let credentials = client.cluster_create("my-cluster", "us-west-1", 101).wait().await?;
    /// println!("{}:{}", credentials.host, credentials.port);
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(self) -> Wait<ClusterCredentials> {
        let wait = WaitForCluster::new(self.session.clone(), self.spec.cluster_name()).connectable();
        wait.after(|latest| Box::pin(async move { self.send_until(latest).await.into_result().map(drop) }))
    }

    /// Sends the request; the same as awaiting it.
    pub async fn send(self) -> OperationResult {
        self.send_until(None).await
    }

    /// The same within another limit, if that comes before the deadline of a call.
    pub(super) async fn send_until(self, latest: Option<Instant>) -> OperationResult {
        finish(Operation::CreateCluster, self.create(latest)).await
    }

    async fn create(self, latest: Option<Instant>) -> Outcome {
        let deadline = self.session.deadline_until(latest);
        let request = self.spec.resolve(Catalogue::default().within(&self.session, deadline)).await?;
        create(&self.session, &request, deadline).await
    }
}

/// Sends a create request, and reconciles the outcome if the response is lost.
pub(super) async fn create(session: &Session, request: &CreateClusterRequest, deadline: Instant) -> Outcome {
    let start = CallStart::now();
    let outcome = match operations::create_cluster(session, deadline, request).await {
        Ok(response) => Ok(response.envelope.into()),
        Err(failed) => {
            let write = PendingWrite::Create(request);
            let reconciliation = Reconciliation { session, start, deadline, write };
            boxed(|| reconciliation.run(failed)).await
        }
    };
    if let (Ok(_) | Err(Error::OutcomeUnknown { .. }), Some(scope)) = (&outcome, session.account().pinned_ids()) {
        session.account().recent().add(scope.project_id, request.cluster_name.as_str());
    }
    outcome
}

awaitable! { ClusterCreate => OperationResult }
