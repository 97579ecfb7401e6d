//! `AllProjects`: the results of a request in every project of the account.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, vec};

use futures_core::Stream;
use serde::Serialize;

use crate::engine::future::{BoxFuture, awaitable};
use crate::engine::{account::Scope, call::resolve_scope, session::Session};
use crate::error::Result;
use crate::facade::operations;

/// In how many projects requests run at the same time.
pub(super) const CONCURRENT_PROJECTS: usize = 4;

/// A project, and the session of calls in it.
#[derive(Clone)]
pub(crate) struct Project {
    pub(crate) scope: Scope,
    pub(crate) session: Session,
}

impl Project {
    /// The project of the session.
    pub(crate) async fn of(session: &Session) -> Result<Self> {
        let scope = resolve_scope(session, session.deadline()).await?.clone();
        Ok(Self { scope, session: session.clone() })
    }

    /// Every project of the account, in its order, from one request.
    ///
    /// # Errors
    ///
    /// [`Error::NoProject`](crate::error::Error::NoProject) if there is none.
    pub(crate) async fn all(session: &Session) -> Result<Vec<Self>> {
        let account = operations::org_info(session, session.deadline()).await?;
        let projects = session.account().all_projects(&account.org_info)?.into_iter();
        Ok(projects.map(|(scope, account)| Self { scope, session: session.with_account(account) }).collect())
    }
}

/// A result of one project.
///
/// It serializes as `{"project", "value", "error"}`: `value` is the value of `result` or null, `error` its
/// [serialized error](crate::Error#serialization) or null.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// for each in client.clusters().all_projects().await? {
///     match each.result {
///         Ok(cluster) => println!("{}: {}", each.project.project_name, cluster.cluster_name),
///         Err(error) => eprintln!("{}: {error:#}", each.project.project_name),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(bound = "T: Serialize")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "A result of one project."))]
#[non_exhaustive]
pub struct ProjectResult<T> {
    /// The project.
    pub project: Scope,
    /// What came from it, or why nothing more comes from it.
    #[serde(flatten, serialize_with = "crate::error::outcome::serialize")]
    #[cfg_attr(feature = "schemars", schemars(with = "crate::error::outcome::Outcome<T>"))]
    pub result: Result<T>,
}

type ResultStream<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

/// The results of a request in every project of the account: a stream of results as they come, and a future of all results in the
/// order of the projects and of their lists.
///
/// One request reads which projects there are; up to 4 projects are worked on at the same time. A project that fails has that error
/// as a `result`; the others continue. If the projects cannot be read, the future and the stream fail.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let mut described = client.describe_all().all_projects();
/// while let Some(each) = described.next().await.transpose()? {
///     let project = each.project.project_name;
///     match each.result {
///         Ok(described) => println!("{project}: {}", described.cluster.cluster_name),
///         Err(error) => eprintln!("{project}: {error:#}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct AllProjects<T> {
    open: Box<dyn Fn(Session) -> ResultStream<T> + Send>,
    /// Where a result stands among those of its project.
    position: fn(&T) -> usize,
    /// Until the projects are known.
    reading: Option<BoxFuture<'static, Result<Vec<Project>>>>,
    order: Vec<i64>,
    waiting: vec::IntoIter<Project>,
    running: Vec<(Scope, ResultStream<T>)>,
}

impl<T: Send + 'static> AllProjects<T> {
    /// `open` makes the request in a project. `checked` is whether its options are valid.
    pub(crate) fn new<S: Stream<Item = Result<T>> + Send + 'static>(
        session: Session,
        checked: Result<()>,
        open: impl Fn(Session) -> S + Send + 'static,
        position: fn(&T) -> usize,
    ) -> Self {
        let projects = async move {
            checked?;
            Project::all(&session).await
        };
        Self {
            open: Box::new(move |session| Box::pin(open(session))),
            position,
            reading: Some(Box::pin(projects)),
            order: Vec::new(),
            waiting: Vec::new().into_iter(),
            running: Vec::new(),
        }
    }

    /// Returns the next result; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<ProjectResult<T>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Makes the request in every project, and returns the results in the order of the projects and of their lists; the same as
    /// awaiting it. The error of a project follows its results.
    ///
    /// # Errors
    ///
    /// The error of reading the account, [`Error::NoProject`](crate::Error::NoProject) if it has no project, and
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) for an invalid option.
    pub async fn send(mut self) -> Result<Vec<ProjectResult<T>>> {
        let mut all = Vec::new();
        while let Some(each) = self.next().await.transpose()? {
            all.push(each);
        }
        all.sort_by_cached_key(|ProjectResult { project, result }| {
            let project = self.order.iter().position(|id| *id == project.project_id);
            (project, result.as_ref().map_or(usize::MAX, self.position))
        });
        Ok(all)
    }

    fn poll_running(&mut self, context: &mut Context<'_>) -> Poll<Option<ProjectResult<T>>> {
        loop {
            let free = CONCURRENT_PROJECTS.saturating_sub(self.running.len());
            let opened =
                self.waiting.by_ref().take(free).map(|Project { scope, session }| (scope, (self.open)(session)));
            self.running.extend(opened);
            let polled = self.running.iter_mut().enumerate().find_map(|(place, (scope, stream))| {
                match stream.as_mut().poll_next(context) {
                    Poll::Ready(item) => Some((place, item.map(|result| (scope.clone(), result)))),
                    Poll::Pending => None,
                }
            });
            match polled {
                Some((_, Some((project, result)))) => return Poll::Ready(Some(ProjectResult { project, result })),
                Some((place, None)) => drop(self.running.remove(place)),
                None if self.running.is_empty() => return Poll::Ready(None),
                None => return Poll::Pending,
            }
        }
    }
}

impl<T> Unpin for AllProjects<T> {}

impl<T: Send + 'static> Stream for AllProjects<T> {
    type Item = Result<ProjectResult<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(reading) = &mut self.reading {
            let projects = ready!(reading.as_mut().poll(context));
            self.reading = None;
            match projects {
                Ok(projects) => {
                    self.order = projects.iter().map(|project| project.scope.project_id).collect();
                    self.waiting = projects.into_iter();
                }
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        self.poll_running(context).map(|next| next.map(Ok))
    }
}

awaitable! { AllProjects<T> => Result<Vec<ProjectResult<T>>> }

impl<T> fmt::Debug for AllProjects<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllProjects").field("projects", &self.order).finish_non_exhaustive()
    }
}
