//! `WaitInfo`: how long a failed wait took and what it observed last.

use std::fmt;
use std::time::Duration;

use crate::types::open_enum::{ClusterStatus, ElbState};
use crate::types::text;

/// A state of a cluster that a wait observed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClusterState {
    /// Lifecycle status; `None` if the cluster does not exist.
    pub status: Option<ClusterStatus>,
    /// State of the load balancer; `None` if the wait does not read it, as when it waits for a deletion.
    pub elb_state: Option<ElbState>,
    /// Time since the wait began.
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitInfo {
    /// The name of the cluster.
    pub cluster_name: String,
    /// The last observed state, if any.
    pub last_state: Option<ClusterState>,
    /// Time from the beginning of the wait to its failure.
    pub elapsed: Duration,
}

impl fmt::Display for WaitInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = text::line(&self.cluster_name, 100);
        write!(f, "waited {:.1} s for {name}", self.elapsed.as_secs_f64())?;
        self.last_state.iter().try_for_each(|state| write!(f, ", last seen {state}"))
    }
}
