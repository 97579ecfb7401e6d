//! The names of clusters that a client created a moment ago. The service tells the time of a creation in whole seconds, which
//! cannot tell a cluster from its predecessor of the same second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Two whole seconds, and the way of the answer.
const RECENT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Vec<(String, Instant)>>);

impl Recent {
    pub(crate) fn add(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.retain(|(_, at)| at.elapsed() < RECENT);
        names.push((name.to_owned(), Instant::now()));
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().any(|(known, at)| known == name && at.elapsed() < RECENT)
    }
}
