//! `Trail`: what is added to an error after it was made.

use std::fmt;

use super::{attempt::Attempt, wait_info::WaitInfo};

/// What is added to an error after it was made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) waited: Option<Box<WaitInfo>>,
}

impl Trail {
    /// Writes the end of the line of an error.
    pub(super) fn write_end(&self, f: &mut fmt::Formatter<'_>, request_id: Option<&str>) -> fmt::Result {
        if let Some(id) = request_id {
            write!(f, " (request id {id})")?;
        }
        if self.attempts.len() > 1 {
            write!(f, " (after {} attempts)", self.attempts.len())?;
        }
        self.waited.iter().try_for_each(|waited| write!(f, " ({waited})"))
    }
}
