//! `Failure`: a call that brought no usable answer.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use super::write_tail;
use crate::{Attempt, Waited};

/// A call that brought no usable answer.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// use eloq_sdk::Error;
///
/// if let Err(Error::Decode(failure)) = client.cluster("my-cluster").await {
///     eprintln!("{}: {}, at {:?}", failure.operation(), failure.message(), failure.path());
/// }
/// # }
/// ```
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub struct Failure {
    pub(crate) operation: &'static str,
    pub(crate) message: String,
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) source: Option<Arc<dyn StdError + Send + Sync>>,
    /// Whether the request may have reached the service.
    pub(crate) sent: bool,
    /// Whether the same request can bring an answer later.
    pub(crate) transient: bool,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) waited: Option<Box<Waited>>,
}

impl Failure {
    pub(crate) fn new(operation: &'static str, message: impl Into<String>) -> Self {
        Self {
            operation,
            message: message.into(),
            status: None,
            request_id: None,
            path: None,
            source: None,
            sent: true,
            transient: false,
            attempts: Vec::new(),
            waited: None,
        }
    }

    pub(crate) fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// The operation by its operationId in `openapi.yaml`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the JSON of the answer a value is missing or has another form, as in `data.cluster_list[0].zone`; `.` for the
    /// answer as a whole, and none for what is no JSON.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }
}

impl fmt::Display for Failure {
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
        write_tail(f, self.request_id.as_deref(), &self.attempts, self.waited.as_deref())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("operation", &self.operation)
            .field("message", &self.message)
            .field("path", &self.path)
            .field("status", &self.status.map(|status| status.as_u16()))
            .field("request_id", &self.request_id)
            .field("attempts", &self.attempts.len())
            .field("waited", &self.waited)
            .finish_non_exhaustive()
    }
}
