//! `WaitInfo`: how long a failed wait took and what it observed last.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::types::open_enum::{ClusterStatus, ElbState};
use crate::types::text;

/// A state of a cluster that a wait observed.
///
/// It serializes as `{"status", "elb_state", "elapsed_seconds"}`, with null for what is `None`.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> Result<(), Box<dyn std::error::Error>> {
/// let mut wait = client.wait_for_cluster("my-cluster").connectable();
/// while let Some(state) = wait.next().await {
///     println!("{}", serde_json::to_string(&state)?); // {"status":"idle","elb_state":"active","elapsed_seconds":2.1}
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "A state of a cluster that a wait observed."))]
#[non_exhaustive]
pub struct ClusterState {
    /// Lifecycle status; `None` if the cluster does not exist.
    pub status: Option<ClusterStatus>,
    /// State of the load balancer; `None` if the wait does not read it, as when it waits for a deletion.
    pub elb_state: Option<ElbState>,
    /// Time since the wait began.
    #[serde(rename = "elapsed_seconds", serialize_with = "crate::types::seconds::serialize")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64"))]
    pub elapsed: Duration,
}

impl ClusterState {
    /// Whether the two states differ in nothing but time.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
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

/// How long a failed wait took and what it observed last; see [`Error::waited`](crate::Error::waited).
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// if let Err(error) = client.wait_for_cluster("my-cluster").available().await
///     && let Some(info) = error.waited()
/// {
///     println!("{:?} after {:?}", info.last_state, info.elapsed);
/// }
/// # }
/// ```
///
/// It serializes as `{"cluster_name", "last_state", "elapsed_seconds"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "How long a failed wait took and what it observed last."))]
#[non_exhaustive]
pub struct WaitInfo {
    /// The name of the cluster.
    pub cluster_name: String,
    /// The last observed state, if any.
    pub last_state: Option<ClusterState>,
    /// Time from the beginning of the wait to its failure.
    #[serde(rename = "elapsed_seconds", serialize_with = "crate::types::seconds::serialize")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64"))]
    pub elapsed: Duration,
}

impl fmt::Display for WaitInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = text::line(&self.cluster_name, 100);
        write!(f, "waited {:.1} s for {name}", self.elapsed.as_secs_f64())?;
        self.last_state.iter().try_for_each(|state| write!(f, ", last seen {state}"))
    }
}
