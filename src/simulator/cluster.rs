//! One cluster: its lifecycle, its credentials and its JSON. The time is an argument; the only side effect is the Redis
//! server that the cluster can own.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::catalogue::{Sku, VERSION, float};
use super::clock::rfc3339;
use super::load_balancer::LoadBalancer;
use super::redis_server::RedisServer;

/// Durations of the cluster lifecycle.
#[derive(Clone, Debug)]
pub(super) struct Timings {
    pub(super) provisioning: Duration,
    pub(super) deleting: Duration,
    pub(super) idle_after: Option<Duration>,
}

#[derive(Debug)]
pub(super) enum Phase {
    Provisioning {
        until: Duration,
    },
    Available {
        since: Duration,
    },
    Idle,
    /// Set by the test, kept until an operation changes it.
    Pinned(String),
    Deleting {
        until: Duration,
    },
}

impl Phase {
    /// The phase in which a cluster shows this status.
    pub(super) fn of_status(status: &str, now: Duration) -> Self {
        match status {
            "available" => Self::Available { since: now },
            "idle" => Self::Idle,
            other => Self::Pinned(other.to_owned()),
        }
    }
}

pub(super) struct CreateRequest {
    pub(super) name: String,
    pub(super) region: String,
    pub(super) zone: Option<String>,
    pub(super) sku: &'static Sku,
}

/// A cluster that needs a Redis server, and the settings of that server.
#[derive(PartialEq)]
pub(super) struct PendingServer {
    pub(super) serial: u64,
    pub(super) user: String,
    pub(super) password: String,
}

pub(super) struct Cluster {
    /// Unique, unlike the name.
    pub(super) serial: u64,
    pub(super) project: i64,
    pub(super) name: String,
    pub(super) phase: Phase,
    /// The id of the current configuration.
    pub(super) config: i64,
    sku: &'static Sku,
    region: String,
    zone: String,
    pub(super) created: Duration,
    host: String,
    port: u16,
    backend: Backend,
    user: String,
    password: String,
    generator: CredentialGenerator,
}

/// What listens at the cluster's address.
enum Backend {
    None,
    /// A Redis server that has not started yet; the cluster is provisioning until it does.
    Pending,
    Running {
        /// Dropped first: it forwards to the server.
        _balancer: LoadBalancer,
        server: RedisServer,
    },
}

/// Every cluster has an initial configuration and one that can be applied.
const CONFIGS: [i64; 2] = [1, 2];

impl Cluster {
    pub(super) fn new(
        project: i64,
        request: CreateRequest,
        phase: Phase,
        password: Option<String>,
        serial: u64,
        now: Duration,
    ) -> Self {
        let CreateRequest { name, region, zone, sku } = request;
        let mut generator = CredentialGenerator::new(serial, &name);
        let zone = zone.unwrap_or_else(|| match sku.cloud {
            "GCP" => format!("{region}-a"),
            _ => format!("{region}a"),
        });
        Self {
            serial,
            project,
            host: format!(
                "{}-{}.elb.{}.example.com",
                dns_label(&name),
                generator.alphanumeric(8).to_ascii_lowercase(),
                dns_label(&region)
            ),
            port: sku.port(),
            backend: Backend::None,
            user: format!("{project}-{}", generator.alphanumeric(6)),
            password: password.unwrap_or_else(|| generator.password()),
            name,
            phase,
            config: CONFIGS[0],
            sku,
            region,
            zone,
            created: now,
            generator,
        }
    }

    /// Applies the transitions that are due; returns false once the cluster is gone.
    pub(super) fn tick(&mut self, timings: &Timings, now: Duration) -> bool {
        if let Phase::Provisioning { until } = self.phase
            && until <= now
        {
            self.phase = Phase::Available { since: until };
        }
        if let (Phase::Available { since }, Some(after)) = (&self.phase, timings.idle_after)
            && since.saturating_add(after) <= now
        {
            self.phase = Phase::Idle;
        }
        !matches!(self.phase, Phase::Deleting { until } if until <= now)
    }

    /// The cluster is provisioning until it has a Redis server.
    pub(super) fn require_server(&mut self) {
        self.backend = Backend::Pending;
    }

    pub(super) fn pending_server(&self) -> Option<PendingServer> {
        self.is_server_pending().then(|| PendingServer {
            serial: self.serial,
            user: self.user.clone(),
            password: self.password.clone(),
        })
    }

    /// Both run until the cluster is deleted.
    pub(super) fn attach_server(&mut self, server: RedisServer, balancer: LoadBalancer) {
        (self.host, self.port) = (balancer.host(), balancer.port());
        self.backend = Backend::Running { _balancer: balancer, server };
    }

    /// A connection to the load balancer wakes an idle cluster, and restarts the time after which an available one is idle.
    pub(super) fn connected(&mut self, now: Duration) {
        if matches!(self.phase, Phase::Idle | Phase::Available { .. }) {
            self.phase = Phase::Available { since: now };
        }
    }

    /// Returns the new password.
    pub(super) fn rotate_password(&mut self) -> String {
        let password = self.generator.password();
        let old = std::mem::replace(&mut self.password, password.clone());
        if let Backend::Running { server, .. } = &self.backend
            && server.set_password(&self.user, &old, &password).is_err()
        {
            // The server has stopped, or a client has changed its users. A new server has the new password.
            self.require_server();
        }
        password
    }

    pub(super) fn delete(&mut self, until: Duration) {
        self.phase = Phase::Deleting { until };
        self.stop_server();
    }

    pub(super) fn stop_server(&mut self) {
        self.backend = Backend::None;
    }

    pub(super) fn module(&self) -> &str {
        self.sku.module
    }

    pub(super) fn status(&self) -> &str {
        match &self.phase {
            Phase::Provisioning { .. } => "provisioning",
            Phase::Available { .. } | Phase::Idle if self.is_server_pending() => "provisioning",
            Phase::Available { .. } => "available",
            Phase::Idle => "idle",
            Phase::Pinned(status) => status,
            Phase::Deleting { .. } => "unavailable",
        }
    }

    /// Neither provisioning nor being deleted.
    pub(super) fn is_stable(&self) -> bool {
        !self.is_provisioning() && !matches!(self.phase, Phase::Deleting { .. })
    }

    pub(super) fn has_config(id: i64) -> bool {
        CONFIGS.contains(&id)
    }

    pub(super) fn list_item(&self) -> Value {
        json!({
            "cloud_provider": self.sku.cloud,
            "cluster_name": self.name,
            "create_at": rfc3339(self.created),
            "module_type": self.sku.module,
            "region": self.region,
            "sku_name": self.sku.name,
            "status": self.status(),
            "version": VERSION,
            "zone": self.zone,
        })
    }

    pub(super) fn describe(&self, org_name: &str, project_name: &str) -> Value {
        let (addr, port, state) =
            if self.is_provisioning() { ("", 0, "provisioning") } else { (self.host.as_str(), self.port, "active") };
        json!({
            "admin_password": STANDARD.encode(&self.password),
            "admin_user": STANDARD.encode(&self.user),
            "cloud_provider": self.sku.cloud,
            "cluster_deploy_mode": "txWithInternalLog",
            "create_at": rfc3339(self.created),
            "display_cluster_name": self.name,
            "elb_addr": addr,
            "elb_port": port,
            "elb_state": state,
            "log_cpu_limit": float(self.sku.log.cpu),
            "log_memory_mi_limit": float(self.sku.log.memory_mi),
            "log_replica": self.sku.log.replicas,
            "module_type": self.sku.module,
            "org_name": org_name,
            "project_name": project_name,
            "region": self.region,
            "status": self.status(),
            "tx_cpu_limit": float(self.sku.tx.cpu),
            "tx_memory_mi_limit": float(self.sku.tx.memory_mi),
            "tx_replica": self.sku.tx.replicas,
            "version": VERSION,
            "zone": self.zone,
        })
    }

    pub(super) fn configs(&self) -> Vec<Value> {
        CONFIGS
            .iter()
            .map(|id| {
                json!({
                    "config_id": id,
                    "cluster_name": self.name,
                    "create_at": rfc3339(self.created),
                    "is_current": *id == self.config,
                    "log_cpu_limit": float(self.sku.log.cpu),
                    "log_memory_mi_limit": float(self.sku.log.memory_mi),
                    "log_replica": self.sku.log.replicas,
                    "tx_cpu_limit": float(self.sku.tx.cpu * *id as f64),
                    "tx_memory_mi_limit": float(self.sku.tx.memory_mi * *id as f64),
                    "tx_replica": self.sku.tx.replicas,
                    "version": VERSION,
                })
            })
            .collect()
    }

    fn is_server_pending(&self) -> bool {
        matches!(self.backend, Backend::Pending)
    }

    fn is_provisioning(&self) -> bool {
        self.is_server_pending() || matches!(self.status(), "provisioning" | "creating")
    }
}

/// Turns any text into a label of a host name.
fn dns_label(text: &str) -> String {
    let label: String = text
        .chars()
        .take(32)
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '-',
        })
        .collect();
    match label.trim_matches('-') {
        "" => "cluster".to_owned(),
        label => label.to_owned(),
    }
}

/// A splitmix64 generator: the same simulator settings give the same credentials in every run.
struct CredentialGenerator(u64);

impl CredentialGenerator {
    fn new(serial: u64, name: &str) -> Self {
        Self(name.bytes().fold(serial, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)))
    }

    fn alphanumeric(&mut self, count: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..count).map(|_| char::from(ALPHABET[(self.next_u64() % 62) as usize])).collect()
    }

    /// Contains the characters that break a connection URL unless they are escaped.
    fn password(&mut self) -> String {
        ["@", "/", ":", "#", "%", "?", "[", "="].iter().map(|special| self.alphanumeric(3) + special).collect()
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
