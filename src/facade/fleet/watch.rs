//! `ClusterWatch`: the changes of the list of clusters, from one reading of the list in each interval.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::stream::{BoxStream, Stream, StreamExt, try_unfold};

use super::all_projects::{CONCURRENT_PROJECTS, Project, ProjectResult};
use super::change::{ClusterChange, ClusterSnapshot, Clusters};
use crate::engine::future::try_join_all;
use crate::engine::{account::Scope, backoff::Backoff, session::Session};
use crate::error::{Error, Result};
use crate::facade::client::EloqApi;
use crate::facade::clusters::find::{self, Listing};
use crate::facade::clusters::{observed::CallStart, waiter};
use crate::types::{debug::debug, extra::Extra};

/// The longest interval of a wait.
const POLL_INTERVAL: Duration = Duration::from_secs(15);

impl EloqApi {
    /// Watches the list of clusters: returns what exists, and then each change.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let mut watch = client.watch_clusters();
    /// while let Some(each) = watch.next().await.transpose()? {
    ///     match each.result {
    ///         Ok(change) => println!("{change}"),
    ///         Err(error) => eprintln!("the watch continues: {error:#}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch_clusters(&self) -> ClusterWatch {
        ClusterWatch::new(self.session().clone())
    }
}

/// A watch of the list of clusters: a stream of [changes](ClusterChange).
///
/// It reads the list immediately and then once in each interval, in as few pages of 50 as there are, however many clusters it
/// contains. The clusters of the first list are `Added`, unless the watch [resumes](Self::resume_from). Changes that come and go
/// between two lists are not seen. The changes of one list are in the order of the projects and of the names; a cluster that was
/// deleted and created again is `Removed` and then `Added`. A list that shows fewer clusters than it has removes none.
///
/// A failure that can pass is a `result` of its project, and the watch continues; `Retry-After` makes the interval longer. Any other
/// error, such as a credential that is no longer valid or [`close`](EloqApi::close), is an `Err` of the stream and ends it. In
/// [all projects](Self::all_projects), an error that only concerns one project is a `result` of it; the project is not watched any
/// longer.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use std::time::Duration;
///
/// let mut watch = client.watch_clusters().poll_interval(Duration::from_secs(60)).all_projects();
/// while let Some(each) = watch.next().await.transpose()? {
///     let project = each.project.project_name;
///     match each.result {
///         Ok(change) => println!("{project}: {change}"),
///         Err(error) => eprintln!("{project}: {error:#}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until next() is called"]
pub struct ClusterWatch {
    watcher: Watcher,
    /// From the first poll.
    lists: Option<BoxStream<'static, Result<Lists>>>,
    snapshot: ClusterSnapshot,
    /// Of the last list. The snapshot does not contain them yet.
    changes: VecDeque<ProjectResult<ClusterChange>>,
}

impl ClusterWatch {
    fn new(session: Session) -> Self {
        let watcher = Watcher {
            session,
            poll_interval: POLL_INTERVAL,
            all_projects: false,
            known_projects: Vec::new(),
            projects: Vec::new(),
            next_poll: None,
        };
        Self { watcher, lists: None, snapshot: ClusterSnapshot::default(), changes: VecDeque::new() }
    }

    fn with(mut self, change: impl FnOnce(&mut Watcher)) -> Self {
        change(&mut self.watcher);
        self
    }

    /// Sets the interval between two lists, with up to 20 % jitter; the default is 15 s. Zero is refused with
    /// [`Error::InvalidInput`] before anything is sent.
    pub fn poll_interval(self, interval: Duration) -> Self {
        self.with(|watcher| watcher.poll_interval = interval)
    }

    /// Watches every project of the account, up to 4 lists at the same time. One request reads which projects there are when the
    /// watch begins.
    pub fn all_projects(self) -> Self {
        self.with(|watcher| watcher.all_projects = true)
    }

    /// Continues from what an earlier watch [knew](Self::snapshot): the first changes are those since then. A snapshot of another
    /// project is refused with [`Error::InvalidInput`].
    pub fn resume_from(mut self, known: ClusterSnapshot) -> Self {
        let known_projects = known.projects().collect();
        self.snapshot = known;
        self.with(|watcher| watcher.known_projects = known_projects)
    }

    /// Returns the clusters as of the last change that the watch returned.
    pub fn snapshot(&self) -> &ClusterSnapshot {
        &self.snapshot
    }

    /// Returns the next change or passing failure. An `Err` is the end of the watch: `None` follows. Dropping this future, as
    /// `tokio::select!` does, loses nothing.
    pub async fn next(&mut self) -> Option<Result<ProjectResult<ClusterChange>>> {
        StreamExt::next(self).await
    }

    /// Turns a list into the changes since the snapshot.
    fn add(&mut self, ProjectResult { project, result }: ProjectResult<Listing>) {
        let failure = match result {
            Ok(Listing { clusters, is_complete }) => {
                let listed = clusters.into_iter().map(|(name, mut listed)| {
                    // Neither kept nor compared: a snapshot does not contain them.
                    listed.cluster.extra = Extra::default();
                    (name, listed.cluster)
                });
                let changes = self.snapshot.changes(project.project_id, listed.collect::<Clusters>(), is_complete);
                let changes = changes.into_iter().map(Ok);
                self.changes.extend(changes.map(|result| ProjectResult { project: project.clone(), result }));
                (!is_complete).then(find::incomplete)
            }
            Err(error) => Some(error),
        };
        self.changes.extend(failure.map(|error| ProjectResult { project, result: Err(error) }));
    }
}

impl Stream for ClusterWatch {
    type Item = Result<ProjectResult<ClusterChange>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(each) = self.changes.pop_front() {
                if let Ok(change) = &each.result {
                    self.snapshot.apply(each.project.project_id, change);
                }
                return Poll::Ready(Some(Ok(each)));
            }
            let Self { watcher, lists, .. } = &mut *self;
            let lists = lists.get_or_insert_with(|| Box::pin(try_unfold(watcher.clone(), Watcher::poll)));
            match ready!(lists.as_mut().poll_next(context)?) {
                Some(lists) => lists.into_iter().for_each(|list| self.add(list)),
                None => return Poll::Ready(None),
            }
        }
    }
}

debug! { ClusterWatch {} }

/// The lists of one poll.
type Lists = Vec<ProjectResult<Listing>>;

/// What a watch needs between two polls.
#[derive(Clone)]
struct Watcher {
    session: Session,
    poll_interval: Duration,
    all_projects: bool,
    /// Those of the snapshot.
    known_projects: Vec<i64>,
    /// Those that are watched; none before the first poll.
    projects: Vec<Project>,
    /// The delay before the next poll; `None` before the first.
    next_poll: Option<Duration>,
}

impl Watcher {
    /// Polls once, when it is time; `None` if nothing is left to watch. An error ends the watch.
    async fn poll(mut self) -> Result<Option<(Lists, Self)>> {
        match self.next_poll {
            Some(_) if self.projects.is_empty() => return Ok(None),
            Some(delay) => self.session.sleep(delay).await?,
            None => self.begin().await?,
        }
        let lists = self.projects.clone().into_iter().map(|Project { scope, session }| async move {
            let result = find::read_list(&session, CallStart::now(), None).await;
            Ok(ProjectResult { project: scope, result })
        });
        let lists = try_join_all(CONCURRENT_PROJECTS, lists).await?;
        let mut delay = Backoff::constant(self.poll_interval).delay(0, self.session.random()());
        for ProjectResult { project, result } in &lists {
            let Err(error) = result else { continue };
            delay = delay.max(error.retry_after().unwrap_or_default());
            if !error.is_retryable() {
                if !self.all_projects || matches!(error, Error::Authentication { .. } | Error::Closed) {
                    return Err(error.clone());
                }
                self.projects.retain(|watched| watched.scope != *project);
            }
        }
        self.next_poll = Some(delay);
        Ok(Some((lists, self)))
    }

    async fn begin(&mut self) -> Result<()> {
        waiter::check_interval(Some(self.poll_interval))?;
        self.projects = match self.all_projects {
            true => Project::all(&self.session).await?,
            false => vec![Project::of(&self.session).await?],
        };
        for id in &self.known_projects {
            if self.projects.iter().any(|project| project.scope.project_id == *id) {
                continue;
            }
            let Some(first) = self.projects.first().filter(|_| self.all_projects) else {
                let reason = format!("the snapshot is of project {id}, which is not watched");
                return Err(Error::invalid_input("resume_from", reason));
            };
            // Its list fails with an error that says so.
            let gone = Scope { project_id: *id, project_name: String::new(), ..first.scope.clone() };
            let session = self.session.with_account(self.session.account().with_project(*id));
            self.projects.push(Project { scope: gone, session });
        }
        Ok(())
    }
}
