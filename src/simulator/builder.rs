//! The builder of a simulator: setters that never fail and a `start()` that does.

use std::env::VarError;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fmt, io};

use tokio::net::TcpListener;

use super::api::ApiSettings;
use super::clock::{Clock, DateHeader};
use super::cloud::{Cloud, CloudSettings, Project};
use super::code_style::CodeStyle;
use super::fault::FaultQueue;
use super::handle::Simulator;
use super::record::Recorder;
use super::redis_server::RedisProgram;
use super::seed::SeededCluster;
use super::server::serve;
use super::state::{Shared, State};
use super::variation::Variation;
use crate::engine::runtime_thread::RuntimeThread;
use crate::error::{Error, Result};
use crate::facade::client::EloqApi;

const DEFAULT_KEY: &str = "eloq-simulator-key";
const DEFAULT_RECORD_LIMIT: usize = 10_000;

/// Settings of a [`Simulator`], from [`Simulator::builder`].
///
/// Defaults: a free port, one project, no clusters, a free plan limited to 3 clusters, and provisioning within 1 second.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> eloq_sdk::Result<()> {
/// use std::time::Duration;
/// use eloq_sdk::simulator::{CodeStyle, Simulator};
///
/// let cloud = Simulator::builder()
///     .api_key("key-of-this-test")
///     .token("oauth-token")
///     .project(148, "staging")
///     .cluster("orders")
///     .cluster("sessions")
///     .admin_password("p@ss/word")
///     .cluster_limit(None)
///     .provisioning(Duration::from_secs(90))
///     .deleting(Duration::from_secs(30))
///     .idle_after(Some(Duration::from_secs(600)))
///     .start()
///     .await?;
/// assert_eq!(cloud.cluster_names(), ["orders", "sessions"]);
///
/// // The response variants of the service.
/// let variant = Simulator::builder().no_projects().null_lists(true).bare_org_info(true).codes(CodeStyle::All200);
/// assert!(variant.start().await?.client().info().await?.org_info.projects.is_empty());
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until it is started"]
#[derive(Clone)]
pub struct SimulatorBuilder {
    port: u16,
    api_key: String,
    tokens: Vec<String>,
    projects: Vec<Project>,
    clusters: Vec<SeededCluster>,
    clock: Option<SystemTime>,
    cloud_settings: CloudSettings,
    codes: CodeStyle,
    bare_org_info: bool,
    variation: Variation,
    latency: Duration,
    record_limit: usize,
    redis_server: Option<PathBuf>,
}

impl Default for SimulatorBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            api_key: DEFAULT_KEY.to_owned(),
            tokens: Vec::new(),
            projects: vec![Project::default()],
            clusters: Vec::new(),
            clock: None,
            cloud_settings: CloudSettings::default(),
            codes: CodeStyle::default(),
            bare_org_info: false,
            variation: Variation::default(),
            latency: Duration::ZERO,
            record_limit: DEFAULT_RECORD_LIMIT,
            redis_server: None,
        }
    }
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorBuilder")
            .field("port", &self.port)
            .field("projects", &self.projects)
            .field("clusters", &self.clusters)
            .field("codes", &self.codes)
            .finish_non_exhaustive()
    }
}

// Here and not in handle.rs, which would form an import circle with the builder.
impl Simulator {
    /// Starts a simulator with default settings on a free port.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if no port can be bound.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with I/O and time enabled.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder with default settings.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }
}

impl SimulatorBuilder {
    /// The port on 127.0.0.1; 0, the default, picks a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The accepted API key, bare or after `Bearer`; default `eloq-simulator-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = key.into();
        self
    }

    /// Also accepts this OAuth token, as `Authorization: Bearer <token>`. Can be called repeatedly.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// Adds a project. Ids must be unique. The first project is 147, `project1`, unless
    /// [`no_projects`](Self::no_projects) removed it.
    pub fn project(mut self, id: i64, name: impl Into<String>) -> Self {
        self.projects.push(Project { id, name: name.into() });
        self
    }

    /// Removes all projects added so far, including the default.
    pub fn no_projects(mut self) -> Self {
        self.projects.clear();
        self
    }

    /// How long a created cluster is `provisioning`, in simulated time; default 1 second.
    pub fn provisioning(mut self, duration: Duration) -> Self {
        self.cloud_settings.timings.provisioning = duration;
        self
    }

    /// How long a deleted cluster is still listed as `unavailable`, in simulated time; default 0.5 seconds.
    pub fn deleting(mut self, duration: Duration) -> Self {
        self.cloud_settings.timings.deleting = duration;
        self
    }

    /// How long after becoming `available` a cluster becomes `idle`, in simulated time; default `None`, never. A connection to a
    /// [real Redis server](super#real-redis-servers) restarts this time.
    pub fn idle_after(mut self, duration: Option<Duration>) -> Self {
        self.cloud_settings.timings.idle_after = duration;
        self
    }

    /// How many clusters the organization may have on the free plan, including those being deleted; default 3, `None`
    /// for no limit. Seeded clusters count, but always succeed. Subscribing to another plan lifts the limit.
    pub fn cluster_limit(mut self, limit: Option<usize>) -> Self {
        self.cloud_settings.cluster_limit = limit;
        self
    }

    /// Sets the time that the simulator's clock shows when it starts; by default that of the machine. All times of responses are of
    /// this clock.
    pub fn clock(mut self, start: SystemTime) -> Self {
        self.clock = Some(start);
        self
    }

    /// Seeds a cluster: a name, or a [`SeededCluster`] with a project, a SKU, a region, a status or an age. Can be called
    /// repeatedly.
    pub fn cluster(mut self, cluster: impl Into<SeededCluster>) -> Self {
        self.clusters.push(cluster.into());
        self
    }

    /// The admin password of all clusters, before base64; by default each cluster has its own.
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.cloud_settings.admin_password = Some(password.into());
        self
    }

    /// Delays every response, in real time; default zero.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// The success codes of the envelopes; default [`CodeStyle::Writes200`].
    pub fn codes(mut self, style: CodeStyle) -> Self {
        self.codes = style;
        self
    }

    /// Sends empty lists as `null`, as Go backends do; default false.
    pub fn null_lists(mut self, on: bool) -> Self {
        self.cloud_settings.null_lists = on;
        self
    }

    /// Adds a field that no client knows, `new_field`, to every object of every response; default false.
    pub fn extra_fields(mut self, on: bool) -> Self {
        self.variation.extra_fields = on;
        self
    }

    /// Sends values that no client knows, such as the status `new-available`, for every status, module, cloud, SKU type and state of a
    /// load balancer; default false.
    pub fn unknown_values(mut self, on: bool) -> Self {
        self.variation.unknown_values = on;
        self
    }

    /// Sends `org-info` without the envelope, as one page of the vendor shows it; default false.
    pub fn bare_org_info(mut self, on: bool) -> Self {
        self.bare_org_info = on;
        self
    }

    /// How many of the newest requests [`Simulator::requests`] returns; default 10,000.
    pub fn record_limit(mut self, requests: usize) -> Self {
        self.record_limit = requests;
        self
    }

    /// Runs this program as the server of every EloqKV cluster; a bare name is searched on `PATH`. It must be compatible
    /// with Redis 6.2 or newer. See [Real Redis servers](super#real-redis-servers).
    ///
    /// ```no_run
    /// # async fn example() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::builder().redis_server("redis-server").cluster("sessions").start().await?;
    /// let credentials = simulator.client().cluster_credentials("sessions").await?;
    /// assert_eq!(credentials.host, "127.0.0.1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn redis_server(mut self, program: impl Into<PathBuf>) -> Self {
        self.redis_server = Some(program.into());
        self.cloud_settings.real_redis = true;
        self
    }

    /// Starts the simulator on the current tokio runtime, which may be a single-threaded one.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the port cannot be bound, two projects have the same id, a cluster is seeded without a
    /// project, the key is not a valid header value, or the configured `redis-server` does not start.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with I/O and time enabled.
    pub async fn start(self) -> Result<Simulator> {
        self.validate()?;
        let bind_error = |error| config_error(format!("cannot listen on port {}: {error}", self.port));
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let base_url = format!("http://{address}/api/v1/");
        let redis = match &self.redis_server {
            Some(program) => {
                let program = RedisProgram::check(program).await.map_err(config_error)?;
                Some((program, RuntimeThread::start("eloq-simulator").map_err(thread_error)?))
            }
            None => None,
        };
        // Environment variables are meant for clients of the real service.
        let no_variables = |_: &str| Err(VarError::NotPresent);
        let client = EloqApi::builder().api_key(self.api_key.as_str()).base_url(base_url.as_str());
        let client = client.build_with(&no_variables)?;
        let api_key = self.api_key.clone();
        let shared = Arc::new(Shared::new(self.into_state()?, redis));
        shared.start_servers().await.map_err(|error| config_error(format!("redis-server does not start: {error}")))?;
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Simulator { shared, server, thread: None, base_url, api_key, client })
    }

    /// Starts the simulator on a thread of its own, which ends when the simulator is dropped: for programs without an async runtime,
    /// and for blocking clients.
    ///
    /// ```
    /// # fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::blocking::EloqApi;
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::builder().cluster("orders").start_blocking()?;
    /// let client = EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url())?;
    /// assert_eq!(client.cluster("orders")?.status, "available");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start), and [`Error::Config`] if the thread cannot be started.
    pub fn start_blocking(self) -> Result<Simulator> {
        let thread = RuntimeThread::start("eloq-simulator").map_err(thread_error)?;
        let started = thread.run(self.start());
        let mut simulator = started.ok_or_else(|| config_error("its thread has panicked".to_owned()))??;
        simulator.thread = Some(thread);
        Ok(simulator)
    }

    fn validate(&self) -> Result<()> {
        let duplicate = self
            .projects
            .iter()
            .enumerate()
            .find(|(index, project)| self.projects[..*index].iter().any(|earlier| earlier.id == project.id));
        if let Some((_, project)) = duplicate {
            return Err(config_error(format!("two projects have the id {}", project.id)));
        }
        Ok(())
    }

    fn into_state(self) -> Result<State> {
        let clock = Clock::start(self.clock);
        let now = clock.now();
        let mut cloud = Cloud::new(self.cloud_settings, self.projects, now);
        for cluster in self.clusters {
            cloud.seed(cluster, now).map_err(config_error)?;
        }
        Ok(State {
            clock,
            cloud,
            faults: FaultQueue::default(),
            recorder: Recorder::new(self.record_limit),
            api_settings: ApiSettings {
                api_key: self.api_key,
                tokens: self.tokens,
                codes: self.codes,
                bare_org_info: self.bare_org_info,
            },
            latency: self.latency,
            date_header: DateHeader::default(),
            variation: self.variation,
            response_count: 0,
        })
    }
}

fn thread_error(error: io::Error) -> Error {
    config_error(format!("cannot start a thread: {error}"))
}

fn config_error(reason: String) -> Error {
    Error::config("simulator", reason)
}
