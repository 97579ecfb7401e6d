//! `AllProjects`: the results of a request in every project of the account.

use futures_util::{Stream, StreamExt, TryFutureExt, stream};
use serde::Serialize;

use crate::engine::future::{Results, results};
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
pub struct AllProjects<T>(Results<ProjectResult<T>, (usize, usize)>);

impl<T: Send + 'static> AllProjects<T> {
    /// `open` makes the request in a project. `checked` is whether its options are valid. `position` is where a result stands among
    /// those of its project.
    pub(crate) fn new<S: Stream<Item = Result<T>> + Send + 'static>(
        session: Session,
        checked: Result<()>,
        open: impl Fn(Session) -> S + Send + 'static,
        position: fn(&T) -> usize,
    ) -> Self {
        let results = async move {
            checked?;
            let projects = Project::all(&session).await?.into_iter().enumerate();
            let opened = projects.map(move |(number, Project { scope, session })| {
                let results = open(session).map(move |result| {
                    let place = (number, result.as_ref().map_or(usize::MAX, position));
                    Ok((place, ProjectResult { project: scope.clone(), result }))
                });
                Box::pin(results)
            });
            Ok(stream::iter(opened).flatten_unordered(CONCURRENT_PROJECTS))
        };
        Self(Box::pin(results.try_flatten_stream()))
    }

    fn results(&mut self) -> &mut Results<ProjectResult<T>, (usize, usize)> {
        &mut self.0
    }
}

results! {
    AllProjects<T> => ProjectResult<T>;

    /// Returns the next result; `None` after the last.
    next;

    /// Makes the request in every project, and returns the results in the order of the projects and of their lists; the same as
    /// awaiting it. The error of a project follows its results.
    ///
    /// # Errors
    ///
    /// The error of reading the account, [`Error::NoProject`](crate::Error::NoProject) if it has no project, and
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) for an invalid option.
    send;
}
