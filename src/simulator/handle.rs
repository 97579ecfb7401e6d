//! The handle of a running simulator.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::fault::Fault;
use super::record::RecordedRequest;
use super::state::Shared;
use crate::EloqApi;

/// A running simulator; dropping it stops the server and closes its connections, and ends the real servers of clusters.
///
/// The server runs as tasks of the tokio runtime that started it: on a single-threaded runtime it answers only while
/// that thread awaits, so a blocking client has to be on another thread.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> eloq_sdk::Result<()> {
/// use eloq_sdk::simulator::Simulator;
///
/// let simulator = Simulator::start().await?;
/// let user = simulator.client().info().await?;
/// assert!(!user.user_name.is_empty());
/// assert_eq!(simulator.requests().len(), 1);
///
/// simulator.clear_requests();
/// let result = simulator.client().cluster_create("orders", "us-west-1", 101).await;
/// assert!(result.success);
/// assert_eq!(simulator.cluster_names(), ["orders"]);
/// // Each client asks for the organization itself.
/// assert_eq!(simulator.requests().len(), 2);
///
/// // For clients in other languages.
/// assert!(simulator.base_url().starts_with("http://127.0.0.1:"));
/// assert_eq!(simulator.api_key(), "eloq-simulator-key");
/// # Ok(())
/// # }
/// ```
pub struct Simulator {
    pub(super) shared: Arc<Shared>,
    pub(super) server: JoinHandle<Infallible>,
    pub(super) base_url: String,
    pub(super) api_key: String,
    pub(super) client: EloqApi,
}

impl Simulator {
    /// The base URL to give to a client: `http://127.0.0.1:PORT/api/v1/`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The API key that is accepted.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// A client of this simulator, whatever the environment says. Each has a context of its own: it asks for the organization
    /// itself.
    #[must_use]
    pub fn client(&self) -> EloqApi {
        self.client.fresh()
    }

    /// The requests received so far, oldest first, those struck by faults included. At most
    /// [`SimulatorBuilder::record_limit`](super::builder::SimulatorBuilder::record_limit) are kept.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.lock().recorder.all()
    }

    /// Forgets the requests received so far.
    pub fn clear_requests(&self) {
        self.shared.lock().recorder.clear();
    }

    /// Makes requests fail as the fault says, after the faults that are already there.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::{Fault, Operation, Simulator};
    ///
    /// let simulator = Simulator::start().await?;
    /// simulator.inject(Fault::on(Operation::OrgInfo).status(401));
    /// assert!(simulator.client().info().await.is_err());
    /// assert!(simulator.client().info().await.is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn inject(&self, fault: Fault) {
        self.shared.lock().faults.inject(fault);
    }

    /// Takes back all faults that have not struck yet.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Moves the cloud's clock forward: provisioning, deleting and idling take their course without waiting.
    /// Latencies stay real.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use std::time::Duration;
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::builder()
    ///     .cluster("orders")
    ///     .idle_after(Some(Duration::from_secs(600)))
    ///     .start()
    ///     .await?;
    /// simulator.advance(Duration::from_secs(600));
    /// let orders = simulator.client().cluster("orders").await?;
    /// assert_eq!(orders.status.as_str(), "idle");
    /// # Ok(())
    /// # }
    /// ```
    pub fn advance(&self, by: Duration) {
        self.shared.lock().clock.advance(by);
    }

    /// Sets the status of the first cluster of that name, in any project, to any text; false when there is none. What
    /// was under way for the cluster is forgotten, and an odd status stays until it is set again or an operation
    /// changes it. The load balancer is `provisioning` with the statuses `provisioning` and `creating`, and `active`
    /// with all others.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::builder().cluster("orders").start().await?;
    /// assert!(simulator.set_cluster_status("orders", "error"));
    /// assert!(!simulator.set_cluster_status("no-such-cluster", "error"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_cluster_status(&self, name: &str, status: impl AsRef<str>) -> bool {
        let mut state = self.shared.lock();
        let now = state.clock.now();
        state.cloud.tick(now);
        state.cloud.set_status(name, status.as_ref(), now)
    }

    /// The names of all clusters that exist now, in all projects, in the order of their creation. This is no request.
    #[must_use]
    pub fn cluster_names(&self) -> Vec<String> {
        let mut state = self.shared.lock();
        let now = state.clock.now();
        state.cloud.tick(now);
        state.cloud.cluster_names()
    }

    /// Serves in the foreground: completes when the runtime stops, and stops the server when the future is dropped.
    ///
    /// ```no_run
    /// # async fn example() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::builder().port(8080).start().await?;
    /// println!("{}", simulator.base_url());
    /// simulator.run_until_stopped().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_until_stopped(mut self) {
        // The server never ends by itself; the only result is that its task was cancelled.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
        self.shared.lock().cloud.stop_servers();
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
