//! `Attempt`: what one request of a call brought.

use std::time::Duration;

use super::kind::ErrorKind;

/// One attempt of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The operationId in `openapi.yaml`.
    pub operation: &'static str,
    /// The kind of the error; `None` for a success.
    pub error: Option<ErrorKind>,
    /// The HTTP status, if a response came.
    pub status: Option<u16>,
    /// The request id, if the response had one.
    pub request_id: Option<String>,
    /// The backoff after the attempt; zero after the last one.
    pub wait: Duration,
}
