//! `MakePlan`: compares the clusters that exist with those that should.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use super::all_projects::Project;
use super::desired::{DesiredState, ProjectRef};
use super::plan::{ClusterLimit, Plan, PlannedAction, PlannedCluster};
use crate::engine::account::{Scope, list};
use crate::engine::future::{awaitable, try_join_all};
use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::facade::clusters::{bulk::CONCURRENCY, catalogue::Catalogue, compare, find};
use crate::facade::{client::EloqApi, operations};
use crate::schema::{ClusterListItem, ClusterStatus, CreateClusterRequest};
use crate::types::{operation::Operation, setters::setters, text};

impl EloqApi {
    /// Compares the clusters that exist with those that should, and returns what [applying](Plan::apply) the difference would do.
    /// It changes nothing.
    ///
    /// It requests the account at most once, each page of the lists, and each needed combination of type, module and cloud of the
    /// catalogue once. It describes a cluster only if the list does not name its SKU.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use eloq_sdk::{ClusterSpec, DesiredState};
    ///
    /// let desired = DesiredState::new([ClusterSpec::new("orders", "us-west-1", 101)]);
    /// let plan = client.plan(desired).await?;
    /// println!("{plan}");
    /// plan.apply().wait_until_connectable(true).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn plan(&self, desired: DesiredState) -> MakePlan {
        MakePlan {
            session: self.session().clone(),
            desired,
            prune: false,
            prune_prefix: None,
            prune_names: None,
            cluster_limit: None,
        }
    }
}

/// A request for a plan; see [`EloqApi::plan`].
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi, desired: eloq_sdk::DesiredState) -> eloq_sdk::Result<()> {
/// let plan = client.plan(desired).prune(true).prune_prefix("ci-").cluster_limit(100).await?;
/// println!("{plan}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct MakePlan {
    session: Session,
    desired: DesiredState,
    prune: bool,
    prune_prefix: Option<String>,
    prune_names: Option<HashSet<String>>,
    cluster_limit: Option<u64>,
}

setters! {
    MakePlan;

    /// Sets whether clusters that are not desired are to be deleted; the default is `false`. It concerns the projects of the desired
    /// clusters, and that of the desired state.
    prune(prune: bool) => prune;

    /// Limits [`prune`](Self::prune) to names that begin with this prefix.
    prune_prefix(prefix: impl Into<String>) => Some(prefix.into());

    /// Limits [`prune`](Self::prune) to these names.
    prune_names(names: impl IntoIterator<Item: Into<String>>) => Some(names.into_iter().map(Into::into).collect());

    /// Sets how many clusters the account may have in all projects together, so that the plan says whether it fits. The API does not
    /// tell this number. It takes a request for the account, and one for each project without a desired cluster.
    cluster_limit(clusters: u64) => Some(clusters);
}

/// A project with its desired clusters by name.
struct PlannedProject {
    project: Project,
    desired: BTreeMap<String, CreateClusterRequest>,
}

impl MakePlan {
    /// Reads what exists and compares; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] for an invalid or repeated name, an unknown project, and a described SKU that no SKU or several SKUs
    /// match; the message names the candidates. See [`EloqApi`](crate::EloqApi#errors) for the rest.
    pub async fn send(self) -> Result<Plan> {
        for (_, spec) in self.desired.clusters() {
            spec.check().map_err(|error| of_cluster(spec.cluster_name(), error))?;
        }
        let made_at = SystemTime::now();
        let catalogue = Arc::new(Catalogue::default());
        let account = self.account_projects().await?;
        let projects = self.projects(&account, &catalogue).await?;
        let sessions: BTreeMap<_, _> =
            projects.iter().map(|(id, planned)| (*id, planned.project.session.clone())).collect();
        let lists = sessions.values().cloned().map(|session| async move { find::read_complete_list(&session).await });
        let lists = try_join_all(CONCURRENCY, lists).await?;
        let listed: u64 = lists.iter().map(|list| list.len() as u64).sum();
        let (mut clusters, mut comparing) = (Vec::new(), Vec::new());
        for (PlannedProject { project, desired }, mut listed) in projects.into_values().zip(lists) {
            let Project { scope, session } = project;
            comparing.extend(desired.into_iter().map(|(name, request)| {
                let found = listed.remove(&name);
                compare_cluster(session.clone(), scope.clone(), catalogue.clone(), request, found)
            }));
            let pruned = listed.into_values().filter(|found| self.may_prune(&found.cluster_name));
            clusters
                .extend(pruned.map(|found| planned(&scope, &found.cluster_name, PlannedAction::Delete, Some(&found))));
        }
        clusters.extend(try_join_all(CONCURRENCY, comparing).await?);
        clusters.sort_unstable_by(|one, other| place(one).cmp(&place(other)));
        let mut plan = Plan { made_at, clusters, limit: None, sessions };
        if let Some(limit) = self.cluster_limit {
            let existing = listed + self.count_others(account, &plan).await?;
            plan.limit = Some(ClusterLimit { limit, existing, planned: plan.clusters_after(existing) });
        }
        Ok(plan)
    }

    /// The projects of the account, if they are needed.
    async fn account_projects(&self) -> Result<Vec<Project>> {
        let named = self.desired.project.is_some() || self.desired.clusters().any(|(project, _)| project.is_some());
        if named || self.cluster_limit.is_some() { Project::all(&self.session).await } else { Ok(Vec::new()) }
    }

    /// The projects that the plan is about, by id.
    async fn projects(&self, account: &[Project], catalogue: &Catalogue) -> Result<BTreeMap<i64, PlannedProject>> {
        let mut projects = BTreeMap::new();
        if self.desired.clusters().next().is_none() {
            self.add_project(&mut projects, account, self.desired.project.as_ref()).await?;
        }
        for (reference, spec) in self.desired.clusters() {
            let PlannedProject { project, desired } = self.add_project(&mut projects, account, reference).await?;
            let name = spec.cluster_name();
            let request = spec.resolve(catalogue.within(&project.session, project.session.deadline())).await;
            let request = request.map_err(|error| of_cluster(name, error))?;
            if desired.insert(name.to_owned(), request).is_some() {
                let (name, project) = (text::line(name, 255), text::line(&project.scope.project_name, 100));
                return Err(Error::invalid_input("cluster_name", format!("{name} comes twice in project {project}")));
            }
        }
        Ok(projects)
    }

    async fn add_project<'p>(
        &self,
        projects: &'p mut BTreeMap<i64, PlannedProject>,
        account: &[Project],
        reference: Option<&ProjectRef>,
    ) -> Result<&'p mut PlannedProject> {
        let project = match reference {
            None => Project::of(&self.session).await?,
            Some(reference) => find_project(account, reference)?.clone(),
        };
        let planned = PlannedProject { project, desired: BTreeMap::new() };
        Ok(projects.entry(planned.project.scope.project_id).or_insert(planned))
    }

    fn may_prune(&self, name: &str) -> bool {
        self.prune
            && self.prune_prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
            && self.prune_names.as_ref().is_none_or(|names| names.contains(name))
    }

    /// How many clusters the projects have that the plan is not about.
    async fn count_others(&self, account: Vec<Project>, plan: &Plan) -> Result<u64> {
        let others = account.into_iter().filter(|project| !plan.sessions.contains_key(&project.scope.project_id));
        let counting = others.map(|Project { session, .. }| async move {
            let page = operations::list_clusters(&session, session.deadline(), 1, 1).await?;
            Ok(page.into_data(Operation::ListClusters)?.total.max(0).unsigned_abs())
        });
        Ok(try_join_all(CONCURRENCY, counting).await?.into_iter().sum())
    }
}

awaitable! { MakePlan => Result<Plan> }

async fn compare_cluster(
    session: Session,
    scope: Scope,
    catalogue: Arc<Catalogue>,
    request: CreateClusterRequest,
    found: Option<ClusterListItem>,
) -> Result<PlannedCluster> {
    let action = match &found {
        // A cluster that is being deleted is unavailable.
        None | Some(ClusterListItem { status: ClusterStatus::Unavailable, .. }) => PlannedAction::Create,
        Some(found) => match compare::compare(catalogue.within(&session, session.deadline()), &request, found).await? {
            same if same.is_empty() => PlannedAction::Keep,
            differences => PlannedAction::Differs(differences),
        },
    };
    let planned = planned(&scope, &request.cluster_name, action, found.as_ref());
    Ok(PlannedCluster { request: (planned.action == PlannedAction::Create).then_some(request), ..planned })
}

fn planned(
    scope: &Scope,
    name: impl Into<String>,
    action: PlannedAction,
    found: Option<&ClusterListItem>,
) -> PlannedCluster {
    PlannedCluster {
        project_id: scope.project_id,
        project_name: scope.project_name.clone(),
        cluster_name: name.into(),
        action,
        status: found.map(|found| found.status.clone()),
        created_at: found.map(|found| found.create_at.clone()),
        request: None,
    }
}

/// The order of a plan.
fn place(cluster: &PlannedCluster) -> (&str, i64, &str) {
    (&cluster.project_name, cluster.project_id, &cluster.cluster_name)
}

fn of_cluster(name: &str, error: Error) -> Error {
    match error {
        Error::InvalidInput { parameter, reason } => {
            Error::invalid_input(parameter, format!("{reason}, for the cluster {}", text::line(name, 255)))
        }
        error => error,
    }
}

fn find_project<'p>(account: &'p [Project], reference: &ProjectRef) -> Result<&'p Project> {
    let is_meant = |project: &&Project| match reference {
        ProjectRef::Id(id) => project.scope.project_id == *id,
        ProjectRef::Name(name) => project.scope.project_name == *name,
    };
    let found: Vec<&Project> = account.iter().filter(is_meant).collect();
    let reason = match found[..] {
        [only] => return Ok(only),
        [] => {
            let all = list(account.iter().map(|Project { scope, .. }| (scope.project_id, &*scope.project_name)));
            format!("no project is {reference}; the account has {all}")
        }
        _ => format!("several projects are {reference}: choose one by its id"),
    };
    Err(Error::invalid_input("project", reason))
}
