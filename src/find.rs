//! Finds a cluster, or tells for certain that there is none: describing answers 403 for a cluster that is missing and for one
//! that is not to be seen, so that the list has the last word.

use std::time::SystemTime;

use tokio::time::Instant;

use crate::paging::{self, MOST_PER_PAGE};
use crate::schema::{ClusterListItem, ClusterName, DescClusterDto};
use crate::{EloqApi, Error, Result};

/// Describes a cluster. The inner error is the answer to that when the list does not have the cluster either.
pub(crate) async fn described(
    client: &EloqApi,
    name: &ClusterName,
    deadline: Instant,
) -> Result<Result<DescClusterDto, Error>> {
    let refused = match client.describe(name, deadline).await {
        Err(error @ (Error::Permission(_) | Error::NotFound(_))) => error,
        described => return described.map(Ok),
    };
    match Box::pin(listed(client, name, deadline)).await? {
        None => Ok(Err(refused)),
        // It came into being meanwhile, or it may be listed and not be described.
        Some(_) => client.describe(name, deadline).await.map(Ok),
    }
}

/// Looks for a cluster in the list. The time is the service's own as it answered, if it told.
pub(crate) async fn listed(
    client: &EloqApi,
    name: &ClusterName,
    deadline: Instant,
) -> Result<Option<(ClusterListItem, Option<SystemTime>)>> {
    let mut pages = paging::pages(client.clone(), MOST_PER_PAGE, deadline);
    while let Some((page, date)) = pages.next().await.transpose()? {
        if let Some(cluster) = page.cluster_list.into_iter().find(|cluster| cluster.cluster_name == name.as_str()) {
            return Ok(Some((cluster, date)));
        }
    }
    Ok(None)
}
