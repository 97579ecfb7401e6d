//! `ForEachCluster`: one call for each cluster of the project, with bounded concurrency.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use serde::Serialize;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::{list::Clusters, paginator::ClusterStream};
use crate::engine::future::{BoxFuture, awaitable, joined};
use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::facade::fleet::all_projects::AllProjects;
use crate::schema::{ClusterListItem, ClusterName};

/// How many calls are in flight at the same time, unless the program chooses.
pub(crate) const CONCURRENCY: usize = 8;

/// The result of one cluster.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// for each in client.credentials_for_all().await? {
///     match each.result {
///         Ok(credentials) => println!("{}: {}", each.cluster.cluster_name, credentials.host),
///         Err(error) => eprintln!("{}: {error:#}", each.cluster.cluster_name),
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// It serializes as `{"position", "cluster", "value", "error"}`: `value` is the value of `result` or null, `error` its
/// [serialized error](Error#serialization) or null.
#[derive(Clone, Debug, Serialize)]
#[serde(bound = "T: Serialize")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The result of one cluster."))]
#[non_exhaustive]
pub struct ClusterResult<T> {
    /// Position of the cluster in the list, counted from 0.
    pub position: usize,
    /// The cluster, as listed.
    pub cluster: ClusterListItem,
    /// The result of its call.
    #[serde(flatten, serialize_with = "crate::error::outcome::serialize")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::error::outcome::Outcome<T>"))]
    pub result: Result<T>,
}

/// One call for each cluster of the project, up to 8 at the same time: a stream of results as they come, and a future of all
/// results in the order of the list.
///
/// A failed call is reported in that cluster's `result`; the others continue. If listing fails, the future fails, and the stream
/// returns that error.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// for each in client.describe_all().await? {
///     match each.result {
///         Ok(cluster) => println!("{}: {} CPUs", each.cluster.cluster_name, cluster.tx_cpu_limit),
///         Err(error) => eprintln!("{error:#}"),
///     }
/// }
///
/// // As they come.
/// let mut described = client.describe_all().concurrency(32);
/// while let Some(each) = described.next().await.transpose()? {
///     println!("{}: {}", each.cluster.cluster_name, each.result.is_ok());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct ForEachCluster<T> {
    call: fn(Session, ClusterName) -> BoxFuture<'static, Result<T>>,
    session: Session,
    concurrency: usize,
    /// `None` after the end of the list.
    clusters: Option<ClusterStream>,
    listed: usize,
    tasks: JoinSet<ClusterResult<T>>,
}

impl<T: Send + 'static> ForEachCluster<T> {
    pub(crate) fn new(session: Session, call: fn(Session, ClusterName) -> BoxFuture<'static, Result<T>>) -> Self {
        let clusters = Some(Clusters::new(session.clone()).prefetch().stream());
        Self { call, session, concurrency: CONCURRENCY, clusters, listed: 0, tasks: JoinSet::new() }
    }

    /// Sets how many calls are in flight at the same time, besides the one for the next page; the default is 8.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls;
        self
    }

    /// Makes the calls for the clusters of every project of the account, up to 4 projects at the same time, each with this
    /// concurrency.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// for each in client.describe_all().all_projects().await? {
    ///     let project = each.project.project_name;
    ///     match each.result {
    ///         Ok(described) => println!("{project}: {}", described.cluster.cluster_name),
    ///         Err(error) => eprintln!("{project}: {error:#}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn all_projects(self) -> AllProjects<ClusterResult<T>> {
        let Self { call, session, concurrency, .. } = self;
        let open = move |session| Self::new(session, call).concurrency(concurrency);
        AllProjects::new(session, check_concurrency(concurrency), open, |each| each.position)
    }

    /// Returns the next result; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<ClusterResult<T>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Makes all calls, and returns the results in the order of the list; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// The error of listing the clusters.
    pub async fn send(mut self) -> Result<Vec<ClusterResult<T>>> {
        let mut all = Vec::new();
        while let Some(each) = self.next().await.transpose()? {
            all.push(each);
        }
        all.sort_unstable_by_key(|each| each.position);
        Ok(all)
    }

    fn start(&mut self, cluster: ClusterListItem) {
        let (call, session, position) = (self.call, self.session.clone(), self.listed);
        self.listed += 1;
        let task = async move {
            let result = match ClusterName::try_from(cluster.cluster_name.as_str()) {
                Ok(name) => call(session, name).await,
                Err(invalid) => Err(invalid.into()),
            };
            ClusterResult { position, cluster, result }
        };
        self.tasks.spawn(task.in_current_span());
    }
}

fn check_concurrency(calls: usize) -> Result<()> {
    if calls == 0 { Err(Error::invalid_input("concurrency", "must be at least 1")) } else { Ok(()) }
}

impl<T> Unpin for ForEachCluster<T> {}

impl<T: Send + 'static> Stream for ForEachCluster<T> {
    type Item = Result<ClusterResult<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let (Err(error), Some(_)) = (check_concurrency(this.concurrency), &this.clusters) {
            this.clusters = None;
            return Poll::Ready(Some(Err(error)));
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
            Some(done) => Poll::Ready(Some(joined(done))),
            None if this.clusters.is_none() => Poll::Ready(None),
            // The stream of the list wakes this task.
            None => Poll::Pending,
        }
    }
}

awaitable! { ForEachCluster<T> => Result<Vec<ClusterResult<T>>> }

impl<T> fmt::Debug for ForEachCluster<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForEachCluster").field("concurrency", &self.concurrency).finish_non_exhaustive()
    }
}
