//! `Waits`: waits for many clusters, with one reading of the list in each interval.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use serde::Serialize;
use tokio::sync::{Mutex, Semaphore};

use crate::engine::future::{BoxFuture, Results, results, task};
use crate::engine::{recording::record, session::Session};
use crate::error::{Error, Result};
use crate::facade::client::EloqApi;
use crate::facade::clusters::find::{self, Listing};
use crate::facade::clusters::observed::{CallStart, Observation};
use crate::facade::clusters::wait::{Wait, WaitForCluster};
use crate::facade::clusters::waiter::{self, MAX_FAILURES, PollSource, Waiter};
use crate::facade::credentials::ClusterCredentials;
use crate::schema::{ClusterName, ClusterStatus, DescClusterDto};
use crate::types::operation::Operation;

/// How many clusters are described at the same time.
const CONCURRENCY: usize = 8;

impl EloqApi {
    /// Waits until many clusters are available, connectable or deleted, or have another status: with one list in each interval for
    /// all, in place of a request for each.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// for each in client.wait_for_clusters(["orders", "sessions"]).connectable().await? {
    ///     match each.result {
    ///         Ok(credentials) => println!("{}: {}", each.cluster_name, credentials.host),
    ///         Err(error) => eprintln!("{error:#}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_clusters(&self, cluster_names: impl IntoIterator<Item = impl Into<String>>) -> WaitForClusters {
        let names = cluster_names.into_iter().map(Into::into).collect();
        WaitForClusters { session: self.session().clone(), names }
    }
}

/// Clusters to wait for: choose the goal.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let deleted = client.wait_for_clusters(["old-1", "old-2"]).deleted().await?;
/// assert!(deleted.iter().all(|each| each.result.is_ok()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "choose what to wait for: `.available()`, `.connectable()`, `.deleted()` or `.status(…)`"]
pub struct WaitForClusters {
    session: Session,
    names: Vec<String>,
}

impl WaitForClusters {
    /// Waits for the status `available`, as [`WaitForCluster::available`] does.
    pub fn available(self) -> Waits<DescClusterDto> {
        self.until(WaitForCluster::available, Arc::new(|status| *status == ClusterStatus::Available))
    }

    /// Waits until the databases accept connections, as [`WaitForCluster::connectable`] does.
    pub fn connectable(self) -> Waits<ClusterCredentials> {
        self.until(WaitForCluster::connectable, Arc::new(ClusterStatus::is_connectable))
    }

    /// Waits until the clusters are deleted, as [`WaitForCluster::deleted`] does.
    pub fn deleted(self) -> Waits<()> {
        self.until(WaitForCluster::deleted, Arc::new(|_| false))
    }

    /// Waits for a status that `accept` accepts.
    pub fn status(self, accept: impl Fn(&ClusterStatus) -> bool + Send + Sync + 'static) -> Waits<DescClusterDto> {
        let accept = Arc::new(accept);
        let describe = accept.clone();
        let goal = |wait: WaitForCluster| {
            let accept = accept.clone();
            wait.status(move |status| accept(status))
        };
        self.until(goal, describe)
    }

    fn until<T: Send + 'static>(self, goal: impl Fn(WaitForCluster) -> Wait<T>, describe: Describe) -> Waits<T> {
        let Self { session, names } = self;
        let list = SharedList::new(session.clone());
        let waiters = names.into_iter().filter_map(|name| {
            list.share(goal(WaitForCluster::new(session.clone(), name)), describe.clone()).into_waiter()
        });
        Waits { waiters: waiters.collect(), results: None }
    }
}

/// The result of a wait for one of many clusters.
///
/// It serializes as `{"cluster_name", "value", "error"}`: `value` is the value of `result` or null, `error` its
/// [serialized error](Error#serialization) or null.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let all = client.wait_for_clusters(["orders", "sessions"]).available().await?;
/// let failed = all.iter().filter(|each| each.result.is_err());
/// println!("{:?}", failed.map(|each| &each.cluster_name).collect::<Vec<_>>());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(bound = "T: Serialize")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The result of a wait for one of many clusters."))]
#[non_exhaustive]
pub struct WaitResult<T> {
    /// Name of the cluster.
    pub cluster_name: String,
    /// What a [`Wait`] for the cluster would return.
    #[serde(flatten, serialize_with = "crate::error::outcome::serialize")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::error::outcome::Outcome<T>"))]
    pub result: Result<T>,
}

/// Waits for many clusters: a stream of results as they come, and a future of all results in the order of the names.
///
/// It reads the list at the times at which a [`Wait`] polls, and describes a cluster only when its listed status can be the goal,
/// up to 8 clusters at the same time. Each cluster succeeds and fails as in a `Wait` of its own, with the same limits and errors; the
/// others continue. A cluster that four lists in a row lack is described once, for the error that says so. An error has the attempts
/// of describing its cluster and of lists that failed.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let mut waits = client.wait_for_clusters(["orders", "sessions"]).connectable();
/// while let Some(each) = waits.next().await.transpose()? {
///     println!("{}: {:?}", each.cluster_name, each.result.map(|credentials| credentials.host));
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Waits<T> {
    /// Until the first poll.
    waiters: Vec<Waiter<T>>,
    /// From the first poll.
    results: Option<Results<WaitResult<T>>>,
}

impl<T: Send + 'static> Waits<T> {
    /// Sets the longest wait for all; the default is 15 minutes. The last poll can exceed it.
    pub fn max_wait(self, max_wait: Duration) -> Self {
        self.with(|waiter| waiter.max_wait = max_wait)
    }

    /// Sets a constant interval between lists, with up to 20 % jitter; by default it grows from 2 s to 15 s. Zero is refused with
    /// [`Error::InvalidInput`] before anything is sent.
    pub fn poll_interval(self, interval: Duration) -> Self {
        self.with(|waiter| waiter.poll_interval = Some(interval))
    }

    fn with(mut self, change: impl Fn(&mut Waiter<T>)) -> Self {
        self.waiters.iter_mut().for_each(change);
        self
    }

    fn results(&mut self) -> &mut Results<WaitResult<T>> {
        let Self { waiters, results } = self;
        results.get_or_insert_with(|| {
            let waits = waiters.drain(..).enumerate().map(|(position, waiter)| {
                task(async move {
                    let cluster_name = waiter.cluster_name.clone();
                    (position, WaitResult { cluster_name, result: waiter.run(channel().0).await })
                })
            });
            Box::pin(waits.collect::<FuturesUnordered<_>>())
        })
    }
}

results! {
    Waits<T> => WaitResult<T>;

    /// Returns the next result; `None` after the last. Dropping this future, as `tokio::select!` does, loses nothing.
    next;

    /// Waits for all clusters, and returns the results in the order of the names; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] if the runtime ends. Other errors are in the results.
    send;
}

impl Waits<ClusterCredentials> {
    /// Also opens a TCP connection to each database, as [`Wait::ping`] does.
    pub fn ping(self) -> Self {
        self.with(|waiter| waiter.ping = true)
    }
}

/// Whether a listed status can be the goal, so that it is worth describing the cluster.
type Describe = Arc<dyn Fn(&ClusterStatus) -> bool + Send + Sync>;

/// The list of a project, which waits share.
pub(super) struct SharedList {
    pub(super) session: Session,
    /// To describe clusters.
    permits: Semaphore,
    /// How many lists were read.
    number: AtomicU32,
    latest: Mutex<Result<Arc<Listing>>>,
}

impl SharedList {
    pub(super) fn new(session: Session) -> Arc<Self> {
        let (number, latest) = (AtomicU32::new(0), Mutex::new(Err(Error::Closed)));
        Arc::new(Self { session, permits: Semaphore::new(CONCURRENCY), number, latest })
    }

    /// The same wait by this list.
    pub(super) fn share<T: Send + 'static>(self: &Arc<Self>, wait: Wait<T>, describe: Describe) -> Wait<T> {
        wait.with_source(|cluster_name, cluster| {
            Box::new(SharedSource {
                shared: self.clone(),
                cluster_name: cluster_name.to_owned(),
                cluster,
                describe,
                seen: AtomicU32::new(self.number.load(Ordering::Relaxed)),
                absences: AtomicU32::new(0),
            })
        })
    }
}

/// Polls a cluster by the shared list, and by describing it if the list does not tell.
struct SharedSource {
    shared: Arc<SharedList>,
    cluster_name: String,
    cluster: Box<dyn PollSource>,
    describe: Describe,
    /// The number of the list that this source polled last.
    seen: AtomicU32,
    /// How many lists in a row lacked the cluster.
    absences: AtomicU32,
}

impl SharedSource {
    /// A list that this source has not seen: the wait that polls first reads it for all.
    async fn list(&self, start: CallStart, remaining: Duration) -> Result<Arc<Listing>> {
        let SharedList { session, number, latest, .. } = &*self.shared;
        let mut list = latest.lock().await;
        if number.load(Ordering::Relaxed) == self.seen.load(Ordering::Relaxed) {
            let read = find::read_list(session, start, Some(waiter::poll_deadline(session, remaining))).await;
            *list = read.map(Arc::new);
            number.fetch_add(1, Ordering::Relaxed);
        } else if let Err(error) = &*list {
            error.attempts().iter().cloned().for_each(record);
        }
        self.seen.store(number.load(Ordering::Relaxed), Ordering::Relaxed);
        list.clone()
    }

    async fn describe(&self, start: CallStart, remaining: Duration) -> Result<Observation> {
        // It is never closed.
        let _permit = self.shared.permits.acquire().await;
        self.cluster.poll(start, remaining).await
    }
}

impl PollSource for SharedSource {
    fn operation(&self) -> Operation {
        Operation::ListClusters
    }

    fn poll(&self, start: CallStart, remaining: Duration) -> BoxFuture<'_, Result<Observation>> {
        Box::pin(async move {
            ClusterName::try_from(self.cluster_name.as_str())?;
            let list = self.list(start, remaining).await?;
            let Some(listed) = list.clusters.get(&self.cluster_name) else {
                if !list.is_complete {
                    return Err(find::incomplete());
                }
                if self.absences.fetch_add(1, Ordering::Relaxed) < MAX_FAILURES {
                    return Ok(Observation::Absent(None));
                }
                return match self.describe(start, remaining).await? {
                    Observation::Absent(Some(refused)) => Err(refused),
                    observation => Ok(observation),
                };
            };
            self.absences.store(0, Ordering::Relaxed);
            match (self.describe)(&listed.cluster.status) {
                true => self.describe(start, remaining).await,
                false => Ok(Observation::Listed(listed.clone())),
            }
        })
    }

    fn sleep(&self, delay: Duration) -> BoxFuture<'_, Result<()>> {
        self.cluster.sleep(delay)
    }
}
