//! `ClusterChange`: how a list of clusters differs from an earlier one, and `ClusterSnapshot`: the lists as far as they are known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::schema::ClusterListItem;
use crate::types::text;

/// A change of the list of clusters, as [`watch_clusters`](crate::EloqApi::watch_clusters) returns it.
///
/// It serializes as `{"change": "added", "cluster": {…}}`, with `removed` in the same form, and for `changed` with
/// `{"from": {…}, "to": {…}}` as the cluster. The clusters have no unknown fields in `extra`.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> eloq_sdk::Result<()> {
/// use eloq_sdk::simulator::Simulator;
///
/// let cloud = Simulator::builder().cluster("orders").start().await?;
/// let mut watch = cloud.client().watch_clusters();
/// let change = watch.next().await.transpose()?.unwrap().result?;
/// assert_eq!(change.to_string(), "+ orders: available");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", content = "cluster", rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "A change of the list of clusters."))]
#[non_exhaustive]
pub enum ClusterChange {
    /// The cluster is new in the list.
    Added(Box<ClusterListItem>),
    /// The cluster differs, in its status or another field.
    Changed {
        /// The cluster as it was listed before.
        from: Box<ClusterListItem>,
        /// The cluster as it is listed now.
        to: Box<ClusterListItem>,
    },
    /// The cluster, as it was listed last, no longer exists.
    Removed(Box<ClusterListItem>),
}

impl ClusterChange {
    /// Returns the cluster as it is listed now, or as it was listed last.
    pub fn cluster(&self) -> &ClusterListItem {
        match self {
            Self::Added(cluster) | Self::Changed { to: cluster, .. } | Self::Removed(cluster) => cluster,
        }
    }
}

impl fmt::Display for ClusterChange {
    /// One line, as in `+ orders: provisioning`, `~ orders: status provisioning → available` and `- orders`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = text::line(&self.cluster().cluster_name, 100);
        match self {
            Self::Added(cluster) => write!(f, "+ {name}: {}", cluster.status),
            Self::Changed { from, to } => {
                write!(f, "~ {name}")?;
                let mut separator = ": ";
                for ((field, from), (_, to)) in fields(from).iter().zip(fields(to)).filter(|(from, to)| *from != to) {
                    write!(f, "{separator}{field} {} → {}", text::line(from, 100), text::line(to, 100))?;
                    separator = ", ";
                }
                Ok(())
            }
            Self::Removed(_) => write!(f, "- {name}"),
        }
    }
}

/// What of a cluster can change.
fn fields(cluster: &ClusterListItem) -> [(&str, &str); 8] {
    [
        ("status", cluster.status.as_str()),
        ("version", &cluster.version),
        ("SKU", cluster.sku_name.as_deref().unwrap_or("none")),
        ("zone", &cluster.zone),
        ("region", &cluster.region),
        ("cloud", cluster.cloud_provider.as_str()),
        ("module", cluster.module_type.as_str()),
        ("creation", cluster.create_at.as_str()),
    ]
}

/// The clusters that a watch knows, by project and name: with it, a later watch continues where this one ended.
///
/// It serializes as `{"147": {"orders": {…}}}`, with the ids of the projects, and contains no secrets.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> Result<(), Box<dyn std::error::Error>> {
/// use eloq_sdk::ClusterSnapshot;
///
/// let known: ClusterSnapshot = serde_json::from_str(&std::fs::read_to_string("clusters.json")?)?;
/// let mut watch = client.watch_clusters().resume_from(known);
/// while let Some(each) = watch.next().await.transpose()? {
///     println!("{}", each.result?);
///     std::fs::write("clusters.json", serde_json::to_string(watch.snapshot())?)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The clusters that a watch knows, by project and name."))]
pub struct ClusterSnapshot(BTreeMap<i64, Clusters>);

/// The clusters of a project, by name.
pub(super) type Clusters = BTreeMap<String, ClusterListItem>;

impl ClusterSnapshot {
    /// Returns the clusters with the ids of their projects, in the order of both.
    ///
    /// ```
    /// assert_eq!(eloq_sdk::ClusterSnapshot::default().clusters().count(), 0);
    /// ```
    pub fn clusters(&self) -> impl Iterator<Item = (i64, &ClusterListItem)> {
        self.0.iter().flat_map(|(project_id, clusters)| clusters.values().map(|cluster| (*project_id, cluster)))
    }

    pub(super) fn projects(&self) -> impl Iterator<Item = i64> {
        self.0.keys().copied()
    }

    /// The changes of a project since then: by name, and of one name the removal first. Clusters that `listed` lacks are removed if
    /// it is complete.
    pub(super) fn changes(&self, project_id: i64, listed: Clusters, is_complete: bool) -> Vec<ClusterChange> {
        let none = Clusters::new();
        let known = self.0.get(&project_id).unwrap_or(&none);
        let names: BTreeSet<_> = known.keys().chain(listed.keys()).collect();
        let mut changes = Vec::new();
        for name in names {
            let clone = |cluster: &ClusterListItem| Box::new(cluster.clone());
            match (known.get(name), listed.get(name)) {
                (Some(from), Some(to)) if is_another(from, to) => {
                    changes.extend([ClusterChange::Removed(clone(from)), ClusterChange::Added(clone(to))]);
                }
                (Some(from), Some(to)) if from != to => {
                    changes.push(ClusterChange::Changed { from: clone(from), to: clone(to) });
                }
                (Some(from), None) if is_complete => changes.push(ClusterChange::Removed(clone(from))),
                (None, Some(to)) => changes.push(ClusterChange::Added(clone(to))),
                _ => {}
            }
        }
        changes
    }

    pub(super) fn apply(&mut self, project_id: i64, change: &ClusterChange) {
        let clusters = self.0.entry(project_id).or_default();
        let cluster = change.cluster();
        match change {
            ClusterChange::Removed(_) => clusters.remove(&cluster.cluster_name),
            _ => clusters.insert(cluster.cluster_name.clone(), cluster.clone()),
        };
    }
}

/// Whether it is another cluster of the same name, as its time of creation says.
fn is_another(from: &ClusterListItem, to: &ClusterListItem) -> bool {
    from.create_at.to_system_time().zip(to.create_at.to_system_time()).is_some_and(|(from, to)| from != to)
}
