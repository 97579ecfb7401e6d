//! `ApplyPlan`: does what a plan says, with bounded concurrency.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument;

use super::outcome::{AppliedCluster, ApplyOutcome};
use super::plan::{Plan, PlannedAction, PlannedCluster};
use super::step::{Applying, Pool, Progress, Step};
use super::waits::SharedList;
use crate::engine::future::{Reporting, awaitable, joined, try_join_all};
use crate::error::{Error, Result};
use crate::facade::clusters::{bulk::CONCURRENCY, catalogue::Catalogue, find, waiter::MAX_WAIT};
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
            plan: Some(self.clone()),
            running: None,
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
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ApplyPlan {
    /// Until the first poll.
    plan: Option<Plan>,
    /// From the first poll.
    running: Option<Reporting<Result<AppliedCluster>, ()>>,
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
    /// Returns the next result; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<AppliedCluster>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Applies the plan and returns the results in its order; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] if the plan [exceeds the limit](Plan::exceeds_limit) of clusters, and for a concurrency of 0. Nothing
    /// is sent then. All other errors are those of a cluster, in its result.
    pub async fn send(mut self) -> Result<Vec<AppliedCluster>> {
        let mut all = Vec::new();
        while let Some(each) = self.next().await.transpose()? {
            all.push(each);
        }
        all.sort_unstable_by_key(|each| each.position);
        Ok(all)
    }
}

awaitable! { ApplyPlan => Result<Vec<AppliedCluster>> }

impl Stream for ApplyPlan {
    type Item = Result<AppliedCluster>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(plan) = this.plan.take() {
            let applying = Applying {
                catalogue: Arc::new(Catalogue::default()),
                latest: Instant::now().checked_add(this.max_wait),
                connectable: this.wait_until_connectable,
            };
            let concurrency = this.concurrency;
            this.running = Some(Reporting::start(|results| Driver::run(plan, applying, concurrency, results)));
        }
        this.running.as_mut().map_or(Poll::Ready(None), |running| running.poll_next(context))
    }
}

/// A step of the cluster at a position of the plan.
type Job = (usize, Step);

struct Driver {
    plan: Plan,
    /// By project.
    lists: HashMap<i64, Arc<SharedList>>,
    applying: Applying,
    concurrency: usize,
    queues: [VecDeque<Job>; Pool::COUNT],
    running: [usize; Pool::COUNT],
    tasks: JoinSet<(usize, Pool, Progress)>,
    /// Deletions that are not done.
    deletions: usize,
    /// Creations that the service refused since the account has no room.
    refused: Vec<(usize, Step, Error)>,
    results: Sender<Result<AppliedCluster>>,
}

impl Driver {
    async fn run(plan: Plan, applying: Applying, concurrency: usize, results: Sender<Result<AppliedCluster>>) {
        let deletions = plan.clusters.iter().filter(|cluster| cluster.action == PlannedAction::Delete).count();
        let lists = plan.sessions.iter().map(|(project_id, session)| (*project_id, SharedList::new(session.clone())));
        let driver = Self {
            lists: lists.collect(),
            plan,
            applying,
            concurrency,
            queues: Default::default(),
            running: Default::default(),
            tasks: JoinSet::new(),
            deletions,
            refused: Vec::new(),
            results: results.clone(),
        };
        if let Err(error) = driver.drive().await {
            // The receiver lives as long as this future.
            let _ = results.send(Err(error));
        }
    }

    async fn drive(mut self) -> Result<()> {
        self.check()?;
        self.begin().await?;
        loop {
            for pool in Pool::ALL {
                while let Some((position, step)) = self.next_job(pool) {
                    self.running[pool as usize] += 1;
                    self.start(position, pool, step);
                }
            }
            let Some(done) = self.tasks.join_next().await else { return Ok(()) };
            let (position, pool, progress) = joined(done)?;
            self.running[pool as usize] -= 1;
            self.handle(position, progress);
        }
    }

    fn check(&self) -> Result<()> {
        if self.concurrency == 0 {
            return Err(Error::invalid_input("concurrency", "must be at least 1"));
        }
        match self.plan.limit {
            Some(limit) if self.plan.exceeds_limit() => {
                let reason = format!("the plan makes {} clusters, the limit is {}", limit.planned, limit.limit);
                Err(Error::invalid_input("cluster_limit", reason))
            }
            _ => Ok(()),
        }
    }

    /// Lists the projects again, and queues what is still as the plan found it.
    async fn begin(&mut self) -> Result<()> {
        let listing = self
            .plan
            .sessions
            .clone()
            .into_iter()
            .map(|(project_id, session)| async move { Ok((project_id, find::read_complete_list(&session).await)) });
        let mut lists: HashMap<_, _> = try_join_all(self.concurrency, listing.collect()).await?.into_iter().collect();
        for position in 0..self.plan.clusters.len() {
            let cluster = &self.plan.clusters[position];
            let progress = match lists.get_mut(&cluster.project_id) {
                Some(Ok(list)) => self.applying.begin(cluster, list.remove(&cluster.cluster_name)),
                Some(Err(error)) => Progress::Done(error.clone().into()),
                None => Progress::Done(Error::NoProject.into()),
            };
            self.handle(position, progress);
        }
        Ok(())
    }

    fn start(&mut self, position: usize, pool: Pool, step: Step) {
        let (applying, cluster) = (self.applying.clone(), &self.plan.clusters[position]);
        let Some(list) = self.lists.get(&cluster.project_id).cloned() else { return };
        let name = cluster.cluster_name.clone();
        let running = async move { (position, pool, applying.run(&list, &name, step).await) };
        self.tasks.spawn(running.in_current_span());
    }

    /// The next job of a pool that has room. Clusters that can be deleted are deleted before any is created.
    fn next_job(&mut self, pool: Pool) -> Option<Job> {
        let deleting = self.running[Pool::Delete as usize] > 0;
        let waits_for_deletions = pool == Pool::Create && deleting;
        let has_room = pool == Pool::Wait || self.running[pool as usize] < self.concurrency && !waits_for_deletions;
        if has_room { self.queues[pool as usize].pop_front() } else { None }
    }

    fn handle(&mut self, position: usize, progress: Progress) {
        match progress {
            Progress::Next(pool, step) => self.queues[pool as usize].push_back((position, step)),
            Progress::NoRoom(step, error) if self.deletions > 0 => self.refused.push((position, step, error)),
            Progress::NoRoom(_, error) => self.finish(position, error.into()),
            Progress::Done(outcome) => self.finish(position, outcome),
        }
    }

    fn finish(&mut self, position: usize, outcome: ApplyOutcome) {
        let PlannedCluster { project_id, project_name, cluster_name, action, .. } =
            self.plan.clusters[position].clone();
        if action == PlannedAction::Delete {
            self.deletions -= 1;
            self.reconsider_refused(matches!(outcome, ApplyOutcome::Deleted));
        }
        // The receiver lives as long as this future.
        let _ = self.results.send(Ok(AppliedCluster { position, project_id, project_name, cluster_name, outcome }));
    }

    /// Creates again what had no room, if a deletion has made some.
    fn reconsider_refused(&mut self, has_room: bool) {
        for (position, step, error) in std::mem::take(&mut self.refused) {
            let next = if has_room { Progress::Next(Pool::Create, step) } else { Progress::NoRoom(step, error) };
            self.handle(position, next);
        }
    }
}
