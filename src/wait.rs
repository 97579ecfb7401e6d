//! Waiting: looks at a cluster again and again until it is what is waited for, cannot become it, or the limit comes.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::error::Failure;
use crate::raw::ClientInfo;
use crate::reconcile::{Began, Found};
use crate::schema::{ClusterName, ClusterStatus, DescClusterDto, ElbState};
use crate::{ClusterCredentials, EloqApi, Error, Result, find, text, transport};

const LIMIT: Duration = Duration::from_secs(15 * 60);
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// So many looks in a row may fail, or find nothing where something should be.
const MOST_FAILURES: u32 = 3;
/// Of the TCP connection to a database.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// What a wait saw of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClusterState {
    /// Where the cluster is in its life; none when there is no such cluster.
    pub status: Option<ClusterStatus>,
    /// Where its load balancer is; none when that was not looked at, as in waiting for a deletion.
    pub elb_state: Option<ElbState>,
    /// How long had been waited then.
    pub elapsed: Duration,
}

impl ClusterState {
    fn is_like(&self, other: &Self) -> bool {
        (&self.status, &self.elb_state) == (&other.status, &other.elb_state)
    }
}

impl fmt::Display for ClusterState {
    /// As in `provisioning, load balancer provisioning`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.status, &self.elb_state) {
            (None, _) => f.write_str("absent"),
            (Some(status), None) => write!(f, "{status}"),
            (Some(status), Some(elb)) => write!(f, "{status}, load balancer {elb}"),
        }
    }
}

/// How long a wait took that failed, and what it saw last; see [`Error::waited`].
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// if let Err(error) = client.wait_for_cluster("my-cluster").available().await
///     && let Some(waited) = error.waited()
/// {
///     println!("{:?} after {:?}", waited.last_state, waited.elapsed);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waited {
    /// The cluster that was waited for.
    pub cluster_name: String,
    /// The last state that was seen, if any was.
    pub last_state: Option<ClusterState>,
    /// From the beginning of the wait to its failure.
    pub elapsed: Duration,
}

impl fmt::Display for Waited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = text::line(&self.cluster_name, 100);
        write!(f, "waited {:.1} s for {name}", self.elapsed.as_secs_f64())?;
        self.last_state.iter().try_for_each(|state| write!(f, ", last seen {state}"))
    }
}

/// A cluster to wait for; choose what it has to become.
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
#[must_use = "nothing is waited for until it is said what"]
pub struct WaitForCluster {
    client: EloqApi,
    name: String,
}

impl WaitForCluster {
    pub(crate) fn new(client: EloqApi, name: String) -> Self {
        Self { client, name }
    }

    /// Until its status is `available`, the one in which it can be deleted. A cluster that is idle or active can be connected
    /// to as well: see [`connectable`](Self::connectable).
    pub fn available(self) -> Wait<DescClusterDto> {
        self.status(|status| *status == ClusterStatus::Available)
    }

    /// Until its database takes connections: the status is available, active or idle, and the load balancer is active and has
    /// an address.
    pub fn connectable(self) -> Wait<ClusterCredentials> {
        self.described(|cluster| cluster.is_connectable().then(|| cluster.try_into()).transpose())
    }

    /// Until it is gone: the list no longer has it, or has one that was created since under the same name.
    pub fn deleted(self) -> Wait<()> {
        let mut first = None;
        self.until(Look::List, move |sight| {
            let Sight::Listed(found) = sight else { return Ok(Some(())) };
            let created = first.get_or_insert_with(|| found.cluster.create_at.clone());
            let another = *created != found.cluster.create_at || found.certainly_created_since();
            Ok(another.then_some(()))
        })
    }

    /// Until its status is one that `reached` accepts.
    pub fn status(self, mut reached: impl FnMut(&ClusterStatus) -> bool + Send + 'static) -> Wait<DescClusterDto> {
        self.described(move |cluster| Ok(reached(&cluster.status).then_some(cluster)))
    }

    fn described<T: 'static>(
        self,
        mut judge: impl FnMut(DescClusterDto) -> Result<Option<T>> + Send + 'static,
    ) -> Wait<T> {
        self.until(Look::Describe, move |sight| match sight {
            Sight::Described(cluster) => judge(*cluster),
            _ => Ok(None),
        })
    }

    fn until<T: 'static>(self, look: Look, judge: impl FnMut(Sight) -> Result<Option<T>> + Send + 'static) -> Wait<T> {
        let Self { client, name } = self;
        let dice = client.raw().inner().retry.dice;
        let begin = {
            let client = client.clone();
            move || Began::now(&client)
        };
        match ClusterName::try_from(name) {
            Ok(name) => {
                let cluster_name = name.to_string();
                let look_at = move |began, limit| look.at(client.clone(), name.clone(), began, limit);
                Wait { cluster_name, operation: look.operation(), ..Wait::new(begin, dice, look_at, judge) }
            }
            Err(error) => {
                let ended = Activity::Ended(Some(Err(error)));
                Wait { activity: ended, ..Wait::new(begin, dice, |_, _| unreachable!("it has ended"), judge) }
            }
        }
    }
}

/// Where a wait looks.
#[derive(Clone, Copy)]
enum Look {
    Describe,
    List,
}

impl Look {
    fn operation(self) -> &'static str {
        match self {
            Self::Describe => "describe_cluster",
            Self::List => "list_clusters",
        }
    }

    /// Looks, no longer than a call may take, and hardly longer than the limit of the wait.
    fn at(self, client: EloqApi, name: ClusterName, began: Began, limit: Duration) -> Looking {
        Box::pin(async move {
            let left = limit.saturating_sub(began.elapsed());
            let latest = Instant::now().checked_add(left.saturating_add(client.raw().inner().limits.read_timeout));
            let deadline = transport::deadline(client.raw());
            let began = began.until(latest.map_or(deadline, |latest| latest.min(deadline)));
            match self {
                Self::Describe => Ok(match find::described(&client, &name, began.deadline).await? {
                    Ok(cluster) => Sight::Described(Box::new(cluster)),
                    Err(refused) => Sight::Absent(Some(refused)),
                }),
                Self::List => Ok(match find::listed(&client, &name, began.deadline).await? {
                    Some((cluster, date)) => Sight::Listed(began.found(cluster, date)),
                    None => Sight::Absent(None),
                }),
            }
        })
    }
}

/// What a look found. Where nothing is not what is waited for, the error says so.
enum Sight {
    Described(Box<DescClusterDto>),
    Listed(Found),
    Absent(Option<Error>),
}

impl Sight {
    fn state(&self, elapsed: Duration) -> ClusterState {
        let (status, elb_state) = match self {
            Self::Described(cluster) => (Some(&cluster.status), Some(&cluster.elb_state)),
            Self::Listed(found) => (Some(&found.cluster.status), None),
            Self::Absent(_) => (None, None),
        };
        ClusterState { status: status.cloned(), elb_state: elb_state.cloned(), elapsed }
    }

    fn address(&self) -> Option<(String, u16)> {
        match self {
            Self::Described(cluster) => Some((cluster.elb_addr.clone(), cluster.elb_port)),
            _ => None,
        }
    }
}

type Looking = Pin<Box<dyn Future<Output = Result<Sight>> + Send>>;
type Ordering = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// What is being done at the moment.
enum Activity<T> {
    Beginning,
    Ordering(Ordering),
    Looking(Looking),
    Pinging(Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>, Option<T>),
    Resting(Pin<Box<Sleep>>),
    /// With the outcome, until somebody takes it.
    Ended(Option<Result<T>>),
}

/// A wait: a future of its outcome, and a stream of what happens until then.
///
/// It looks at once, then after 2 s, then in growing distances up to 15 s, each up to a fifth shorter by chance; `Retry-After`
/// makes them longer. It ends well when the cluster is what is waited for. It fails when the status is `error`, when a look
/// fails for good, when four in a row fail in any way or find no cluster, and when the [limit](Self::limit) comes: then it looks
/// one last time. [`Error::waited`] tells the last state and the time. Dropping it ends it.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let credentials = client.wait_for_cluster("my-cluster").connectable().await?;
///
/// // The same, showing progress.
/// let mut wait = client.wait_for_cluster("my-cluster").connectable();
/// while let Some(state) = wait.next().await {
///     println!("{:4} s: {state}", state.elapsed.as_secs());
/// }
/// let credentials = wait.await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is waited for until it is awaited"]
pub struct Wait<T> {
    look: Box<dyn Fn(Began, Duration) -> Looking + Send + Sync>,
    judge: Box<dyn FnMut(Sight) -> Result<Option<T>> + Send>,
    begin: Box<dyn Fn() -> Began + Send + Sync>,
    dice: fn() -> f64,
    /// The one that looks.
    operation: &'static str,
    limit: Duration,
    ping: bool,
    order: Option<Ordering>,
    activity: Activity<T>,
    began: Option<Began>,
    cluster_name: String,
    looks: u32,
    failures: u32,
    last_state: Option<ClusterState>,
}

impl<T> Wait<T> {
    fn new(
        begin: impl Fn() -> Began + Send + Sync + 'static,
        dice: fn() -> f64,
        look: impl Fn(Began, Duration) -> Looking + Send + Sync + 'static,
        judge: impl FnMut(Sight) -> Result<Option<T>> + Send + 'static,
    ) -> Self {
        Self {
            look: Box::new(look),
            judge: Box::new(judge),
            begin: Box::new(begin),
            dice,
            operation: "",
            limit: LIMIT,
            ping: false,
            order: None,
            activity: Activity::Beginning,
            began: None,
            cluster_name: String::new(),
            looks: 0,
            failures: 0,
            last_state: None,
        }
    }

    /// Makes a change first; the wait is for what comes of it, and fails with it.
    pub(crate) fn after(mut self, order: impl Future<Output = Result<()>> + Send + 'static) -> Self {
        self.order = Some(Box::pin(order));
        self
    }

    /// How long to wait at most; the default is 15 minutes. The last look may take its time beyond it.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The next change of the cluster's state, the first look included; none when the wait has ended. Await the wait itself
    /// for the outcome then. Dropping this future, as `tokio::select!` does, loses nothing.
    pub async fn next(&mut self) -> Option<ClusterState> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn look(&mut self) -> Activity<T> {
        let began = *self.began.get_or_insert_with(|| (self.begin)());
        self.looks += 1;
        Activity::Looking((self.look)(began, self.limit))
    }

    /// Decides what to do after a look.
    fn take_in(&mut self, sight: Result<Sight>) -> Activity<T> {
        let sight = match sight {
            Ok(Sight::Absent(Some(refused))) => {
                self.last_state = Some(Sight::Absent(None).state(self.elapsed()));
                return self.failed(refused, true);
            }
            Ok(sight) => sight,
            Err(error) => {
                let passing = error.is_retryable();
                return self.failed(error, passing);
            }
        };
        self.failures = 0;
        let (state, address) = (sight.state(self.elapsed()), sight.address());
        let has_failed = state.status == Some(ClusterStatus::Error);
        self.last_state = Some(state);
        match ((self.judge)(sight), address) {
            (Err(error), _) => self.end(Err(error)),
            (Ok(Some(value)), Some((host, port))) if self.ping => {
                Activity::Pinging(Box::pin(ping(self.operation, host, port)), Some(value))
            }
            (Ok(Some(value)), _) => self.end(Ok(value)),
            (Ok(None), _) if has_failed => {
                let what = "the cluster's status is error, which it does not leave by itself";
                self.end(Err(Error::ClusterFailed(Box::new(Failure::new(self.operation, what)))))
            }
            (Ok(None), _) => self.rest(Duration::ZERO, None),
        }
    }

    fn failed(&mut self, error: Error, passing: bool) -> Activity<T> {
        self.failures += 1;
        if !passing || self.failures > MOST_FAILURES {
            return self.end(Err(error));
        }
        self.rest(error.retry_after().unwrap_or_default(), Some(error))
    }

    /// Rests until the next look; a last one is made at the limit. What failed last is told if that was it.
    fn rest(&mut self, least: Duration, failed: Option<Error>) -> Activity<T> {
        let left = self.limit.saturating_sub(self.elapsed());
        if left.is_zero() {
            let what = "the cluster did not become what was waited for";
            let mut failure = Failure::new(self.operation, what);
            failure.source = failed.map(|error| Arc::new(error) as _);
            return self.end(Err(Error::Timeout(Box::new(failure))));
        }
        let wait = wait_after(self.looks, (self.dice)()).max(least).min(left);
        Activity::Resting(Box::pin(sleep_until(Instant::now() + wait)))
    }

    fn end(&mut self, mut outcome: Result<T>) -> Activity<T> {
        if let Err(error) = &mut outcome {
            error.set_waited(Waited {
                cluster_name: self.cluster_name.clone(),
                last_state: self.last_state.clone(),
                elapsed: self.elapsed(),
            });
        }
        Activity::Ended(Some(outcome))
    }

    fn elapsed(&self) -> Duration {
        self.began.map(|began| began.elapsed()).unwrap_or_default()
    }
}

impl Wait<ClusterCredentials> {
    /// Also opens a TCP connection to the database, and waits on while none can be made. It goes past any proxy.
    pub fn ping(mut self) -> Self {
        self.ping = true;
        self
    }
}

/// Opens a connection to a database and closes it.
async fn ping(operation: &'static str, host: String, port: u16) -> Result<()> {
    let failed = match timeout(PING_TIMEOUT, TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => Some(error),
        Err(_) => None,
    };
    let what = format!("the database at {}:{port} took no connection", text::line(&host, 255));
    let mut failure = Failure::new(operation, what);
    failure.source = failed.map(|error| Arc::new(error) as _);
    Err(Error::Connect(Box::new(failure)))
}

/// The distance from the n-th look to the next. `dice` is between 0 and 1.
fn wait_after(looks: u32, dice: f64) -> Duration {
    let growth = 1.5_f64.powi(looks.saturating_sub(1).min(16) as i32);
    FIRST_WAIT.mul_f64(growth).min(LONGEST_WAIT).mul_f64(1.0 - dice / 5.0)
}

impl<T> Unpin for Wait<T> {}

impl<T> Stream for Wait<T> {
    type Item = ClusterState;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ClusterState>> {
        let this = &mut *self;
        loop {
            this.activity = match &mut this.activity {
                Activity::Beginning => {
                    this.began = Some((this.begin)());
                    match this.order.take() {
                        Some(order) => Activity::Ordering(order),
                        None => this.look(),
                    }
                }
                Activity::Ordering(order) => match ready!(order.as_mut().poll(context)) {
                    Ok(()) => this.look(),
                    Err(error) => Activity::Ended(Some(Err(error))),
                },
                Activity::Looking(looking) => {
                    let sight = ready!(looking.as_mut().poll(context));
                    let before = this.last_state.clone();
                    this.activity = this.take_in(sight);
                    match (&before, &this.last_state) {
                        (Some(before), Some(now)) if before.is_like(now) => continue,
                        (_, None) => continue,
                        (_, now) => return Poll::Ready(now.clone()),
                    }
                }
                Activity::Pinging(ping, value) => {
                    let (pinged, value) = (ready!(ping.as_mut().poll(context)), value.take());
                    match (pinged, value) {
                        (Ok(()), Some(value)) => this.end(Ok(value)),
                        (pinged, _) => this.rest(Duration::ZERO, pinged.err()),
                    }
                }
                Activity::Resting(sleep) => {
                    ready!(sleep.as_mut().poll(context));
                    this.look()
                }
                Activity::Ended(_) => return Poll::Ready(None),
            };
        }
    }
}

impl<T: Send + 'static> IntoFuture for Wait<T> {
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            while self.next().await.is_some() {}
            match self.activity {
                Activity::Ended(Some(outcome)) => outcome,
                _ => unreachable!("it has ended, and nobody else takes the outcome"),
            }
        })
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.last_state.as_ref();
        f.debug_struct("Wait").field("limit", &self.limit).field("last_state", &last).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
