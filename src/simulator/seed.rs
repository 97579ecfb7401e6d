//! `SeededCluster`: a cluster that exists when the simulator starts, and `SimulatedCluster`: one that exists now.

use std::time::{Duration, SystemTime};

use crate::types::setters::setters;

/// A cluster that exists when the simulator starts, for [`SimulatorBuilder::cluster`](super::builder::SimulatorBuilder::cluster).
///
/// By default it is available, belongs to the first project, has the first EloqKV SKU on AWS and the region us-west-1, and is
/// created when the simulator starts. A plain name is such a cluster.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> eloq_sdk::Result<()> {
/// use std::time::{Duration, SystemTime};
/// use eloq_sdk::simulator::{SeededCluster, Simulator};
///
/// let sessions = SeededCluster::new("sessions").project(2).sku(202).region("us-central1").status("idle");
/// let simulator = Simulator::builder()
///     .project(2, "staging")
///     .cluster("orders")
///     .cluster(sessions.age(Duration::from_secs(3600)))
///     .start()
///     .await?;
/// let staging = simulator.client().with_project(2).clusters().await?;
/// assert_eq!(staging.cluster_list[0].region, "us-central1");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does not exist until it is given to a builder"]
pub struct SeededCluster {
    pub(super) name: String,
    pub(super) project: Option<i64>,
    pub(super) sku: i64,
    pub(super) region: String,
    pub(super) status: String,
    pub(super) age: Duration,
}

impl SeededCluster {
    /// A cluster with this name, also one that a create request cannot have.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            project: None,
            sku: 101,
            region: "us-west-1".to_owned(),
            status: "available".to_owned(),
            age: Duration::ZERO,
        }
    }
}

setters! {
    SeededCluster;

    /// Sets the project by its id.
    project(id: i64) => Some(id);

    /// Sets the SKU by its id.
    sku(id: i64) => id;

    /// Sets the region, also one that the SKU's cloud does not have.
    region(region: impl Into<String>) => region.into();

    /// Sets the status, also one that the service does not have. It stays, except that `available` becomes `idle` in time.
    status(status: impl Into<String>) => status.into();

    /// Sets how long before the simulator's start it was created.
    age(age: Duration) => age;
}

impl<T: Into<String>> From<T> for SeededCluster {
    fn from(name: T) -> Self {
        Self::new(name)
    }
}

/// A cluster of the simulator; see [`Simulator::clusters`](super::handle::Simulator::clusters).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedCluster {
    /// Id of its project.
    pub project_id: i64,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: String,
    /// When it was created, by the simulator's clock. It tells clusters of one name apart.
    pub created: SystemTime,
}
