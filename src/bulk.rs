//! Bulk: one call for each cluster of the project, a bounded number at a time.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::paging::ClusterStream;
use crate::schema::ClusterListItem;
use crate::{EloqApi, Error, Result};

const CONCURRENCY: usize = 8;

/// What one cluster of many brought.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// for each in client.credentials_for_all().await? {
///     match each.result {
///         Ok(credentials) => println!("{}: {}", each.cluster.cluster_name, credentials.host),
///         Err(error) => eprintln!("{}: {error}", each.cluster.cluster_name),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ForCluster<T> {
    /// Where the cluster is in the list, counted from 0.
    pub position: usize,
    /// The cluster, as the list has it.
    pub cluster: ClusterListItem,
    /// What the call for it gave.
    pub result: Result<T>,
}

type Asking<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// One call for each cluster of the project, up to 8 at a time: a stream of what each gave, as it comes, and a future of all
/// of them in the order of the list.
///
/// A cluster whose call fails has that failure as its result, and hinders no other. Only when the list itself cannot be read,
/// the future fails, and the stream has that error among its items.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// for each in client.describe_all().await? {
///     match each.result {
///         Ok(cluster) => println!("{}: {} CPUs", each.cluster.cluster_name, cluster.tx_cpu_limit),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
///
/// // The same, as they come.
/// let mut described = client.describe_all().concurrency(32);
/// while let Some(each) = described.next().await.transpose()? {
///     println!("{}: {}", each.cluster.cluster_name, each.result.is_ok());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct ForAll<T> {
    ask: fn(EloqApi, String) -> Asking<T>,
    client: EloqApi,
    concurrency: usize,
    /// None when the list has ended.
    clusters: Option<ClusterStream>,
    listed: usize,
    tasks: JoinSet<ForCluster<T>>,
}

impl<T: Send + 'static> ForAll<T> {
    pub(crate) fn new(client: EloqApi, ask: fn(EloqApi, String) -> Asking<T>) -> Self {
        let clusters = Some(client.clusters().prefetch().stream());
        Self { ask, client, concurrency: CONCURRENCY, clusters, listed: 0, tasks: JoinSet::new() }
    }

    /// How many calls are made at the same time, beside the one for the next page; the default is 8.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls;
        self
    }

    /// What the next cluster gave; none after the last.
    pub async fn next(&mut self) -> Option<Result<ForCluster<T>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn start(&mut self, cluster: ClusterListItem) {
        let asking = (self.ask)(self.client.clone(), cluster.cluster_name.clone());
        let position = self.listed;
        self.listed += 1;
        let task = async move { ForCluster { position, cluster, result: asking.await } };
        self.tasks.spawn(task.in_current_span());
    }
}

impl<T> Unpin for ForAll<T> {}

impl<T: Send + 'static> Stream for ForAll<T> {
    type Item = Result<ForCluster<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.concurrency == 0 && this.clusters.take().is_some() {
            return Poll::Ready(Some(Err(Error::invalid_input("concurrency", "must be at least 1"))));
        }
        while let Some(clusters) = this.clusters.as_mut().filter(|_| this.tasks.len() < this.concurrency) {
            match Pin::new(clusters).poll_next(context) {
                Poll::Ready(Some(Ok(cluster))) => this.start(cluster),
                Poll::Ready(ended) => {
                    this.clusters = None;
                    if let Some(Err(error)) = ended {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Poll::Pending => break,
            }
        }
        match ready!(this.tasks.poll_join_next(context)) {
            Some(Ok(done)) => Poll::Ready(Some(Ok(done))),
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Poll::Ready(Some(Err(Error::Closed))),
            },
            None if this.clusters.is_none() => Poll::Ready(None),
            // The list wakes this task.
            None => Poll::Pending,
        }
    }
}

impl<T: Send + 'static> IntoFuture for ForAll<T> {
    type Output = Result<Vec<ForCluster<T>>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut all = Vec::new();
            while let Some(each) = self.next().await.transpose()? {
                all.push(each);
            }
            all.sort_unstable_by_key(|each| each.position);
            Ok(all)
        })
    }
}

impl<T> fmt::Debug for ForAll<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForAll").field("concurrency", &self.concurrency).finish_non_exhaustive()
    }
}
