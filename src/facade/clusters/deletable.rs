//! Waits until a cluster can be deleted, and wakes it if it is idle: the service deletes a cluster only if its status is
//! `available`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::observed::{CallStart, Observation};
use super::wait::Wait;
use super::waiter::{ClusterSource, Endpoint, PollSource, Waiter};
use crate::engine::{future::BoxFuture, session::Session};
use crate::error::{Error, Result};
use crate::facade::{operations, ping::ping};
use crate::schema::{ClusterName, ClusterStatus, DescClusterDto, Timestamp};
use crate::types::operation::Operation;

/// What a wait for a deletable cluster found.
pub(super) enum Deletable {
    /// It can be deleted now. With the time of its creation, which tells it from another one of the same name.
    Now(Timestamp),
    /// It was deleted meanwhile.
    Gone,
    /// It did not exist, with the error that says so.
    Absent(Error),
}

/// Waits until then. `created` is the time of creation, if it is known.
pub(super) fn wait(session: &Session, name: &ClusterName, created: Option<Timestamp>) -> Wait<Deletable> {
    let mut created = created;
    let accept = move |observation| {
        Ok(match observation {
            Observation::Described(cluster) => {
                let first = created.get_or_insert_with(|| cluster.create_at.clone());
                match is_same_time(first, &cluster.create_at) {
                    true => cluster.status.is_deletable().then(|| Deletable::Now(cluster.create_at)),
                    false => Some(Deletable::Gone),
                }
            }
            Observation::Absent(Some(_)) if created.is_some() => Some(Deletable::Gone),
            Observation::Absent(Some(refused)) => Some(Deletable::Absent(refused)),
            _ => None,
        })
    };
    let cluster = ClusterSource { session: session.clone(), name: Ok(name.clone()), endpoint: Endpoint::Describe };
    let source = WakingSource { cluster, idle_polls: AtomicU32::new(0) };
    let (random, name) = (session.random(), name.to_string());
    Wait::new(Waiter::new(Box::new(source), Box::new(accept), "become deletable", name, random))
}

pub(crate) fn is_same_time(one: &Timestamp, other: &Timestamp) -> bool {
    one == other || one.to_system_time().is_some_and(|time| other.to_system_time() == Some(time))
}

/// Observes a cluster, and wakes it if it is idle: with a connection to its database first, then with `start_cluster`.
struct WakingSource {
    cluster: ClusterSource,
    idle_polls: AtomicU32,
}

impl WakingSource {
    async fn wake(&self, cluster: &DescClusterDto, latest: Option<Instant>) {
        let woken = match self.idle_polls.fetch_add(1, Ordering::Relaxed) {
            0 => ping(Operation::DescribeCluster, &cluster.elb_addr, cluster.elb_port).await.map(drop),
            1 => self.start(latest).await,
            _ => return,
        };
        if let Err(error) = woken {
            tracing::debug!("the idle cluster was not woken: {error}");
        }
    }

    async fn start(&self, latest: Option<Instant>) -> Result<()> {
        let ClusterSource { session, name: Ok(name), .. } = &self.cluster else { return Ok(()) };
        operations::start_cluster(session, session.deadline_until(latest), name).await.map(drop)
    }
}

impl PollSource for WakingSource {
    fn operation(&self) -> Operation {
        self.cluster.operation()
    }

    fn poll(&self, start: CallStart, remaining: Duration) -> BoxFuture<'_, Result<Observation>> {
        Box::pin(async move {
            let observation = self.cluster.poll(start, remaining).await?;
            if let Observation::Described(cluster) = &observation
                && cluster.status == ClusterStatus::Idle
            {
                self.wake(cluster, Instant::now().checked_add(remaining)).await;
            }
            Ok(observation)
        })
    }

    fn sleep(&self, delay: Duration) -> BoxFuture<'_, Result<()>> {
        self.cluster.sleep(delay)
    }
}
