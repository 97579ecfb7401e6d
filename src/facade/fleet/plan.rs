//! `Plan`: what applying a desired state would do.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde::{Serialize, Serializer};

use crate::engine::session::Session;
use crate::facade::clusters::{compare::Difference, deletable::is_same_time};
use crate::schema::{ClusterListItem, ClusterStatus, CreateClusterRequest, Timestamp};
use crate::types::text;

/// What [`apply`](Self::apply) would do, as [`EloqApi::plan`](crate::EloqApi::plan) found it.
///
/// Display prints a line for each cluster that is not as desired, and a summary:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> eloq_sdk::Result<()> {
/// use eloq_sdk::simulator::Simulator;
/// use eloq_sdk::{ClusterSpec, DesiredState};
///
/// let cloud = Simulator::builder().cluster("old").cluster("sessions").start().await?;
/// let orders = ClusterSpec::new("orders", "us-west-1", 101);
/// let sessions = ClusterSpec::new("sessions", "us-east-1", 101);
/// let plan = cloud.client().plan(DesiredState::new([orders, sessions])).prune(true).cluster_limit(3).await?;
/// assert_eq!(
///     plan.to_string(),
///     "- old\n\
///      + orders\n\
///      ~ sessions: region is us-west-1 and not us-east-1\n\
///      1 to create, 1 to delete, 1 differs, 0 unchanged\n\
///      limit of clusters: 2 of 3 after this plan\n"
/// );
/// # Ok(())
/// # }
/// ```
///
/// It serializes as `{"made_at", "clusters", "limit"}`; `made_at` is text as in `2025-08-26T08:06:41Z`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "What applying a desired state would do."))]
#[non_exhaustive]
pub struct Plan {
    /// When the clusters were read, by the clock of this machine.
    #[serde(serialize_with = "rfc3339")]
    #[cfg_attr(feature = "schemars", schemars(with = "Timestamp"))]
    pub made_at: SystemTime,
    /// The desired clusters and those to delete, by project and name.
    pub clusters: Vec<PlannedCluster>,
    /// The account's limit of clusters; `None` if it is not known, since the API does not tell it.
    pub limit: Option<ClusterLimit>,
    /// By project.
    #[serde(skip)]
    pub(super) sessions: BTreeMap<i64, Session>,
}

fn rfc3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_rfc3339_seconds(*time))
}

/// A cluster of a [`Plan`].
///
/// It serializes under the names of its fields, with `action` as a string, and with `differences` if it differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "A cluster of a plan."))]
#[non_exhaustive]
pub struct PlannedCluster {
    /// Id of the project.
    pub project_id: i64,
    /// Name of the project.
    pub project_name: String,
    /// Name of the cluster.
    pub cluster_name: String,
    /// What is to be done.
    #[serde(flatten)]
    pub action: PlannedAction,
    /// The status of the existing cluster; `None` if there is none.
    pub status: Option<ClusterStatus>,
    /// When the existing cluster was created; `None` if there is none.
    pub created_at: Option<Timestamp>,
    /// Of a cluster that is to be created.
    #[serde(skip)]
    pub(super) request: Option<CreateClusterRequest>,
}

/// What is to be done with a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", content = "differences", rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum PlannedAction {
    /// It does not exist. If a cluster of its name is unavailable, as one that is being deleted is, it is created when that is gone.
    Create,
    /// It is as desired.
    Keep,
    /// It differs. The API cannot change a cluster, so it stays as it is.
    Differs(Vec<Difference>),
    /// It is not desired.
    Delete,
}

/// The account's limit of clusters, in all projects together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ClusterLimit {
    /// How many clusters the account may have.
    pub limit: u64,
    /// How many it has.
    pub existing: u64,
    /// How many it has after the plan.
    pub planned: u64,
}

impl Plan {
    /// Returns true if applying the plan would create or delete a cluster.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.count(|action| matches!(action, PlannedAction::Create | PlannedAction::Delete)) > 0
    }

    /// Returns true if the plan creates clusters for which the known limit has no room. Then [`apply`](Self::apply) refuses it.
    #[must_use]
    pub fn exceeds_limit(&self) -> bool {
        self.limit.is_some_and(|limit| limit.planned > limit.limit) && self.creates() > 0
    }

    /// How many clusters there are after the plan: one that is unavailable is replaced.
    pub(super) fn clusters_after(&self, existing: u64) -> u64 {
        let deletes = self.count(|action| *action == PlannedAction::Delete) as u64;
        let is_new =
            |cluster: &&PlannedCluster| cluster.action == PlannedAction::Create && cluster.created_at.is_none();
        let creates = self.clusters.iter().filter(is_new).count() as u64;
        (existing + creates).saturating_sub(deletes)
    }

    fn count(&self, accept: impl Fn(&PlannedAction) -> bool) -> usize {
        self.clusters.iter().filter(|cluster| accept(&cluster.action)).count()
    }

    fn creates(&self) -> usize {
        self.count(|action| *action == PlannedAction::Create)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut project = None;
        for cluster in self.clusters.iter().filter(|cluster| cluster.action != PlannedAction::Keep) {
            if self.sessions.len() > 1 && project.replace(cluster.project_id) != Some(cluster.project_id) {
                writeln!(f, "project {} ({}):", text::line(&cluster.project_name, 100), cluster.project_id)?;
            }
            let indent = if project.is_some() { "  " } else { "" };
            writeln!(f, "{indent}{cluster}")?;
        }
        let creates = self.creates();
        let deletes = self.count(|action| *action == PlannedAction::Delete);
        let differ = self.count(|action| matches!(action, PlannedAction::Differs(_)));
        let differs = if differ == 1 { "differs" } else { "differ" };
        let unchanged = self.count(|action| *action == PlannedAction::Keep);
        writeln!(f, "{creates} to create, {deletes} to delete, {differ} {differs}, {unchanged} unchanged")?;
        match self.limit {
            Some(ClusterLimit { limit, planned, .. }) => {
                let exceeds = if self.exceeds_limit() { ", which does not fit" } else { "" };
                writeln!(f, "limit of clusters: {planned} of {limit} after this plan{exceeds}")
            }
            None if creates > 0 => writeln!(f, "limit of clusters: not known"),
            None => Ok(()),
        }
    }
}

impl PlannedCluster {
    /// Whether a cluster of its name is the one that the plan found.
    pub(super) fn is_same(&self, found: &ClusterListItem) -> bool {
        self.created_at.as_ref().is_some_and(|created| is_same_time(created, &found.create_at))
    }

    /// Whether it deletes this cluster of its name.
    pub(super) fn deletes(&self, found: &ClusterListItem) -> bool {
        self.action == PlannedAction::Delete && self.is_same(found)
    }
}

impl fmt::Display for PlannedCluster {
    /// As in `+ orders`, or `~ sessions: zone is us-west-1b and not us-west-1a`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = text::line(&self.cluster_name, 255);
        match (&self.action, &self.status) {
            (PlannedAction::Create, None) => write!(f, "+ {name}"),
            (PlannedAction::Create, Some(status)) => {
                write!(f, "+ {name} (when the {status} cluster of this name is gone)")
            }
            (PlannedAction::Keep, _) => write!(f, "  {name}"),
            (PlannedAction::Differs(differences), _) => {
                let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
                write!(f, "~ {name}: {}", differences.join(", "))
            }
            (PlannedAction::Delete, Some(status)) if !status.is_deletable() => {
                write!(f, "- {name} (when it can be deleted: its status is {status})")
            }
            (PlannedAction::Delete, _) => write!(f, "- {name}"),
        }
    }
}
