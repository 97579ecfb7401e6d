//! The limits of one request.

use std::time::Duration;

use crate::types::operation::Idempotency;

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) timeouts: Timeouts,
    /// The largest body, in bytes.
    pub(crate) max_response_bytes: usize,
}

/// From connecting to the last byte of the body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) read: Duration,
    pub(crate) write: Duration,
}

impl Timeouts {
    pub(crate) fn of(&self, idempotency: Idempotency) -> Duration {
        match idempotency {
            Idempotency::Idempotent => self.read,
            Idempotency::NonIdempotent => self.write,
        }
    }
}
