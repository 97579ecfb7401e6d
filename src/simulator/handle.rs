//! The handle of a running simulator.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::task::JoinHandle;

use super::clock::DateHeader;
use super::cloud::Project;
use super::fault::Fault;
use super::record::RecordedRequest;
use super::seed::SimulatedCluster;
use super::state::Shared;
use crate::engine::runtime_thread::RuntimeThread;
use crate::facade::client::EloqApi;

/// A running simulator. Dropping it stops the server, closes its connections and stops the clusters' Redis servers.
///
/// The server runs on the tokio runtime that started it. On a single-threaded runtime it responds only while that thread
/// awaits, so a blocking client must run on another thread. Started by
/// [`start_blocking`](super::builder::SimulatorBuilder::start_blocking), it runs on a thread of its own.
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
/// // Each client fetches the organization itself.
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
    /// The thread of the server, unless it runs on the runtime of the program.
    pub(super) thread: Option<RuntimeThread>,
    pub(super) base_url: String,
    pub(super) api_key: String,
    pub(super) client: EloqApi,
}

impl Simulator {
    /// The base URL for clients: `http://127.0.0.1:PORT/api/v1/`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The accepted API key.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Returns a client of this simulator, independent of environment variables. Each client fetches the organization itself.
    #[must_use]
    pub fn client(&self) -> EloqApi {
        self.client.unresolved()
    }

    /// The recorded requests, oldest first, including those that matched a fault. At most
    /// [`SimulatorBuilder::record_limit`](super::builder::SimulatorBuilder::record_limit) are kept.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.lock().recorder.all()
    }

    /// Clears the recorded requests.
    pub fn clear_requests(&self) {
        self.shared.lock().recorder.clear();
    }

    /// Adds a fault behind those already in the queue.
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

    /// Removes all faults that are still in the queue.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Moves the simulated clock forward: provisioning, deletion and idling proceed without waiting. Latencies stay real.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use std::time::{Duration, SystemTime, UNIX_EPOCH};
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

    /// Sets the status of the first cluster with this name, in any project, to any text; returns false if there is none.
    /// This cancels a transition in progress. A status other than `available` stays until it is set again or an operation
    /// changes it. The load balancer is `provisioning` while the status is `provisioning` or `creating`, otherwise `active`.
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
        let now = state.tick();
        state.cloud.set_status(name, status.as_ref(), now)
    }

    /// Gives the first cluster with this name, in any project, a new password, and returns it; `None` if there is no such cluster.
    ///
    /// If the cluster has a [real Redis server](super#real-redis-servers), the old password no longer opens a connection, and
    /// all open connections of the user end, so that a pool connects again. A server that does not carry this out, because it
    /// has stopped or a client has changed its users, is replaced by an empty one with the next request to the simulator.
    /// Blocks while it talks to the server, usually for less than a millisecond.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::builder().cluster("orders").start().await?;
    /// let client = simulator.client();
    /// let old = client.cluster_credentials("orders").await?;
    /// let password = simulator.rotate_password("orders").expect("the cluster exists");
    /// let new = client.cluster_credentials("orders").await?;
    /// assert_eq!(new.password.expose(), password);
    /// assert_ne!(new.password, old.password);
    /// assert_eq!(simulator.rotate_password("no-such-cluster"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rotate_password(&self, name: &str) -> Option<String> {
        let mut state = self.shared.lock();
        state.tick();
        state.cloud.rotate_password(name)
    }

    /// The names of all existing clusters, in all projects, in creation order. Does not count as a request.
    #[must_use]
    pub fn cluster_names(&self) -> Vec<String> {
        self.clusters().into_iter().map(|cluster| cluster.name).collect()
    }

    /// Returns the clusters of all projects in creation order, without sending a request.
    #[must_use]
    pub fn clusters(&self) -> Vec<SimulatedCluster> {
        let mut state = self.shared.lock();
        state.tick();
        state.cloud.contents()
    }

    /// Replaces the projects of the account, by id and name, in this order: a project can come, go or move. The clusters of a
    /// project that is gone cannot be reached, and are there again when it comes back.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::start().await?;
    /// simulator.set_projects([(2, "new"), (147, "project1")]);
    /// assert_eq!(simulator.client().projects().await?[0].project_name, "new");
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_projects<N: Into<String>>(&self, projects: impl IntoIterator<Item = (i64, N)>) {
        let projects = projects.into_iter().map(|(id, name)| Project { id, name: name.into() }).collect();
        self.shared.lock().cloud.set_projects(projects);
    }

    /// Sets what the `Date` header of responses shows; by default the simulator's clock.
    pub fn set_date_header(&self, date: DateHeader) {
        self.shared.lock().date_header = date;
    }

    /// Replaces the API key that the simulator accepts, as a rotation does; [`api_key`](Self::api_key) still returns the first.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::start().await?;
    /// simulator.set_api_key("the-next-key");
    /// assert_eq!(simulator.client().info().await.unwrap_err().status(), Some(401));
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_api_key(&self, key: impl Into<String>) {
        self.shared.lock().api_settings.api_key = key.into();
    }

    /// Returns the simulator's time, which [`advance`](Self::advance) moves.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + self.shared.lock().clock.now()
    }

    /// Serves in the foreground until the runtime stops. Dropping the future stops the server.
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
        // The server task never returns; the only result is that the runtime cancelled it.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
        self.shared.lock().cloud.stop_servers();
        if let Some(thread) = self.thread.take() {
            thread.join();
        }
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
