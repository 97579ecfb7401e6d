//! The state that all connections share, and the path from a request to its response.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use http::header::{AUTHORIZATION, DATE, HeaderValue};
use serde_json::Value;

use super::api::{ApiRequest, ApiSettings, dispatch};
use super::clock::{Clock, DateHeader};
use super::cloud::Cloud;
use super::cluster::PendingServer;
use super::encoding::percent_decode;
use super::fault::{FaultQueue, Interruption};
use super::load_balancer::LoadBalancer;
use super::record::{RecordedRequest, Recorder};
use super::redis_server::RedisProgram;
use super::response::Response;
use super::route::{PathParams, route};
use super::variation::Variation;
use crate::engine::runtime_thread::RuntimeThread;

pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) cloud: Cloud,
    pub(super) faults: FaultQueue,
    pub(super) recorder: Recorder,
    pub(super) api_settings: ApiSettings,
    pub(super) latency: Duration,
    pub(super) date_header: DateHeader,
    pub(super) variation: Variation,
    /// Numbers the request ids.
    pub(super) response_count: u64,
}

/// What the server sends, and when.
pub(super) struct Outcome {
    pub(super) latency: Duration,
    /// `None` closes the connection instead.
    pub(super) response: Option<Response>,
    /// How many bytes of the body to send before closing the connection; `None` sends all and keeps it open.
    pub(super) truncate: Option<usize>,
}

pub(super) struct Shared {
    state: Mutex<State>,
    redis: Option<Redis>,
}

/// The servers of EloqKV clusters.
struct Redis {
    /// The lock keeps two requests from starting one for the same cluster.
    program: tokio::sync::Mutex<RedisProgram>,
    load_balancers: RuntimeThread,
}

impl Shared {
    /// With the program of the Redis servers and the thread of their load balancers, if EloqKV clusters have them.
    pub(super) fn new(state: State, redis: Option<(RedisProgram, RuntimeThread)>) -> Self {
        let redis = redis.map(|(program, load_balancers)| Redis { program: program.into(), load_balancers });
        Self { state: Mutex::new(state), redis }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts all pending Redis servers.
    pub(super) async fn start_servers(self: &Arc<Self>) -> io::Result<()> {
        let Some(redis) = &self.redis else {
            return Ok(());
        };
        let program = redis.program.lock().await;
        while let Some(cluster) = self.pending_server() {
            let server = program.start(&cluster.user, &cluster.password).await?;
            // The cluster owns the load balancer, and this state the cluster.
            let (shared, serial) = (Arc::downgrade(self), cluster.serial);
            let on_connect = move || {
                if let Some(shared) = shared.upgrade() {
                    shared.connected(serial);
                }
            };
            let balancer = LoadBalancer::start(redis.load_balancers.handle(), server.socket(), on_connect)?;
            self.lock().cloud.attach_server(&cluster, server, balancer);
        }
        Ok(())
    }

    fn connected(&self, serial: u64) {
        let mut state = self.lock();
        let now = state.tick();
        state.cloud.connected(serial, now);
    }

    fn pending_server(&self) -> Option<PendingServer> {
        self.lock().cloud.pending_server()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl State {
    /// Applies all transitions that are due, and returns the time.
    pub(super) fn tick(&mut self) -> Duration {
        let now = self.clock.now();
        self.cloud.tick(now);
        now
    }

    /// Records the request, applies a matching fault and calls the API. `too_large`: the server discarded the body.
    pub(super) fn handle(&mut self, mut request: RecordedRequest, too_large: bool) -> Outcome {
        let now = self.clock.now();
        let routed = route(&request.method, &request.path);
        let operation = routed.as_ref().ok().map(|(operation, _)| *operation);
        let cluster = || routed.as_ref().ok().and_then(|(_, params)| cluster_name(params, &request.body));
        let fault = self.faults.take_matching(operation, &cluster);
        let real = fault.as_ref().is_none_or(|fault| fault.reaches_cloud()).then(|| {
            let api_request = ApiRequest {
                route: routed,
                authorization: request.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes),
                query: request.query.as_deref().unwrap_or_default(),
                body: (!too_large).then_some(&request.body),
            };
            self.variation.apply(dispatch(&self.api_settings, &mut self.cloud, api_request, now))
        });
        request.operation = operation;
        self.recorder.add(request);
        self.response_count += 1;

        let Some(fault) = fault else {
            return Outcome {
                latency: self.latency,
                response: real.map(|response| self.add_standard_headers(response)),
                truncate: None,
            };
        };
        let response = match fault.interruption() {
            Interruption::BeforeApply | Interruption::AfterApply => None,
            Interruption::None | Interruption::MidBody(_) => {
                Some(self.add_standard_headers(fault.replace_response(real)))
            }
        };
        Outcome {
            latency: self.latency.saturating_add(fault.delay()),
            response,
            truncate: match fault.interruption() {
                Interruption::MidBody(bytes) => Some(bytes),
                _ => None,
            },
        }
    }

    fn add_standard_headers(&self, mut response: Response) -> Response {
        if let Ok(id) = HeaderValue::try_from(format!("sim-{:06}", self.response_count)) {
            response.headers.entry("x-request-id").or_insert(id);
        }
        if let Some(Ok(date)) = self.date_header.value(self.clock.now()).map(HeaderValue::try_from) {
            response.headers.entry(DATE).or_insert(date);
        }
        response
    }
}

/// The cluster that a request names, in its path or in the body of a create request.
fn cluster_name(params: &PathParams<'_>, body: &[u8]) -> Option<String> {
    if !params.cluster.is_empty() {
        return percent_decode(params.cluster);
    }
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("clusterName")?.as_str()?.to_owned())
}
