//! `ForEachCluster`: one call for each cluster of the project, with bounded concurrency.

use futures_util::{Stream, StreamExt, TryFutureExt, TryStreamExt};
use serde::Serialize;

use super::list::Clusters;
use crate::engine::future::{BoxFuture, Results, results, task};
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

type Call<T> = fn(Session, ClusterName) -> BoxFuture<'static, Result<T>>;

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
    call: Call<T>,
    session: Session,
    concurrency: usize,
    /// From the first poll.
    results: Option<Results<ClusterResult<T>>>,
}

impl<T: Send + 'static> ForEachCluster<T> {
    pub(crate) fn new(session: Session, call: Call<T>) -> Self {
        Self { call, session, concurrency: CONCURRENCY, results: None }
    }

    /// Sets how many calls are in flight at the same time, besides the one for the next page; the default is 8.
    pub fn concurrency(self, calls: usize) -> Self {
        Self { concurrency: calls, ..self }
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

    fn results(&mut self) -> &mut Results<ClusterResult<T>> {
        let Self { call, session, concurrency, results } = self;
        let started = || start(*call, session.clone(), *concurrency).try_flatten_stream();
        results.get_or_insert_with(|| Box::pin(started()))
    }
}

results! {
    ForEachCluster<T> => ClusterResult<T>;

    /// Returns the next result; `None` after the last.
    next;

    /// Makes all calls, and returns the results in the order of the list; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// The error of listing the clusters.
    send;
}

async fn start<T: Send + 'static>(
    call: Call<T>,
    session: Session,
    concurrency: usize,
) -> Result<impl Stream<Item = Result<(usize, ClusterResult<T>)>>> {
    check_concurrency(concurrency)?;
    let clusters = Clusters::new(session.clone()).prefetch().stream().enumerate();
    let calls = clusters.map(move |(position, cluster)| {
        let session = session.clone();
        cluster.map(|cluster| {
            task(async move {
                let result = match ClusterName::try_from(cluster.cluster_name.as_str()) {
                    Ok(name) => call(session, name).await,
                    Err(invalid) => Err(invalid.into()),
                };
                (position, ClusterResult { position, cluster, result })
            })
        })
    });
    Ok(calls.try_buffer_unordered(concurrency))
}

pub(crate) fn check_concurrency(calls: usize) -> Result<()> {
    if calls == 0 { Err(Error::invalid_input("concurrency", "must be at least 1")) } else { Ok(()) }
}
