//! What one poll of a cluster showed, and how old the cluster is by the service's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::engine::headers::ServiceTime;
use crate::error::{Error, wait_info::ClusterState};
use crate::schema::{ClusterListItem, DescClusterDto, Timestamp};

/// A response that took longer tells the service's clock too vaguely.
const MAX_LATENCY: Duration = Duration::from_secs(1);

/// When a call began, by the clock of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallStart(Instant);

impl CallStart {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// The age of what was created at this time, by the service's clock in the response that shows it. Clocks that differ do no
    /// harm: the service's clock when the call began is its clock in the response, less the time that passed here.
    pub(crate) fn age(&self, created: &Timestamp, time: Option<ServiceTime>) -> Age {
        let created = created.to_system_time().and_then(seconds);
        let now = time.and_then(|time| seconds(time.date));
        let (Some(created), Some(time), Some(now)) = (created, time, now) else { return Age::Unknown };
        let earliest = now.saturating_sub(time.received.saturating_duration_since(self.0).as_secs_f64().ceil() as u64);
        let latest = (now + 1).saturating_sub(time.sent.saturating_duration_since(self.0).as_secs());
        let is_slow = time.received.saturating_duration_since(time.sent) > MAX_LATENCY;
        match created {
            // A clock that differs from the one that wrote the time.
            _ if created > now => Age::Unknown,
            _ if created < earliest => Age::Before,
            _ if created > latest => Age::Since,
            _ if is_slow => Age::Unknown,
            _ => Age::SameSecond,
        }
    }
}

/// Whether a cluster was created before a call or since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Before,
    /// In the second in which the call began: the service tells times in whole seconds.
    SameSecond,
    Since,
    /// The times cannot be compared.
    Unknown,
}

/// A cluster of a list.
pub(crate) struct ListedCluster {
    pub(crate) cluster: ClusterListItem,
    pub(crate) age: Age,
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

pub(super) fn seconds(time: SystemTime) -> Option<u64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}
