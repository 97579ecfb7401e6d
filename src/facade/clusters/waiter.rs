//! The loop of a wait: poll, accept, back off.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument;

use super::find::{self, Lookup};
use super::observed::{CallStart, Observation};
use crate::engine::recording::record_attempts;
use crate::engine::{backoff::Backoff, future::BoxFuture, session::Session};
use crate::error::wait_info::{ClusterState, WaitInfo};
use crate::error::{Error, Result, failure::Failure};
use crate::facade::ping::ping;
use crate::schema::{ClusterName, ClusterStatus, InvalidClusterName};
use crate::types::{debug::debug, operation::Operation};

pub(crate) const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
const BACKOFF: Backoff =
    Backoff { initial: Duration::from_secs(2), factor: 1.5, max: Duration::from_secs(15), jitter: 0.2 };
/// How many polls in a row can fail, or find no cluster.
pub(crate) const MAX_FAILURES: u32 = 3;

/// Returns a value once the cluster has reached the goal.
pub(super) type Acceptor<T> = Box<dyn FnMut(Observation) -> Result<Option<T>> + Send>;

/// Where a wait gets its observations.
pub(crate) trait PollSource: Send + Sync {
    fn operation(&self) -> Operation;

    /// Observes the cluster once. `remaining` is the time until the longest wait is over.
    fn poll(&self, start: CallStart, remaining: Duration) -> BoxFuture<'_, Result<Observation>>;

    /// Sleeps until the next poll.
    fn sleep(&self, delay: Duration) -> BoxFuture<'_, Result<()>>;
}

/// The operation that shows what the goal depends on.
#[derive(Clone, Copy)]
pub(super) enum Endpoint {
    Describe,
    List,
}

/// A cluster of the service.
pub(super) struct ClusterSource {
    pub(super) session: Session,
    pub(super) name: Result<ClusterName, InvalidClusterName>,
    pub(super) endpoint: Endpoint,
}

impl PollSource for ClusterSource {
    fn operation(&self) -> Operation {
        match self.endpoint {
            Endpoint::Describe => Operation::DescribeCluster,
            Endpoint::List => Operation::ListClusters,
        }
    }

    fn poll(&self, mut start: CallStart, remaining: Duration) -> BoxFuture<'_, Result<Observation>> {
        Box::pin(async move {
            let Self { session, name, endpoint } = self;
            let name = name.as_ref().map_err(|invalid| Error::from(*invalid))?;
            let deadline = poll_deadline(session, remaining);
            Ok(match endpoint {
                Endpoint::Describe => match find::describe_or_absent(session, name, deadline).await? {
                    Lookup::Found(cluster) => Observation::Described(cluster),
                    Lookup::Absent(refused) => Observation::Absent(Some(refused)),
                },
                Endpoint::List => match find::find_in_list(session, name, &mut start, deadline).await? {
                    Some(found) => Observation::Listed(found),
                    None => Observation::Absent(None),
                },
            })
        })
    }

    fn sleep(&self, delay: Duration) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.session.sleep(delay))
    }
}

/// When a poll has to end: it takes no longer than a call may, and hardly longer than the wait may.
pub(crate) fn poll_deadline(session: &Session, remaining: Duration) -> Instant {
    session.deadline_until(Instant::now().checked_add(remaining.saturating_add(session.settings().timeouts.read)))
}

/// Refuses an interval of zero.
pub(crate) fn check_interval(interval: Option<Duration>) -> Result<()> {
    match interval.is_some_and(|interval| interval.is_zero()) {
        true => Err(Error::invalid_input("poll_interval", "must be longer than zero")),
        false => Ok(()),
    }
}

/// A write that has to end until then.
type Write = Box<dyn FnOnce(Option<Instant>) -> BoxFuture<'static, Result<()>> + Send>;

/// A wait, until and while it runs.
pub(crate) struct Waiter<T> {
    source: Box<dyn PollSource>,
    accept: Acceptor<T>,
    /// What the cluster is to do, as in `become connectable`.
    goal: &'static str,
    pub(crate) cluster_name: String,
    random: fn() -> f64,
    pub(crate) max_wait: Duration,
    pub(crate) poll_interval: Option<Duration>,
    /// Whether to report also states that have not changed.
    pub(super) ticks: bool,
    pub(crate) ping: bool,
    /// Sent first.
    pub(super) write: Option<Write>,
    start: CallStart,
    polls: u32,
    failures: u32,
    last_state: Option<ClusterState>,
}

/// The result of a poll that ends no wait with an error.
enum Progress<T> {
    Accepted(T),
    NotYet {
        /// Before the next poll.
        min_delay: Duration,
        /// Why the goal is not reached, if it is an error.
        cause: Option<Error>,
    },
}

impl<T> Waiter<T> {
    pub(super) fn new(
        source: Box<dyn PollSource>,
        accept: Acceptor<T>,
        goal: &'static str,
        cluster_name: String,
        random: fn() -> f64,
    ) -> Self {
        Self {
            source,
            accept,
            goal,
            cluster_name,
            random,
            max_wait: MAX_WAIT,
            poll_interval: None,
            ticks: false,
            ping: false,
            write: None,
            start: CallStart::now(),
            polls: 0,
            failures: 0,
            last_state: None,
        }
    }

    /// The same with another source, made of its own.
    pub(super) fn with_source(self, replace: impl FnOnce(&str, Box<dyn PollSource>) -> Box<dyn PollSource>) -> Self {
        Self { source: replace(&self.cluster_name, self.source), ..self }
    }

    /// Sends `states` each state that differs from the one before.
    pub(crate) async fn run(mut self, states: Sender<ClusterState>) -> Result<T> {
        self.start = CallStart::now();
        check_interval(self.poll_interval)?;
        if let Some(write) = self.write.take() {
            write(Instant::now().checked_add(self.max_wait)).await?;
        }
        let span = tracing::debug_span!("eloq.wait", "otel.kind" = "internal", goal = self.goal);
        let polling = self.poll_until_accepted(&states).instrument(span);
        let (mut outcome, attempts) = record_attempts(polling).await;
        if let Err(error) = &mut outcome {
            error.set_attempts(attempts);
            let (cluster_name, last_state, elapsed) = (self.cluster_name, self.last_state, self.start.elapsed());
            error.set_waited(WaitInfo { cluster_name, last_state, elapsed });
        }
        outcome
    }

    async fn poll_until_accepted(&mut self, states: &Sender<ClusterState>) -> Result<T> {
        loop {
            match self.poll(states).await? {
                Progress::Accepted(value) => return Ok(value),
                Progress::NotYet { min_delay, cause } => self.source.sleep(self.next_delay(min_delay, cause)?).await?,
            }
        }
    }

    async fn poll(&mut self, states: &Sender<ClusterState>) -> Result<Progress<T>> {
        let polled = self.source.poll(self.start, self.remaining()).await;
        self.polls = self.polls.saturating_add(1);
        let observation = match polled {
            Ok(observation) => observation,
            Err(error) if error.is_retryable() => return self.tolerate(error),
            Err(error) => return Err(error),
        };
        let refused = observation.refused().cloned();
        let (state, address) = (observation.state(self.start.elapsed()), observation.address());
        let failed = state.status.as_ref().is_some_and(ClusterStatus::is_failed);
        self.report(states, state);
        let accepted = (self.accept)(observation)?;
        if let (None, Some(refused)) = (&accepted, refused) {
            return self.tolerate(refused);
        }
        self.failures = 0;
        match (accepted, address) {
            (Some(value), Some((host, port))) if self.ping => match ping(self.source.operation(), &host, port).await {
                Ok(_) => Ok(Progress::Accepted(value)),
                Err(error) => Ok(Progress::NotYet { min_delay: Duration::ZERO, cause: Some(error) }),
            },
            (Some(value), _) => Ok(Progress::Accepted(value)),
            (None, _) if failed => {
                let what = "the status of the cluster is error, which it does not leave by itself";
                Err(Error::cluster_failed(Failure::new(self.source.operation(), what)))
            }
            (None, _) => Ok(Progress::NotYet { min_delay: Duration::ZERO, cause: None }),
        }
    }

    /// Continues after a failed poll, unless it was one too many.
    fn tolerate(&mut self, error: Error) -> Result<Progress<T>> {
        self.failures += 1;
        let min_delay = error.retry_after().unwrap_or_default();
        if self.failures > MAX_FAILURES { Err(error) } else { Ok(Progress::NotYet { min_delay, cause: Some(error) }) }
    }

    /// The delay until the next poll, the last of which is due when the longest wait is over.
    fn next_delay(&self, min_delay: Duration, cause: Option<Error>) -> Result<Duration> {
        let remaining = self.remaining();
        if remaining.is_zero() {
            let what = format!("timed out waiting for the cluster to {}", self.goal);
            let mut failure = Failure::new(self.source.operation(), what);
            failure.source = cause.map(|error| Arc::new(error) as _);
            return Err(Error::timeout(failure));
        }
        let backoff = self.poll_interval.map_or(BACKOFF, Backoff::constant);
        let delay = backoff.delay(self.polls.saturating_sub(1), (self.random)());
        Ok(delay.max(min_delay).min(remaining))
    }

    fn report(&mut self, states: &Sender<ClusterState>, state: ClusterState) {
        if self.ticks || self.last_state.as_ref().is_none_or(|last| !last.is_same(&state)) {
            // The receiver lives as long as the wait.
            let _ = states.send(state.clone());
        }
        self.last_state = Some(state);
    }

    fn remaining(&self) -> Duration {
        self.max_wait.saturating_sub(self.start.elapsed())
    }
}

debug! { Waiter<T> { cluster_name, goal, max_wait } }

#[cfg(test)]
mod tests;
