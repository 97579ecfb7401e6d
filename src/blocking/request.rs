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

setters! { Request<Clusters> {
    request: Clusters;
    page(page: u32);
    per_page(per_page: u32);
    prefetch();
} }

setters! { Request<ClusterCreate> {
    request: ClusterCreate;
    zone(zone: impl Into<String>);
} }

/// Defines methods that turn a request into another, as those of the wrapped type do.
macro_rules! turns {
    ($inner:ty { $($name:ident($($argument:ident: $kind:ty)?) -> $output:ty;)+ }) => {
        impl Request<$inner> {
            $(
                #[doc = concat!("As [`", stringify!($inner), "::", stringify!($name), "`](", stringify!($inner), "::",
                    stringify!($name), ").")]
                pub fn $name(self $(, $argument: $kind)?) -> Request<$output> {
                    self.with(|request| request.$name($($argument)?))
                }
            )+
        }
    };
}

turns! { Clusters {
    stream() -> ClusterStream;
    pages() -> ClusterPages;
    all_projects() -> AllProjects<ClusterListItem>;
} }

turns! { ClusterCreate {
    wait() -> Wait<ClusterCredentials>;
} }

setters! { Request<MakePlan> {
    request: MakePlan;
    prune(prune: bool);
    prune_prefix(prefix: impl Into<String>);
    prune_names(names: impl IntoIterator<Item: Into<String>>);
    cluster_limit(clusters: u64);
} }

setters! { Request<ApplyPlan> {
    request: ApplyPlan;
    concurrency(clusters: usize);
    wait_until_connectable(wait: bool);
    max_wait(max_wait: Duration);
} }

setters! { Request<ClusterDelete> {
    request: ClusterDelete;
    if_exists();
    when_deletable();
} }

turns! { ClusterDelete {
    wait() -> Wait<()>;
} }

turns! { WaitForCluster {
    available() -> Wait<DescClusterDto>;
    connectable() -> Wait<ClusterCredentials>;
    deleted() -> Wait<()>;
    status(accept: impl FnMut(&ClusterStatus) -> bool + Send + 'static) -> Wait<DescClusterDto>;
} }

turns! { WaitForClusters {
    available() -> Waits<DescClusterDto>;
    connectable() -> Waits<ClusterCredentials>;
    deleted() -> Waits<()>;
    status(accept: impl Fn(&ClusterStatus) -> bool + Send + Sync + 'static) -> Waits<DescClusterDto>;
} }

/// Defines what waits for one cluster and for many have in common.
macro_rules! limits {
    ($wait:ident) => {
        impl<T: Send + 'static> Request<$wait<T>> {
            #[doc = concat!("As [`", stringify!($wait), "::max_wait`].")]
            pub fn max_wait(self, max_wait: Duration) -> Self {
                self.with(|wait| wait.max_wait(max_wait))
            }

            #[doc = concat!("As [`", stringify!($wait), "::poll_interval`].")]
            pub fn poll_interval(self, interval: Duration) -> Self {
                self.with(|wait| wait.poll_interval(interval))
            }
        }

        impl Request<$wait<ClusterCredentials>> {
            #[doc = concat!("As [`", stringify!($wait), "::ping`].")]
            pub fn ping(self) -> Self {
                self.with($wait::ping)
            }
        }
    };
}

limits!(Wait);
limits!(Waits);

impl<T: Send + 'static> Request<Wait<T>> {
    /// As [`Wait::ticks`].
    pub fn ticks(self) -> Self {
        self.with(Wait::ticks)
    }
}

setters! { Request<ClusterWatch> {
    request: ClusterWatch;
    poll_interval(interval: Duration);
    all_projects();
    resume_from(known: ClusterSnapshot);
} }

impl Request<ClusterWatch> {
    /// As [`ClusterWatch::snapshot`].
    pub fn snapshot(&self) -> &ClusterSnapshot {
        self.request.snapshot()
    }
}

impl<T: Send + 'static> Request<ForEachCluster<T>> {
    /// As [`ForEachCluster::concurrency`].
    pub fn concurrency(self, calls: usize) -> Self {
        self.with(|all| all.concurrency(calls))
    }

    /// As [`ForEachCluster::all_projects`].
    pub fn all_projects(self) -> Request<AllProjects<ClusterResult<T>>> {
        self.with(ForEachCluster::all_projects)
    }
}
