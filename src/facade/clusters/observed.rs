//! What one poll of a cluster showed, and how old the cluster is by the service's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::error::{Error, wait_info::ClusterState};
use crate::schema::{ClusterListItem, DescClusterDto};

/// When a call began, by the clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallStart {
    at: Instant,
    wall: SystemTime,
}

impl CallStart {
    pub(crate) fn now() -> Self {
        Self { at: Instant::now(), wall: SystemTime::now() }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }

    /// A cluster of a list that the service sent at this time of its clock.
    pub(crate) fn listed(&self, cluster: ClusterListItem, date: Option<SystemTime>) -> ListedCluster {
        let began = date.and_then(|now| now.checked_sub(self.at.elapsed())).unwrap_or(self.wall);
        ListedCluster { cluster, began: seconds(began).unwrap_or_default() }
    }
}

/// A cluster of a list.
pub(crate) struct ListedCluster {
    pub(crate) cluster: ClusterListItem,
    /// The service's clock when the call began, in seconds: its clock in the response, less the time that passed here. Clocks that
    /// differ do no harm.
    began: u64,
}

impl ListedCluster {
    /// When the cluster was created, in seconds of the service's clock.
    pub(crate) fn created(&self) -> Option<u64> {
        seconds(self.cluster.create_at.to_system_time()?)
    }

    pub(crate) fn existed_before(&self) -> bool {
        self.created().is_some_and(|created| created < self.began)
    }

    /// Not only in the second in which the call began, which can be before it.
    pub(crate) fn certainly_created_since(&self) -> bool {
        self.created().is_some_and(|created| created > self.began + 1)
    }
}

/// What one poll showed.
pub(crate) enum Observation {
    Described(Box<DescClusterDto>),
    Listed(ListedCluster),
    /// With the error that says so, if absence is not the goal.
    Absent(Option<Error>),
}

impl Observation {
    pub(crate) fn state(&self, elapsed: Duration) -> ClusterState {
        let (status, elb_state) = match self {
            Self::Described(cluster) => (Some(&cluster.status), Some(&cluster.elb_state)),
            Self::Listed(listed) => (Some(&listed.cluster.status), None),
            Self::Absent(_) => (None, None),
        };
        ClusterState { status: status.cloned(), elb_state: elb_state.cloned(), elapsed }
    }

    /// Where the database listens.
    pub(crate) fn address(&self) -> Option<(String, u16)> {
        match self {
            Self::Described(cluster) => Some((cluster.elb_addr.clone(), cluster.elb_port)),
            _ => None,
        }
    }
}

fn seconds(time: SystemTime) -> Option<u64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}
