//! The settings of a simulator: setters that never fail and a `start()` that does.

use std::env::VarError;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::api::ApiSettings;
use super::clock::Clock;
use super::cloud::{Cloud, CloudSettings, Project};
use super::cluster::Timings;
use super::code_style::CodeStyle;
use super::fault::FaultQueue;
use super::handle::Simulator;
use super::record::Recorder;
use super::redis_server::RedisProgram;
use super::server::serve;
use super::state::{Shared, State};
use crate::{EloqApi, Error, Result};

const DEFAULT_KEY: &str = "eloq-simulator-key";
const DEFAULT_RECORD_LIMIT: usize = 10_000;

/// Settings of a [`Simulator`].
///
/// Made by [`Simulator::builder`]. Without any setting: a free port, one project, no cluster, a free plan with 3
/// clusters, and clusters that become available one second after their creation.
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
/// // The same service in its other habits.
/// let odd = Simulator::builder().no_projects().null_lists(true).bare_org_info(true).codes(CodeStyle::All200);
/// assert!(odd.start().await?.client().info().await?.org_info.projects.is_empty());
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
    clusters: Vec<String>,
    cloud_settings: CloudSettings,
    codes: CodeStyle,
    bare_org_info: bool,
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
            projects: vec![Project { id: 147, name: "project1".to_owned() }],
            clusters: Vec::new(),
            cloud_settings: CloudSettings {
                timings: Timings {
                    provisioning: Duration::from_secs(1),
                    deleting: Duration::from_millis(500),
                    idle_after: None,
                },
                cluster_limit: Some(3),
                null_lists: false,
                admin_password: None,
                real_redis: false,
            },
            codes: CodeStyle::default(),
            bare_org_info: false,
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

/// The constructors stand here, so that the handle does not depend on its builder.
impl Simulator {
    /// Starts a simulator with the default settings on a free port.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) when no port can be bound.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled, as all of tokio does.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Settings for a simulator that is not the default one.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }
}

impl SimulatorBuilder {
    /// The port on 127.0.0.1; 0, the default, takes any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The API key that is accepted, bare or after `Bearer`; `eloq-simulator-key` by default.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = key.into();
        self
    }

    /// Accepts this OAuth token as well, as `Authorization: Bearer <token>`. May be called several times.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// Adds a project after those that are there. The ids must differ; the first project is 147, `project1`, unless
    /// [`no_projects`](Self::no_projects) took it away.
    pub fn project(mut self, id: i64, name: impl Into<String>) -> Self {
        self.projects.push(Project { id, name: name.into() });
        self
    }

    /// Takes away all projects named so far, the default one included.
    pub fn no_projects(mut self) -> Self {
        self.projects.clear();
        self
    }

    /// How long a created cluster is provisioning before it is available, by the cloud's clock; 1 second by default.
    pub fn provisioning(mut self, duration: Duration) -> Self {
        self.cloud_settings.timings.provisioning = duration;
        self
    }

    /// How long a deleted cluster is still listed as unavailable, by the cloud's clock; half a second by default.
    pub fn deleting(mut self, duration: Duration) -> Self {
        self.cloud_settings.timings.deleting = duration;
        self
    }

    /// How long after it became available a cluster turns idle, by the cloud's clock; never by default.
    pub fn idle_after(mut self, duration: Option<Duration>) -> Self {
        self.cloud_settings.timings.idle_after = duration;
        self
    }

    /// How many clusters the organization may have on the free plan, those being deleted included; 3 by default,
    /// `None` for no limit. Seeded clusters count but are never refused. Subscribing to another plan lifts the limit.
    pub fn cluster_limit(mut self, limit: Option<usize>) -> Self {
        self.cloud_settings.cluster_limit = limit;
        self
    }

    /// Starts with an available cluster of this name in the first project: the first EloqKV SKU on AWS, region
    /// us-west-1. May be called several times, also with a name that a create would refuse.
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.clusters.push(name.into());
        self
    }

    /// The admin password of all clusters, before base64; without it each cluster has a password of its own.
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.cloud_settings.admin_password = Some(password.into());
        self
    }

    /// Holds every reply back for this long, in real time; none by default.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Which success codes the envelopes have.
    pub fn codes(mut self, style: CodeStyle) -> Self {
        self.codes = style;
        self
    }

    /// Whether an empty list is sent as `null`, as Go backends do; off by default.
    pub fn null_lists(mut self, on: bool) -> Self {
        self.cloud_settings.null_lists = on;
        self
    }

    /// Whether `org-info` answers without the envelope, as one page of the vendor shows it; off by default.
    pub fn bare_org_info(mut self, on: bool) -> Self {
        self.bare_org_info = on;
        self
    }

    /// How many requests are kept for [`Simulator::requests`], the newest; 10,000 by default.
    pub fn record_limit(mut self, requests: usize) -> Self {
        self.record_limit = requests;
        self
    }

    /// Backs every EloqKV cluster with a real server: this program, or the one of that name on `PATH`. It has to be Redis 6.2
    /// or newer, or what behaves like it. See [Real servers](super#real-servers).
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
    /// [`Error::Config`](crate::Error::Config) when the port cannot be bound, two projects have the same id, a
    /// cluster is seeded without a project, the key cannot be sent in a header, or there is no `redis-server` that works
    /// where one is wanted.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled, as all of tokio does.
    pub async fn start(self) -> Result<Simulator> {
        self.validate()?;
        let bind_error = |error| config_error(format!("cannot listen on port {}: {error}", self.port));
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let base_url = format!("http://{address}/api/v1/");
        let redis = match &self.redis_server {
            Some(program) => Some(RedisProgram::check(program).await.map_err(config_error)?),
            None => None,
        };
        // Variables are about another service.
        let no_variables = |_: &str| Err(VarError::NotPresent);
        let client = EloqApi::builder().api_key(self.api_key.as_str()).base_url(base_url.as_str());
        let client = client.build_with(&no_variables)?;
        let api_key = self.api_key.clone();
        let shared = Arc::new(Shared::new(self.into_state(), redis));
        shared.start_servers().await.map_err(|error| config_error(format!("redis-server does not start: {error}")))?;
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Simulator { shared, server, base_url, api_key, client })
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
        if self.projects.is_empty() && !self.clusters.is_empty() {
            return Err(config_error("a cluster needs a project to be in".to_owned()));
        }
        Ok(())
    }

    fn into_state(self) -> State {
        let clock = Clock::start();
        let now = clock.now();
        let first_project = self.projects.first().map(|project| project.id);
        let mut cloud = Cloud::new(self.cloud_settings, self.projects, now);
        for (project, name) in first_project.iter().cycle().zip(self.clusters) {
            cloud.seed(*project, name, now);
        }
        State {
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
            response_count: 0,
        }
    }
}

fn config_error(reason: String) -> Error {
    Error::config("simulator", reason)
}
