//! The limits of one request.

use std::time::Duration;

use crate::types::operation::Idempotency;

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From connecting to the last byte of the body.
    pub(crate) read_timeout: Duration,
    /// The same for writes.
    pub(crate) write_timeout: Duration,
    /// The largest body, in bytes.
    pub(crate) max_response_bytes: usize,
}

impl Limits {
    pub(crate) fn timeout(&self, idempotency: Idempotency) -> Duration {
        match idempotency {
            Idempotency::Idempotent => self.read_timeout,
            Idempotency::NonIdempotent => self.write_timeout,
        }
    }
}
