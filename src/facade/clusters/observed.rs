//! What one poll of a cluster showed, and how old the cluster is by the service's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::engine::headers::ServiceTime;
use crate::error::{Error, wait_info::ClusterState};
use crate::schema::{ClusterListItem, DescClusterDto, Timestamp};

const SECOND: Duration = Duration::from_secs(1);
/// How long before a whole second since the start a poll is sent that should arrive before it, and how long after it another one.
const BEFORE_SECOND: Duration = Duration::from_millis(100);
const AFTER_SECOND: Duration = Duration::from_millis(1);

/// When a call began: by the clock of this machine and, as far as responses tell, by that of the service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallStart {
    instant: Instant,
    /// Not before the first, and before the second, since 1970 by the service's clock.
    range: Option<(Duration, Duration)>,
}

impl CallStart {
    pub(crate) fn now() -> Self {
        Self { instant: Instant::now(), range: None }
    }

    pub(super) fn instant(&self) -> Instant {
        self.instant
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.instant.elapsed()
    }

    /// Narrows the range. Clocks that differ do no harm: the service's clock when the call began is its clock in the response,
    /// which has whole seconds, less the time that passed here.
    pub(crate) fn observe(&mut self, time: ServiceTime) {
        let Some(date) = since_1970(time.date) else { return };
        let mut earliest = date.saturating_sub(time.received.saturating_duration_since(self.instant));
        let mut latest = (date + SECOND).saturating_sub(time.sent.saturating_duration_since(self.instant));
        if let Some((known_earliest, known_latest)) = self.range {
            (earliest, latest) = (earliest.max(known_earliest), latest.min(known_latest));
        }
        self.range = Some((earliest, latest));
    }

    /// The age of what was created at this time, by the service's clock in the response that shows it.
    pub(crate) fn age(&self, created: &Timestamp, time: Option<ServiceTime>) -> Age {
        let created = created.to_system_time().and_then(since_1970).map(|time| Duration::from_secs(time.as_secs()));
        let now = time.and_then(|time| since_1970(time.date));
        let (Some(created), Some(now), Some((earliest, latest))) = (created, now, self.range) else {
            return Age::Unknown;
        };
        match created {
            // A clock that differs from the one that wrote the time, or that was set meanwhile.
            _ if created > now || earliest > latest => Age::Unknown,
            _ if created + SECOND <= earliest => Age::Before,
            _ if created >= latest => Age::Since,
            _ if created + SECOND >= latest => Age::SameSecond,
            _ => Age::Unsettled,
        }
    }

    /// The time until a poll bounds the range on one side, `poll` after `poll` on the other: the service's clock has whole seconds,
    /// so a poll sent shortly after a whole second since the start tells best how late the call began at most, and one that arrives
    /// shortly before how early.
    pub(super) fn until_next_bound(&self, poll: u32) -> Duration {
        let elapsed = self.elapsed();
        let offset = if poll.is_multiple_of(2) { SECOND + AFTER_SECOND } else { SECOND - BEFORE_SECOND };
        let next = Duration::from_secs(elapsed.as_secs()) + offset;
        let next = if next > elapsed { next } else { next + SECOND };
        next - elapsed
    }
}

/// Whether a cluster was created before a call or since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Before,
    /// In the second in which the call began, or since: the service tells times in whole seconds.
    SameSecond,
    Since,
    /// Before, or in the second in which the call began. Further responses can tell.
    Unsettled,
    /// The times cannot be compared.
    Unknown,
}

/// A cluster of a list.
#[derive(Clone)]
pub(crate) struct ListedCluster {
    pub(crate) cluster: ClusterListItem,
    pub(crate) age: Age,
}

/// What one poll showed.
pub(crate) enum Observation {
    Described(Box<DescClusterDto>),
    Listed(ListedCluster),
    /// With the error that says so, unless the list does.
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

    /// Why a cluster that should exist is absent.
    pub(crate) fn refused(&self) -> Option<&Error> {
        if let Self::Absent(refused) = self { refused.as_ref() } else { None }
    }

    /// Where the database listens.
    pub(crate) fn address(&self) -> Option<(String, u16)> {
        let Self::Described(cluster) = self else { return None };
        Some((cluster.elb_addr.clone(), cluster.elb_port))
    }
}

fn since_1970(time: SystemTime) -> Option<Duration> {
    time.duration_since(UNIX_EPOCH).ok()
}
