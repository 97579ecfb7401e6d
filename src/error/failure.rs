//! `Failure`: a call without a usable response.

use std::error::Error as StdError;
use std::fmt;
use std::iter::successors;
use std::sync::Arc;

use http::StatusCode;

use super::trail::Trail;
use crate::types::{operation::Operation, text};

/// A call without a usable response.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// use eloq_sdk::Error;
///
/// if let Err(Error::Decode { failure, .. }) = client.cluster("my-cluster").await {
///     eprintln!("{}: {}, at {:?}", failure.operation(), failure.message(), failure.path());
/// }
/// # }
/// ```
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub struct Failure {
    pub(crate) operation: Operation,
    pub(crate) message: String,
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) source: Option<Arc<dyn StdError + Send + Sync>>,
    /// Whether the request may have reached the service.
    pub(crate) sent: bool,
    /// Whether a later attempt can succeed.
    pub(crate) transient: bool,
    pub(crate) trail: Trail,
}

impl Failure {
    pub(crate) fn new(operation: Operation, message: impl Into<String>) -> Self {
        Self {
            operation,
            message: message.into(),
            status: None,
            request_id: None,
            path: None,
            source: None,
            sent: true,
            transient: false,
            trail: Trail::default(),
        }
    }

    pub(crate) fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// Returns the operationId in `openapi.yaml`.
    pub fn operation(&self) -> &'static str {
        self.operation.as_str()
    }

    /// Returns what happened.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the JSON path of a value that is missing or has another form, as in `data.cluster_list[0].zone`; `.` for the
    /// whole response, and `None` for a response that is not JSON.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The innermost cause, such as `Connection refused (os error 111)`.
    fn cause(&self) -> Option<String> {
        let source: Option<&(dyn StdError + 'static)> = Some(self.source.as_deref()?);
        let innermost = successors(source, |error| (*error).source()).last()?;
        Some(text::line(&innermost.to_string(), 200))
    }
}

impl fmt::Display for Failure {
    /// One line; the alternate form adds the innermost cause.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation)?;
        if let Some(status) = self.status {
            write!(f, "HTTP {}: ", status.as_u16())?;
        }
        f.write_str(&self.message)?;
        match self.path() {
            Some(".") => f.write_str(", at the top level")?,
            Some(path) => write!(f, ", at `{path}`")?,
            None => {}
        }
        self.trail.write_end(f, self.request_id.as_deref())?;
        match self.cause() {
            Some(cause) if f.alternate() => write!(f, ": {cause}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("operation", &self.operation())
            .field("message", &self.message)
            .field("path", &self.path)
            .field("status", &self.status.map(|status| status.as_u16()))
            .field("request_id", &self.request_id)
            .field("cause", &self.cause())
            .field("attempts", &self.trail.attempts.len())
            .field("waited", &self.trail.waited)
            .finish_non_exhaustive()
    }
}
