//! The blocking `TemporaryCluster`.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::runtime::Runtime;
use super::stop::StopHandle;
use crate::error::{Error, Result};
use crate::facade::clusters::temporary;
use crate::facade::credentials::ClusterCredentials;
use crate::types::debug::debug;

/// How long dropping the guard blocks at most.
const MAX_DROP: Duration = Duration::from_secs(60);

/// The blocking [`crate::TemporaryCluster`].
///
/// Dropping it deletes the cluster, also during a panic: it blocks until the service has accepted the request, for at most 60 s. If
/// that fails, a warning of `tracing` names the cluster.
///
/// ```no_run
/// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
/// use eloq_sdk::ClusterSpec;
///
/// let cluster = client.temporary_cluster(ClusterSpec::new("test-17", "us-west-1", 101)).send()?;
/// println!("{}", cluster.credentials().host);
/// cluster.delete()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it deletes the cluster"]
pub struct TemporaryCluster {
    /// `None` once it is deleted or kept.
    cluster: Option<temporary::TemporaryCluster>,
    credentials: ClusterCredentials,
    runtime: Arc<Runtime>,
}

impl TemporaryCluster {
    /// Returns the credentials and the address of its database.
    pub fn credentials(&self) -> &ClusterCredentials {
        &self.credentials
    }

    /// Returns its name.
    pub fn cluster_name(&self) -> &str {
        self.cluster.as_ref().map(|cluster| cluster.cluster_name()).unwrap_or_default()
    }

    /// Deletes the cluster when that is possible. It returns when the service has accepted the request.
    ///
    /// # Errors
    ///
    /// Those of the async method.
    pub fn delete(mut self) -> Result<()> {
        match self.cluster.take() {
            Some(cluster) => self.runtime.call(cluster.delete()),
            None => Ok(()),
        }
    }

    /// Keeps the cluster, and returns its credentials.
    pub fn keep(mut self) -> ClusterCredentials {
        let kept = self.cluster.take().map(temporary::TemporaryCluster::keep);
        kept.unwrap_or_else(|| self.credentials.clone())
    }
}

impl Drop for TemporaryCluster {
    fn drop(&mut self) {
        if let Some(cluster) = self.cluster.take()
            && !self.runtime.is_current()
        {
            // What fails, or takes longer, is logged with the name of the cluster.
            let _ = self.runtime.wait(async { timeout(MAX_DROP, cluster.delete()).await });
        }
    }
}

debug! { TemporaryCluster { credentials } }

/// A request for a temporary cluster; the blocking [`crate::request::CreateTemporary`].
///
/// ```no_run
/// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
/// use std::time::Duration;
/// use eloq_sdk::ClusterSpec;
///
/// let spec = ClusterSpec::new("test-17", "us-west-1", 101);
/// let cluster = client.temporary_cluster(spec).max_wait(Duration::from_secs(300)).send()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until send()"]
pub struct CreateTemporary {
    request: temporary::CreateTemporary,
    runtime: Arc<Runtime>,
    stop: StopHandle,
}

impl CreateTemporary {
    pub(super) fn new(request: temporary::CreateTemporary, runtime: Arc<Runtime>) -> Self {
        Self { request, runtime, stop: StopHandle::new() }
    }

    /// As [`crate::request::CreateTemporary::max_wait`].
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.request = self.request.max_wait(max_wait);
        self
    }

    /// Returns a handle that stops [`send`](Self::send).
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// Creates the cluster and blocks until it is connectable. If the [`stop_handle`](Self::stop_handle) stops it, it deletes the
    /// cluster, if there is one, for at most 60 s, and returns [`Error::Stopped`].
    ///
    /// # Errors
    ///
    /// Those of the async method.
    pub fn send(self) -> Result<TemporaryCluster> {
        let Self { request, runtime, stop } = self;
        let create = async {
            if stop.is_stopped() {
                return Err(Error::Stopped);
            }
            let (mut receiver, task) = request.start();
            if let Some(created) = stop.unless_stopped(&mut receiver).await {
                return created.unwrap_or(Err(Error::Closed));
            }
            // Without a receiver the task deletes what it has created, unless it was just received.
            receiver.close();
            let deleting = async {
                match receiver.try_recv() {
                    Ok(Ok(cluster)) => cluster.delete().await,
                    _ => task.await.map_err(|_| Error::Closed),
                }
            };
            // What fails, or takes longer, is logged with the name of the cluster.
            let _ = timeout(MAX_DROP, deleting).await;
            Err(Error::Stopped)
        };
        let cluster = runtime.call(create)?;
        Ok(TemporaryCluster { credentials: cluster.credentials().clone(), cluster: Some(cluster), runtime })
    }
}
