//! `TemporaryCluster`: a cluster that exists as long as its guard.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::Instrument;

use super::create::ClusterCreate;
use super::delete::ClusterDelete;
use super::wait::WaitForCluster;
use super::{spec::ClusterSpec, waiter::MAX_WAIT};
use crate::engine::future::{awaitable, until};
use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::facade::credentials::ClusterCredentials;
use crate::schema::Timestamp;
use crate::types::{debug::debug, setters::setters, text};

/// A request for a temporary cluster; see [`EloqApi::temporary_cluster`](crate::EloqApi::temporary_cluster).
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use std::time::Duration;
/// use eloq_sdk::ClusterSpec;
///
/// let spec = ClusterSpec::new("test-17", "us-west-1", 101);
/// let cluster = client.temporary_cluster(spec).max_wait(Duration::from_secs(300)).await?;
/// println!("{}", cluster.credentials().host);
/// cluster.delete().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateTemporary {
    session: Session,
    spec: ClusterSpec,
    max_wait: Duration,
}

setters! {
    CreateTemporary;

    /// Sets the longest wait until the cluster is connectable, including the create request; the default is 15 minutes.
    max_wait(max_wait: Duration) => max_wait;
}

impl CreateTemporary {
    pub(crate) fn new(session: Session, spec: ClusterSpec) -> Self {
        Self { session, spec, max_wait: MAX_WAIT }
    }

    /// Creates the cluster and waits until it is connectable; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// Those of [`ClusterCreate`](crate::request::ClusterCreate) and of [`Wait`](crate::Wait). A cluster that was created is deleted
    /// first; an existing one stays.
    pub async fn send(self) -> Result<TemporaryCluster> {
        let (created, _) = self.start();
        created.await.unwrap_or(Err(Error::Closed))
    }

    /// Creates the cluster in a task of its own, which deletes it if the receiver is dropped: the request may have been sent by
    /// then. The task ends when the cluster is received or deleted.
    pub(crate) fn start(self) -> (oneshot::Receiver<Result<TemporaryCluster>>, JoinHandle<()>) {
        let (sender, receiver) = oneshot::channel();
        let task = tokio::spawn(self.create(sender).in_current_span());
        (receiver, task)
    }

    async fn create(self, mut receiver: oneshot::Sender<Result<TemporaryCluster>>) {
        let Self { session, spec, max_wait } = self;
        let latest = Instant::now().checked_add(max_wait);
        let name = spec.cluster_name().to_owned();
        tracing::info!("creating the temporary cluster {}", text::line(&name, 255));
        // Deletes the cluster, or says that it has to be deleted, if this task ends early.
        let mut owned = Owned { session: session.clone(), name, created: None, is_there: true };
        if let Err(error) = ClusterCreate::new(session.clone(), spec).send_until(latest).await.into_result() {
            owned.is_there = matches!(error, Error::OutcomeUnknown { .. });
            drop(owned);
            let _ = receiver.send(Err(error));
            return;
        }
        let remaining = latest.map_or(max_wait, |latest| latest.saturating_duration_since(Instant::now()));
        let waiting = WaitForCluster::new(session, owned.name.as_str());
        let waiting = waiting.connectable_as(|created, credentials| (created, credentials)).max_wait(remaining);
        match until(waiting.send(), receiver.closed()).await.unwrap_or(Err(Error::Closed)) {
            Ok((created, credentials)) => {
                owned.created = Some(created);
                let cluster = TemporaryCluster { owned: Some(owned), credentials, runtime: Handle::current() };
                if let Err(Ok(cluster)) = receiver.send(Ok(cluster)) {
                    // The failure was logged.
                    let _ = cluster.delete().await;
                }
            }
            Err(error) => {
                let _ = owned.delete().await;
                let _ = receiver.send(Err(error));
            }
        }
    }
}

awaitable! { CreateTemporary => Result<TemporaryCluster> }

/// A cluster that exists as long as this guard, for tests and batch jobs.
///
/// [`delete`](Self::delete) deletes it and returns an error if that fails. Dropping the guard deletes it in the background as long as
/// the runtime runs, also during a panic. If it cannot be deleted, a warning of `tracing` names it. A process that is killed deletes
/// nothing: the name is logged at the level `INFO` before the cluster is created.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use eloq_sdk::ClusterSpec;
///
/// let cluster = client.temporary_cluster(ClusterSpec::new("test-17", "us-west-1", 101)).await?;
/// let url = cluster.credentials().connection_url()?;
/// cluster.delete().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it deletes the cluster"]
pub struct TemporaryCluster {
    /// `None` once it is deleted or kept.
    owned: Option<Owned>,
    credentials: ClusterCredentials,
    runtime: Handle,
}

impl TemporaryCluster {
    /// Returns the credentials and the address of its database.
    pub fn credentials(&self) -> &ClusterCredentials {
        &self.credentials
    }

    /// Returns its name.
    pub fn cluster_name(&self) -> &str {
        self.owned.as_ref().map(|owned| owned.name.as_str()).unwrap_or_default()
    }

    /// Deletes the cluster [when that is possible](crate::request::ClusterDelete::when_deletable). It returns when the service has
    /// accepted the request. If this future is dropped, the deletion continues in the background.
    ///
    /// # Errors
    ///
    /// Those of [`ClusterDelete`](crate::request::ClusterDelete), and [`Error::Closed`] if the runtime has ended.
    pub async fn delete(mut self) -> Result<()> {
        match self.delete_in_background() {
            Some(deleting) => deleting.await.unwrap_or(Err(Error::Closed)),
            None => Ok(()),
        }
    }

    /// Keeps the cluster, and returns its credentials.
    pub fn keep(mut self) -> ClusterCredentials {
        if let Some(mut owned) = self.owned.take() {
            owned.is_there = false;
        }
        self.credentials.clone()
    }

    fn delete_in_background(&mut self) -> Option<JoinHandle<Result<()>>> {
        let owned = self.owned.take()?;
        Some(self.runtime.spawn(owned.delete().in_current_span()))
    }
}

impl Drop for TemporaryCluster {
    fn drop(&mut self) {
        self.delete_in_background();
    }
}

debug! { TemporaryCluster { credentials } }

/// The duty to delete a cluster. Dropping it unfulfilled names the cluster.
struct Owned {
    session: Session,
    name: String,
    /// Tells it from another one of the same name, once it is known.
    created: Option<Timestamp>,
    is_there: bool,
}

impl Owned {
    async fn delete(mut self) -> Result<()> {
        let delete = ClusterDelete::new(self.session.clone(), self.name.clone()).if_exists();
        let deleted = delete.created_at(self.created.take()).when_deletable().send().await.into_result();
        match &deleted {
            Ok(_) => self.is_there = false,
            Err(error) => tracing::warn!("{error:#}"),
        }
        deleted.map(drop)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if self.is_there {
            let name = text::line(&self.name, 255);
            tracing::warn!(
                "the temporary cluster {name} may exist: delete it with cluster_delete({name:?}).when_deletable()"
            );
        }
    }
}
