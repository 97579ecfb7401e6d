//! `Wait`: waits until a cluster reaches a goal, as a future of the outcome and a stream of states.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, channel};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures_util::future::{MaybeDone, maybe_done};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::Instant;

use super::observed::{Age, Observation};
use super::waiter::{ClusterSource, Endpoint, PollSource, Waiter};
use crate::engine::future::{BoxFuture, awaitable};
use crate::engine::session::Session;
use crate::error::{Error, Result, wait_info::ClusterState};
use crate::facade::credentials::ClusterCredentials;
use crate::schema::{ClusterName, ClusterStatus, DescClusterDto, Timestamp};
use crate::types::debug::debug;

/// A cluster to wait for: choose the goal.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use eloq_sdk::schema::ClusterStatus;
///
/// let idle = client.wait_for_cluster("my-cluster").status(|status| *status == ClusterStatus::Idle).await?;
/// let cluster = client.wait_for_cluster("my-cluster").available().await?;
/// client.wait_for_cluster("another").deleted().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "choose what to wait for: `.available()`, `.connectable()`, `.deleted()` or `.status(…)`"]
pub struct WaitForCluster {
    session: Session,
    name: String,
}

impl WaitForCluster {
    pub(crate) fn new(session: Session, name: impl Into<String>) -> Self {
        Self { session, name: name.into() }
    }

    /// Waits for the status `available`, in which the cluster can be deleted. Idle and active clusters are connectable too: see
    /// [`connectable`](Self::connectable).
    pub fn available(self) -> Wait<DescClusterDto> {
        self.described(
            "become available",
            |cluster| Ok((cluster.status == ClusterStatus::Available).then_some(cluster)),
        )
    }

    /// Waits until the database accepts connections: the status is available, active or idle, and the load balancer is active and
    /// has an address.
    pub fn connectable(self) -> Wait<ClusterCredentials> {
        self.connectable_as(|_, credentials| credentials)
    }

    /// The same, with what `accept` makes of the cluster's time of creation and the credentials.
    pub(super) fn connectable_as<T: Send + 'static>(
        self,
        mut accept: impl FnMut(Timestamp, ClusterCredentials) -> T + Send + 'static,
    ) -> Wait<T> {
        let name = self.name.clone();
        self.described("become connectable", move |cluster| {
            if !cluster.is_connectable() {
                return Ok(None);
            }
            let created = cluster.create_at.clone();
            ClusterCredentials::of(name.as_str(), cluster).map(|credentials| Some(accept(created, credentials)))
        })
    }

    /// Waits until the list no longer contains the cluster, or contains one that was created since with the same name.
    pub fn deleted(self) -> Wait<()> {
        self.deleted_since(None)
    }

    /// The same for the cluster that was created then, if that is known.
    pub(crate) fn deleted_since(self, created: Option<&Timestamp>) -> Wait<()> {
        let mut first: Option<SystemTime> = created.and_then(Timestamp::to_system_time);
        self.until("be deleted", Endpoint::List, move |observation| {
            let Observation::Listed(found) = observation else { return Ok(Some(())) };
            let created = found.cluster.create_at.to_system_time().filter(|_| found.age != Age::Unknown);
            let is_another = created.is_some_and(|created| *first.get_or_insert(created) != created);
            Ok((is_another || found.age == Age::Since).then_some(()))
        })
    }

    /// Waits for a status that `accept` accepts.
    pub fn status(self, mut accept: impl FnMut(&ClusterStatus) -> bool + Send + 'static) -> Wait<DescClusterDto> {
        self.described("reach an accepted status", move |cluster| Ok(accept(&cluster.status).then_some(cluster)))
    }

    fn described<T: Send + 'static>(
        self,
        goal: &'static str,
        mut accept: impl FnMut(DescClusterDto) -> Result<Option<T>> + Send + 'static,
    ) -> Wait<T> {
        self.until(goal, Endpoint::Describe, move |observation| match observation {
            Observation::Described(cluster) => accept(*cluster),
            _ => Ok(None),
        })
    }

    fn until<T: Send + 'static>(
        self,
        goal: &'static str,
        endpoint: Endpoint,
        accept: impl FnMut(Observation) -> Result<Option<T>> + Send + 'static,
    ) -> Wait<T> {
        let random = self.session.random();
        let name = ClusterName::try_from(self.name.as_str());
        let source = Box::new(ClusterSource { session: self.session, name, endpoint });
        Wait::new(Waiter::new(source, Box::new(accept), goal, self.name, random))
    }
}

/// A wait: a future of its outcome, and a stream of the states until then.
///
/// Polls immediately, after 2 s, then at intervals growing to 15 s, with up to 20 % jitter; [`poll_interval`](Self::poll_interval)
/// sets another interval, and `Retry-After` makes it longer. It succeeds when the cluster reaches the goal. It fails if the status is
/// `error`, if a poll fails with a permanent error, if four polls in a row fail or find no cluster, and after
/// [`max_wait`](Self::max_wait), following one last poll. [`Error::waited`] returns the last state and the time. Dropping the wait
/// ends it.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let credentials = client.wait_for_cluster("my-cluster").connectable().await?;
///
/// // The same with progress.
/// let mut wait = client.wait_for_cluster("my-cluster").connectable();
/// while let Some(state) = wait.next().await {
///     println!("{:4} s: {state}", state.elapsed.as_secs());
/// }
/// let credentials = wait.await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Wait<T> {
    /// Until the first poll.
    waiter: Option<Waiter<T>>,
    /// From the first poll.
    running: Option<MaybeDone<BoxFuture<'static, Result<T>>>>,
    states: Option<Receiver<ClusterState>>,
}

impl<T: Send + 'static> Wait<T> {
    pub(super) fn new(waiter: Waiter<T>) -> Self {
        Self { waiter: Some(waiter), running: None, states: None }
    }

    /// The same with another source, made of the name of the cluster and the source of this wait.
    pub(crate) fn with_source(self, replace: impl FnOnce(&str, Box<dyn PollSource>) -> Box<dyn PollSource>) -> Self {
        Self { waiter: self.waiter.map(|waiter| waiter.with_source(replace)), ..self }
    }

    pub(crate) fn into_waiter(self) -> Option<Waiter<T>> {
        self.waiter
    }

    /// Sends a write first, within the longest wait; if it fails, the wait fails with its error.
    pub(super) fn after(
        self,
        write: impl FnOnce(Option<Instant>) -> BoxFuture<'static, Result<()>> + Send + 'static,
    ) -> Self {
        self.with(|waiter| waiter.write = Some(Box::new(write)))
    }

    /// Sets the longest wait, including the write before it; the default is 15 minutes. The last poll can exceed it.
    pub fn max_wait(self, max_wait: Duration) -> Self {
        self.with(|waiter| waiter.max_wait = max_wait)
    }

    /// Sets a constant interval between polls, with up to 20 % jitter; by default it grows from 2 s to 15 s. Zero is refused with
    /// [`Error::InvalidInput`] before anything is sent.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use std::time::Duration;
    ///
    /// let wait = client.wait_for_cluster("my-cluster").connectable();
    /// let credentials = wait.poll_interval(Duration::from_secs(5)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn poll_interval(self, interval: Duration) -> Self {
        self.with(|waiter| waiter.poll_interval = Some(interval))
    }

    /// Makes [`next`](Self::next) return the state after every poll, also if nothing has changed, so that a program can show that it
    /// is still waiting.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let mut wait = client.wait_for_cluster("my-cluster").connectable().ticks();
    /// while let Some(state) = wait.next().await {
    ///     println!("{:4} s: {state}", state.elapsed.as_secs());
    /// }
    /// let credentials = wait.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn ticks(self) -> Self {
        self.with(|waiter| waiter.ticks = true)
    }

    /// Returns the next state that differs from the one before, beginning with the first poll; `None` when the wait has ended.
    /// Await the wait for its outcome then. Dropping this future, as `tokio::select!` does, loses nothing.
    pub async fn next(&mut self) -> Option<ClusterState> {
        StreamExt::next(self).await
    }

    /// Waits for the outcome; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] after [`max_wait`](Self::max_wait), [`Error::ClusterFailed`] if the status is `error`, the error of a
    /// failed poll, and that of the write before.
    pub async fn send(mut self) -> Result<T> {
        while self.next().await.is_some() {}
        let outcome = self.running.as_mut().and_then(|running| Pin::new(running).take_output());
        outcome.unwrap_or(Err(Error::Closed))
    }

    fn with(mut self, change: impl FnOnce(&mut Waiter<T>)) -> Self {
        if let Some(waiter) = &mut self.waiter {
            change(waiter);
        }
        self
    }
}

impl Wait<ClusterCredentials> {
    /// Also opens a TCP connection to the database, and continues to wait while that fails. It bypasses any proxy.
    pub fn ping(self) -> Self {
        self.with(|waiter| waiter.ping = true)
    }
}

impl<T> Unpin for Wait<T> {}

impl<T: Send + 'static> Stream for Wait<T> {
    type Item = ClusterState;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ClusterState>> {
        let this = &mut *self;
        if let Some(waiter) = this.waiter.take() {
            let (sender, states) = channel();
            let outcome: BoxFuture<'static, _> = Box::pin(waiter.run(sender));
            (this.running, this.states) = (Some(maybe_done(outcome)), Some(states));
        }
        let (Some(running), Some(states)) = (&mut this.running, &this.states) else { return Poll::Ready(None) };
        match (running.poll_unpin(context), states.try_recv()) {
            (_, Ok(state)) => Poll::Ready(Some(state)),
            (ended, Err(_)) => ended.map(|()| None),
        }
    }
}

awaitable! { Wait<T> => Result<T> }

debug! { Wait<T> { waiter } }
