//! Finds a cluster, or proves its absence: the service responds to describe with 403 for a missing cluster and for a missing
//! permission, so the list decides.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::observed::{CallStart, ListedCluster};
use super::paginator::Paginator;
use crate::engine::session::Session;
use crate::error::{Error, Result, failure::Failure};
use crate::facade::operations;
use crate::schema::{ClusterListItem, ClusterName, DescClusterDto};
use crate::types::operation::Operation;

/// What describing a cluster found.
pub(crate) enum Lookup {
    Found(Box<DescClusterDto>),
    /// The list does not contain the cluster; with the error of describe.
    Absent(Error),
}

pub(crate) async fn describe_or_absent(session: &Session, name: &ClusterName, deadline: Instant) -> Result<Lookup> {
    let refused = match operations::describe_cluster(session, deadline, name).await {
        Ok(cluster) => return Ok(Lookup::Found(Box::new(cluster))),
        Err(error @ (Error::Permission { .. } | Error::NotFound { .. })) => error,
        Err(error) => return Err(error),
    };
    match Box::pin(find_in_list(session, name, &mut CallStart::now(), deadline)).await? {
        None => Ok(Lookup::Absent(refused)),
        // The cluster was created meanwhile, or may be listed but not described.
        Some(_) => Ok(Lookup::Found(Box::new(operations::describe_cluster(session, deadline, name).await?))),
    }
}

/// Finds a cluster in the list, with its age in relation to `start`. `None` means that it certainly does not exist.
///
/// # Errors
///
/// A transient [`Error::Protocol`] if the list shows fewer clusters than it has, also when it is read again.
pub(crate) async fn find_in_list(
    session: &Session,
    name: &ClusterName,
    start: &mut CallStart,
    deadline: Instant,
) -> Result<Option<ListedCluster>> {
    let mut pages = Paginator::within(session.clone(), deadline);
    while let Some((page, time)) = pages.next().await.transpose()? {
        if let Some(time) = time {
            start.observe(time);
        }
        if let Some(cluster) = page.cluster_list.into_iter().find(|cluster| cluster.cluster_name == name.as_str()) {
            let age = start.age(&cluster.create_at, time);
            return Ok(Some(ListedCluster { cluster, age }));
        }
    }
    if pages.is_complete() { Ok(None) } else { Err(incomplete()) }
}

/// The list of a project.
pub(crate) struct Listing {
    /// By name.
    pub(crate) clusters: BTreeMap<String, ListedCluster>,
    /// Whether a cluster that is not in it certainly does not exist.
    pub(crate) is_complete: bool,
}

/// Reads the list, with ages in relation to `start`: within `deadline`, or else each page within that of a call.
pub(crate) async fn read_list(session: &Session, mut start: CallStart, deadline: Option<Instant>) -> Result<Listing> {
    let mut pages = Paginator::whole(session.clone(), deadline);
    let mut clusters = BTreeMap::new();
    while let Some((page, time)) = pages.next().await.transpose()? {
        if let Some(time) = time {
            start.observe(time);
        }
        clusters.extend(page.cluster_list.into_iter().map(|cluster| {
            let age = start.age(&cluster.create_at, time);
            (cluster.cluster_name.clone(), ListedCluster { cluster, age })
        }));
    }
    Ok(Listing { clusters, is_complete: pages.is_complete() })
}

/// Reads the list: a cluster that is not in it certainly does not exist. Each page has the deadline of a call.
///
/// # Errors
///
/// As [`find_in_list`].
pub(crate) async fn read_complete_list(session: &Session) -> Result<BTreeMap<String, ClusterListItem>> {
    let Listing { clusters, is_complete } = read_list(session, CallStart::now(), None).await?;
    let clusters = clusters.into_iter().map(|(name, listed)| (name, listed.cluster)).collect();
    if is_complete { Ok(clusters) } else { Err(incomplete()) }
}

/// The error of a list that shows fewer clusters than it has.
pub(crate) fn incomplete() -> Error {
    let what = "the list of clusters is incomplete, so it does not tell which clusters exist";
    Error::protocol(Failure { transient: true, ..Failure::new(Operation::ListClusters, what) })
}
