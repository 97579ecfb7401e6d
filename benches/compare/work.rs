//! What users do with a client, done by this crate, by hand, or by bare sockets.

use std::cell::Cell;
use std::net::SocketAddr;
use std::process;
use std::time::Duration;

use eloq_sdk::{ClusterSpec, DesiredState, EloqApi, RetryPolicy};

use crate::hand::Hand;
use crate::proxy::{Carried, Proxy, port, requests};
use crate::replay::{Replay, over_tls};
use crate::{CLUSTER, Client, Outcome, Service};

pub const REGION: &str = "us-west-1";
pub const SKU: i64 = 101;
pub const FIRST_PROJECT: i64 = 147;
/// The service refuses to describe it.
pub const FAILING: &str = "failing";
/// Calls of each caller.
const CALLS: usize = 20;
const CONCURRENCY: usize = 32;
/// The longest of a retry; with jitter it is half as long on average.
const BACKOFF: Duration = Duration::from_millis(1);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How long a connection is idle before [`Kind::Idle`].
pub const IDLE: Duration = Duration::from_secs(30);
/// Of a created cluster: the first poll comes earlier, the second later.
pub const PROVISIONING: Duration = Duration::from_millis(30);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first call of a new client, over TLS.
    First,
    /// A call, which comes after a pause.
    Idle,
    /// One page of 50 clusters.
    Page,
    /// A create, with a wait until the cluster is connectable.
    Create,
    /// A call that fails four times.
    Failing,
    List,
    DescribeAll,
    Plan,
    /// Lists until one fails.
    Watch,
    /// Callers that share a client.
    Callers,
}

/// Work of a kind, and its size.
pub struct Work {
    pub kind: Kind,
    /// Clusters or callers.
    pub size: usize,
    pub projects: usize,
    service: Service,
    desired: DesiredState,
    names: Vec<String>,
    created: Cell<usize>,
}

/// Who does the work.
pub enum Worker {
    Sdk(EloqApi),
    Hand(Hand),
    Socket { replay: Replay, recorded: Vec<Carried>, created: String },
}

/// What goes over the wire.
pub struct Wire {
    pub connections: usize,
    pub requests: usize,
    pub sent: usize,
    pub received: usize,
}

pub fn name(number: usize) -> String {
    format!("cluster-{number}")
}

pub fn project(number: usize, projects: usize) -> i64 {
    FIRST_PROJECT + ((number - 1) % projects) as i64
}

impl Work {
    /// `size` is of the form `10000`, or `10000x20` with 20 projects.
    pub fn new(kind: &str, size: &str, service: Service) -> Outcome<Self> {
        let kind = match kind {
            "first" => Kind::First,
            "idle" => Kind::Idle,
            "page" => Kind::Page,
            "create" => Kind::Create,
            "failing" => Kind::Failing,
            "list" => Kind::List,
            "describe_all" => Kind::DescribeAll,
            "plan" => Kind::Plan,
            "watch" => Kind::Watch,
            "callers" => Kind::Callers,
            other => return Err(format!("unknown work {other}").into()),
        };
        let (size, projects) = size.split_once('x').unwrap_or((size, "1"));
        let (size, projects) = (size.parse()?, projects.parse()?);
        let mut desired = DesiredState::default();
        let names: Vec<_> = if kind == Kind::Plan { (1..=size).map(name).collect() } else { Vec::new() };
        for (index, name) in names.iter().enumerate() {
            desired = desired.cluster_in(project(index + 1, projects), ClusterSpec::new(name, REGION, SKU));
        }
        Ok(Self { kind, size, projects, service, desired, names, created: Cell::default() })
    }

    pub async fn worker(&self, which: &str) -> Outcome<Worker> {
        let Service { base, key, .. } = &self.service;
        Ok(match which {
            "sdk" => Worker::Sdk(sdk(base, key).await?),
            "hand" => Worker::Hand(Hand::connect(base, key, None).await?),
            "socket" => {
                let (recorded, created) = Box::pin(self.through_proxy("sdk", Duration::ZERO)).await?;
                let replay = Replay::connect(&recorded, address(base)?).await?;
                Worker::Socket { replay, recorded, created }
            }
            other => return Err(format!("unknown client {other}: use sdk, hand or socket").into()),
        })
    }

    pub async fn run(&self, worker: &mut Worker) -> Outcome<()> {
        match worker {
            Worker::Sdk(client) => Box::pin(self.by_sdk(client)).await,
            Worker::Hand(client) => Box::pin(self.by_hand(client)).await,
            Worker::Socket { recorded, .. } if self.kind == Kind::First => {
                let tls = self.service.tls.as_ref().ok_or("no TLS")?;
                over_tls(recorded, address(&tls.base)?, &tls.pem).await
            }
            Worker::Socket { replay, created, .. } if self.kind == Kind::Create => {
                let name = self.next_name();
                replay.run(Some((created, &name))).await?;
                *created = name;
                Ok(())
            }
            Worker::Socket { replay, .. } => replay.run(None).await,
        }
    }

    async fn by_sdk(&self, client: &EloqApi) -> Outcome<()> {
        match self.kind {
            Kind::First => {
                let tls = self.service.tls.as_ref().ok_or("no TLS")?;
                let builder = EloqApi::builder().api_key(self.service.key.as_str()).base_url(tls.base.as_str());
                builder.add_root_certificate(tls.pem.as_str()).build()?.cluster(CLUSTER).await?;
            }
            Kind::Idle => drop(client.cluster(CLUSTER).await?),
            Kind::Page => check(client.clusters().per_page(50).await?.cluster_list.len(), 50)?,
            Kind::Create => {
                let create = client.cluster_create(self.next_name(), REGION, SKU);
                create.wait().poll_interval(POLL_INTERVAL).await?;
            }
            Kind::Failing => {
                let failed = client.cluster(FAILING).await.err().ok_or("no failure")?;
                check(failed.attempts().len(), 4)?;
            }
            Kind::List => {
                let mut listed = 0;
                for index in 0..self.projects {
                    let mut all = client.with_project(FIRST_PROJECT + index as i64).clusters().stream();
                    while all.next().await.transpose()?.is_some() {
                        listed += 1;
                    }
                }
                check(listed, self.size)?;
            }
            Kind::DescribeAll if self.projects > 1 => {
                let all = client.describe_all().concurrency(CONCURRENCY).all_projects().await?;
                check(
                    all.iter().filter(|each| each.result.as_ref().is_ok_and(|each| each.result.is_ok())).count(),
                    self.size,
                )?;
            }
            Kind::DescribeAll => {
                let all = client.describe_all().concurrency(CONCURRENCY).await?;
                check(all.iter().filter(|each| each.result.is_ok()).count(), self.size)?;
            }
            Kind::Plan => {
                let plan = client.plan(self.desired.clone()).prune(true).await?;
                check(plan.clusters.len(), self.size)?;
                check(usize::from(plan.has_changes()), 0)?;
            }
            Kind::Watch => {
                let mut watch = client.watch_clusters().poll_interval(Duration::from_millis(1));
                let mut changes = 0;
                while let Some(Ok(_)) = watch.next().await {
                    changes += 1;
                }
                check(changes, self.size)?;
            }
            Kind::Callers => self.callers(Client::Sdk(client.clone())).await?,
        }
        Ok(())
    }

    async fn by_hand(&self, client: &Hand) -> Outcome<()> {
        match self.kind {
            Kind::First => {
                let tls = self.service.tls.as_ref().ok_or("no TLS")?;
                Hand::connect(&tls.base, &self.service.key, Some(&tls.pem)).await?.cluster(CLUSTER).await?;
            }
            Kind::Idle => drop(client.cluster(CLUSTER).await?),
            Kind::Page => check(client.page(1).await?.cluster_list.len(), 50)?,
            Kind::Create => drop(client.create(&self.next_name(), REGION, SKU, POLL_INTERVAL).await?),
            Kind::Failing => client.fail(FAILING, 4, BACKOFF / 2).await?,
            Kind::List => check(client.list().await?.len(), self.size)?,
            Kind::DescribeAll => {
                let all = client.describe_all(CONCURRENCY).await?;
                check(all.iter().filter(|(_, result)| result.is_ok()).count(), self.size)?;
            }
            Kind::Plan => {
                let (missing, others) = client.plan(&self.names).await?;
                check(missing.len() + others.len(), 0)?;
            }
            Kind::Watch => check(client.watch(Duration::from_millis(1), usize::MAX).await?, self.size)?,
            Kind::Callers => self.callers(Client::Hand(client.clone())).await?,
        }
        Ok(())
    }

    /// Each caller makes its calls one after the other.
    async fn callers(&self, client: Client) -> Outcome<()> {
        client.describe_many(CALLS * self.size, self.size).await
    }

    /// What the work takes on the wire, on connections that are already open, except for a first call.
    pub async fn wire(&self, which: &str) -> Outcome<Wire> {
        let idle = if self.kind == Kind::Idle { IDLE } else { Duration::ZERO };
        let (carried, _) = self.through_proxy(which, idle).await?;
        let requests = carried.iter().map(|each| requests(&each.sent).len()).sum();
        let carried = match (&self.service.tls, self.kind) {
            (Some(tls), Kind::First) => {
                let proxy = Proxy::start(address(&tls.base)?).await?;
                let tls = crate::Tls { base: proxy.base(&tls.base)?, ..tls.clone() };
                self.with_service(Service { tls: Some(tls), ..self.service.clone() }, which).await?;
                proxy.carried()
            }
            _ => carried,
        };
        Ok(Wire {
            connections: carried.iter().filter(|each| each.is_new).count(),
            requests,
            sent: carried.iter().map(|each| each.sent.len()).sum(),
            received: carried.iter().map(|each| each.received).sum(),
        })
    }

    /// Does the work by way of a proxy, without TLS, on connections that were idle for so long. Returns what it carried, and the name of the created cluster.
    async fn through_proxy(&self, which: &str, idle: Duration) -> Outcome<(Vec<Carried>, String)> {
        let service = &self.service;
        let proxy = Proxy::start(address(&service.base)?).await?;
        let base = proxy.base(&service.base)?;
        if self.kind == Kind::First {
            match which {
                "sdk" => drop(EloqApi::from_key_and_url(service.key.as_str(), base)?.cluster(CLUSTER).await?),
                _ => drop(Hand::connect(&base, &service.key, None).await?.cluster(CLUSTER).await?),
            }
            return Ok((proxy.carried(), String::new()));
        }
        let through = Self { service: Service { base, ..service.clone() }, ..self.copy() };
        let mut worker = through.worker(which).await?;
        match (self.kind, &mut worker) {
            // It would not end.
            (Kind::Watch, Worker::Sdk(client)) => {
                proxy.clear();
                let mut watch = client.watch_clusters();
                for _ in 0..self.size {
                    watch.next().await.ok_or("no change")??;
                }
            }
            (Kind::Watch, Worker::Hand(client)) => {
                proxy.clear();
                client.watch(Duration::ZERO, 1).await?;
            }
            _ => {
                // Opens the connections.
                through.run(&mut worker).await?;
                tokio::time::sleep(idle).await;
                proxy.clear();
                through.run(&mut worker).await?;
            }
        }
        self.created.set(through.created.get());
        Ok((proxy.carried(), through.last_name()))
    }

    async fn with_service(&self, service: Service, which: &str) -> Outcome<()> {
        let work = Self { service, ..self.copy() };
        let mut worker = work.worker(which).await?;
        work.run(&mut worker).await
    }

    fn copy(&self) -> Self {
        let Self { kind, size, projects, service, desired, names, created } = self;
        Self {
            kind: *kind,
            size: *size,
            projects: *projects,
            service: service.clone(),
            desired: desired.clone(),
            names: names.clone(),
            created: created.clone(),
        }
    }

    /// All have the same length, and no two processes have the same.
    fn next_name(&self) -> String {
        self.created.set(self.created.get() + 1);
        self.last_name()
    }

    fn last_name(&self) -> String {
        format!("made-{:07}-{:07}", process::id() % 10_000_000, self.created.get())
    }
}

async fn sdk(base: &str, key: &str) -> Outcome<EloqApi> {
    // Retries that hardly wait, and a budget that does not end.
    let policy = RetryPolicy::default().backoff(BACKOFF).max_backoff(BACKOFF);
    Ok(EloqApi::builder().api_key(key).base_url(base).retry(policy.budget(u32::MAX)).connect().await?)
}

fn address(base: &str) -> Outcome<SocketAddr> {
    Ok(SocketAddr::from(([127, 0, 0, 1], port(base)?)))
}

fn check(found: usize, expected: usize) -> Outcome<()> {
    if found == expected { Ok(()) } else { Err(format!("{found} in place of {expected}").into()) }
}
