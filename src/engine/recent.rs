//! The clusters that a client created recently. The service reports creation times in whole seconds, which cannot tell a cluster
//! from its predecessor in the same second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long before a call: two whole seconds, and the latency of the response.
const RECENT: Duration = Duration::from_secs(5);
/// Longer than any call takes.
const KEPT: Duration = Duration::from_secs(3600);

/// A project and the name of a cluster in it.
type Key = (i64, String);

#[derive(Debug, Default)]
pub(crate) struct RecentClusters(Mutex<Vec<(Key, Instant)>>);

impl RecentClusters {
    pub(crate) fn add(&self, project_id: i64, name: &str) {
        let mut created = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        created.retain(|(_, at)| at.elapsed() < KEPT);
        created.push(((project_id, name.to_owned()), Instant::now()));
    }

    /// Whether the cluster was created shortly before a call that began then, or since.
    pub(crate) fn contains(&self, project_id: i64, name: &str, began: Instant) -> bool {
        let created = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        created.iter().any(|((project, known), at)| *project == project_id && known == name && *at + RECENT > began)
    }
}
