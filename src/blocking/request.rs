//! `Request`: a request with options or a stream, until it is sent or iterated over.

use std::future::{Future, IntoFuture};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt};

use super::runtime::{Fallible, Runtime};
use super::stop::StopHandle;
use crate::error::Error;
use crate::facade::clusters::paginator::{ClusterPages, ClusterStream};
use crate::facade::clusters::wait::{Wait, WaitForCluster};
use crate::facade::clusters::{
    bulk::ClusterResult, bulk::ForEachCluster, create::ClusterCreate, delete::ClusterDelete, list::Clusters,
};
use crate::facade::credentials::ClusterCredentials;
use crate::facade::fleet::{
    all_projects::AllProjects, apply::ApplyPlan, change::ClusterSnapshot, make_plan::MakePlan, waits::WaitForClusters,
    waits::Waits, watch::ClusterWatch,
};
use crate::schema::{ClusterListItem, ClusterStatus, DescClusterDto};

/// A request with options.
///
/// ```no_run
/// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
/// let page = client.clusters().page(2).send()?;
/// for cluster in client.clusters().stream() {
///     println!("{}", cluster?.cluster_name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until send()"]
pub struct Request<R> {
    request: R,
    runtime: Arc<Runtime>,
    stop: StopHandle,
    /// Whether the iterator has ended with an error of the runtime or with a stop.
    ended: bool,
}

impl<R> Request<R> {
    pub(super) fn new(request: R, runtime: Arc<Runtime>) -> Self {
        Self { request, runtime, stop: StopHandle::new(), ended: false }
    }

    /// Returns a handle that stops [`send`](Self::send), or the iterator, from another thread: at once, with
    /// [`Error::Stopped`](crate::Error::Stopped).
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    fn with<S>(self, next: impl FnOnce(R) -> S) -> Request<S> {
        let Self { request, runtime, stop, ended } = self;
        Request { request: next(request), runtime, stop, ended }
    }
}

impl<R: IntoFuture<Output: Fallible>> Request<R> {
    /// Sends the request and blocks until the response, or until the [`stop_handle`](Request::stop_handle) stops it.
    pub fn send(self) -> R::Output {
        self.runtime.call(stoppable(self.request.into_future(), &self.stop))
    }
}

/// The output of a call, or [`Error::Stopped`].
async fn stoppable<F: Future<Output: Fallible>>(call: F, stop: &StopHandle) -> F::Output {
    stop.unless_stopped(call).await.unwrap_or_else(|| F::Output::failed(Error::Stopped))
}

impl<S: Stream + Unpin> Iterator for Request<S>
where
    Option<S::Item>: Fallible,
{
    type Item = S::Item;

    /// Blocks until the next item.
    fn next(&mut self) -> Option<S::Item> {
        let Self { request, runtime, stop, ended } = self;
        if *ended {
            return None;
        }
        let next = runtime.call(stoppable(request.next(), stop));
        *ended = runtime.is_current() || stop.is_stopped();
        next
    }
}

forward! { Request<Clusters> => Clusters {
    page(page: u32) -> Self;
    per_page(per_page: u32) -> Self;
    prefetch() -> Self;
    stream() -> Request<ClusterStream>;
    pages() -> Request<ClusterPages>;
    all_projects() -> Request<AllProjects<ClusterListItem>>;
} }

forward! { Request<ClusterCreate> => ClusterCreate {
    zone(zone: impl Into<String>) -> Self;
    wait() -> Request<Wait<ClusterCredentials>>;
} }

forward! { Request<ClusterDelete> => ClusterDelete {
    if_exists() -> Self;
    when_deletable() -> Self;
    wait() -> Request<Wait<()>>;
} }

forward! { Request<MakePlan> => MakePlan {
    prune(prune: bool) -> Self;
    prune_prefix(prefix: impl Into<String>) -> Self;
    prune_names(names: impl IntoIterator<Item: Into<String>>) -> Self;
    cluster_limit(clusters: u64) -> Self;
} }

forward! { Request<ApplyPlan> => ApplyPlan {
    concurrency(clusters: usize) -> Self;
    wait_until_connectable(wait: bool) -> Self;
    max_wait(max_wait: Duration) -> Self;
} }

forward! { Request<WaitForCluster> => WaitForCluster {
    available() -> Request<Wait<DescClusterDto>>;
    connectable() -> Request<Wait<ClusterCredentials>>;
    deleted() -> Request<Wait<()>>;
    status(accept: impl FnMut(&ClusterStatus) -> bool + Send + 'static) -> Request<Wait<DescClusterDto>>;
} }

forward! { Request<WaitForClusters> => WaitForClusters {
    available() -> Request<Waits<DescClusterDto>>;
    connectable() -> Request<Waits<ClusterCredentials>>;
    deleted() -> Request<Waits<()>>;
    status(accept: impl Fn(&ClusterStatus) -> bool + Send + Sync + 'static) -> Request<Waits<DescClusterDto>>;
} }

forward! { Request<Wait<T>> => Wait where T {
    max_wait(max_wait: Duration) -> Self;
    poll_interval(interval: Duration) -> Self;
    ticks() -> Self;
} }

forward! { Request<Wait<ClusterCredentials>> => Wait {
    ping() -> Self;
} }

forward! { Request<Waits<T>> => Waits where T {
    max_wait(max_wait: Duration) -> Self;
    poll_interval(interval: Duration) -> Self;
} }

forward! { Request<Waits<ClusterCredentials>> => Waits {
    ping() -> Self;
} }

forward! { Request<ForEachCluster<T>> => ForEachCluster where T {
    concurrency(calls: usize) -> Self;
    all_projects() -> Request<AllProjects<ClusterResult<T>>>;
} }

forward! { Request<ClusterWatch> => ClusterWatch {
    poll_interval(interval: Duration) -> Self;
    all_projects() -> Self;
    resume_from(known: ClusterSnapshot) -> Self;
} }

impl Request<ClusterWatch> {
    /// As [`ClusterWatch::snapshot`].
    pub fn snapshot(&self) -> &ClusterSnapshot {
        self.request.snapshot()
    }
}
