//! `ApplyPlan`: does what a plan says, with bounded concurrency.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryFutureExt;
use futures_util::stream::{FuturesUnordered, Stream};
use tokio::time::Instant;

use super::outcome::{AppliedCluster, ApplyOutcome};
use super::plan::{Plan, PlannedCluster};
use super::step::{Applying, Step};
use super::waits::SharedList;
use crate::engine::future::{Results, results, task, try_join_all};
use crate::error::{Error, Result};
use crate::facade::clusters::bulk::{CONCURRENCY, check_concurrency};
use crate::facade::clusters::{find, waiter::MAX_WAIT};
use crate::types::setters::setters;

impl Plan {
    /// Creates and deletes what the plan says: a stream of results as they come, and a future of all results in the order of
    /// [`clusters`](Self::clusters).
    ///
    /// It lists each project again, and does nothing with a cluster that has changed since the plan was made. It deletes only clusters
    /// that the plan shows: another cluster of the same name stays. Deletions come before creations, and a creation for which the
    /// account has no room is sent again when one of them is done. A failure ends nothing else. After a failure, or if the future is
    /// dropped halfway, make another plan and apply it: it does the rest.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi, desired: eloq_sdk::DesiredState) -> eloq_sdk::Result<()> {
    /// let plan = client.plan(desired).prune(true).await?;
    /// let mut applying = plan.apply().wait_until_connectable(true);
    /// while let Some(each) = applying.next().await.transpose()? {
    ///     println!("{each}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn apply(&self) -> ApplyPlan {
        ApplyPlan {
            plan: Arc::new(self.clone()),
            results: None,
            concurrency: CONCURRENCY,
            max_wait: MAX_WAIT,
            wait_until_connectable: false,
        }
    }
}

/// Applies a plan; see [`Plan::apply`].
///
/// ```no_run
/// # async fn example(plan: eloq_sdk::Plan) -> eloq_sdk::Result<()> {
/// let results = plan.apply().concurrency(4).await?;
/// let failed = results.iter().filter(|each| !each.outcome.is_as_desired()).count();
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct ApplyPlan {
    plan: Arc<Plan>,
    /// From the first poll.
    results: Option<Results<AppliedCluster>>,
    concurrency: usize,
    max_wait: Duration,
    wait_until_connectable: bool,
}

setters! {
    ApplyPlan;

    /// Sets how many clusters are deleted and created at the same time, each; the default is 8.
    concurrency(clusters: usize) => clusters;

    /// Sets whether to wait until the clusters are connectable: those that are created, and unchanged ones whose status is another;
    /// the default is `false`.
    wait_until_connectable(wait: bool) => wait;

    /// Sets the longest time of the whole; the default is 15 minutes. Clusters that are not done by then have an [`Error::Timeout`].
    max_wait(max_wait: Duration) => max_wait;
}

impl ApplyPlan {
    fn results(&mut self) -> &mut Results<AppliedCluster> {
        let Self { plan, concurrency, max_wait, wait_until_connectable, results } = self;
        results.get_or_insert_with(|| {
            let latest = Instant::now().checked_add(*max_wait);
            Box::pin(start(plan.clone(), *concurrency, latest, *wait_until_connectable).try_flatten_stream())
        })
    }
}

results! {
    ApplyPlan => AppliedCluster;

    /// Returns the next result; `None` after the last.
    next;

    /// Applies the plan and returns the results in its order; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] if the plan [exceeds the limit](Plan::exceeds_limit) of clusters, and for a concurrency of 0. Nothing
    /// is sent then. All other errors are those of a cluster, in its result.
    send;
}

/// Lists the projects again, and then does what is still as the plan found it.
async fn start(
    plan: Arc<Plan>,
    concurrency: usize,
    latest: Option<Instant>,
    connectable: bool,
) -> Result<impl Stream<Item = Result<(usize, AppliedCluster)>>> {
    check_concurrency(concurrency)?;
    if let Some(limit) = plan.limit.filter(|_| plan.exceeds_limit()) {
        let reason = format!("the plan makes {} clusters, the limit is {}", limit.planned, limit.limit);
        return Err(Error::invalid_input("cluster_limit", reason));
    }
    let listing = plan.sessions.clone().into_iter().map(|(project_id, session)| async move {
        let listed = find::read_complete_list(&session).await;
        Ok((project_id, (SharedList::new(session), listed)))
    });
    let mut lists: HashMap<_, _> = try_join_all(concurrency, listing).await?.into_iter().collect();
    let found = plan.clusters.iter().map(|cluster| {
        let (list, listed) = lists.get_mut(&cluster.project_id).ok_or(Error::NoProject)?;
        let listed = listed.as_mut().map_err(|error| error.clone())?;
        Ok((list.clone(), listed.remove(&cluster.cluster_name)))
    });
    let found: Vec<Result<_>> = found.collect();
    let deletions = plan.clusters.iter().zip(&found).filter_map(|(planned, found)| match found {
        Ok((_, Some(found))) if planned.deletes(found) => Some(found.status.is_deletable()),
        _ => None,
    });
    let applying = Applying::new(concurrency, latest, connectable, &deletions.collect::<Vec<_>>());
    let applying = Arc::new(applying);
    let running = found.into_iter().enumerate().map(|(position, found)| {
        let (plan, applying) = (plan.clone(), applying.clone());
        task(async move {
            let planned = &plan.clusters[position];
            let PlannedCluster { project_id, project_name, cluster_name, .. } = planned.clone();
            let outcome = match found {
                Ok((list, found)) => Step { applying, list, name: &cluster_name }.run(planned, found).await,
                Err(error) => Err(error),
            };
            let outcome = outcome.unwrap_or_else(ApplyOutcome::from);
            (position, AppliedCluster { position, project_id, project_name, cluster_name, outcome })
        })
    });
    Ok(running.collect::<FuturesUnordered<_>>())
}
