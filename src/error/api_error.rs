//! `ApiError`: an error response of the service.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::trail::Trail;
use crate::types::operation::Operation;

/// An error response of the service.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// if let Err(error) = client.cluster("my-cluster").await
///     && let Some(api) = error.api()
/// {
///     eprintln!("{}: HTTP {}: {}", api.operation(), api.status(), api.message());
///     eprintln!("request id {:?}, retry after {:?}", api.request_id(), api.retry_after());
/// }
/// # }
/// ```
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub struct ApiError {
    pub(crate) operation: Operation,
    pub(crate) status: StatusCode,
    pub(crate) code: Option<i64>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) excerpt: String,
    pub(crate) trail: Trail,
}

impl ApiError {
    pub(crate) fn new(operation: Operation, status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            operation,
            status,
            code: None,
            message: message.into(),
            request_id: None,
            retry_after: None,
            excerpt: String::new(),
            trail: Trail::default(),
        }
    }

    /// Returns the operationId in `openapi.yaml`.
    pub fn operation(&self) -> &'static str {
        self.operation.as_str()
    }

    /// Returns the HTTP status; 200 for an error that only the code of the envelope shows.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Returns the code of the envelope, if the response had an envelope.
    pub fn code(&self) -> Option<i64> {
        self.code
    }

    /// Returns the message of the service, with control characters escaped; the reason phrase of the status if there is none.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the request id, to quote to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the delay that the service asks for with `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the beginning of the body, at most 8 KiB, with control characters escaped and without the credential. No other
    /// output of this type contains it, since a body can contain secrets.
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: HTTP {}", self.operation, self.status())?;
        if let Some(code) = self.code.filter(|&code| code != i64::from(self.status())) {
            write!(f, ", code {code}")?;
        }
        write!(f, ": {}", self.message)?;
        self.trail.write_end(f, self.request_id.as_deref())
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("operation", &self.operation())
            .field("status", &self.status())
            .field("code", &self.code)
            .field("message", &self.message)
            .field("request_id", &self.request_id)
            .field("retry_after", &self.retry_after)
            .field("attempts", &self.trail.attempts.len())
            .field("waited", &self.trail.waited)
            .finish_non_exhaustive()
    }
}
