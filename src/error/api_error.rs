//! `ApiError`: an answer of the service that says no.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::{Error, write_tail};
use crate::{Attempt, Waited};

/// An answer of the service that says no.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// if let Err(error) = client.cluster("my-cluster").await
///     && let Some(api) = error.api()
/// {
///     eprintln!("{}: HTTP {}: {}", api.operation(), api.status(), api.message());
///     eprintln!("request {:?}, again after {:?}", api.request_id(), api.retry_after());
/// }
/// # }
/// ```
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub struct ApiError {
    pub(crate) operation: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) code: Option<i64>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) excerpt: String,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) waited: Option<Box<Waited>>,
}

impl ApiError {
    pub(crate) fn into_error(self) -> Error {
        let api = Box::new(self);
        match api.status() {
            401 => Error::Authentication(api),
            403 => Error::Permission(api),
            404 => Error::NotFound(api),
            429 => Error::RateLimit(api),
            400 | 422 => Error::Validation(api),
            409 => Error::Conflict(api),
            500.. => Error::Server(api),
            _ => Error::Api(api),
        }
    }

    /// The operation by its operationId in `openapi.yaml`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The HTTP status; 200 for an error that only the envelope's code tells.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The envelope's code, if the answer had an envelope.
    pub fn code(&self) -> Option<i64> {
        self.code
    }

    /// What the service said, escaped for people; the name of the status if it said nothing.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The id of the request, to quote to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The beginning of the body, at most 8 KiB, escaped for people and without the credential. It is in no other output of
    /// this type, since a body can hold anything.
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
        write_tail(f, self.request_id.as_deref(), &self.attempts, self.waited.as_deref())
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("operation", &self.operation)
            .field("status", &self.status())
            .field("code", &self.code)
            .field("message", &self.message)
            .field("request_id", &self.request_id)
            .field("retry_after", &self.retry_after)
            .field("attempts", &self.attempts.len())
            .field("waited", &self.waited)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl ApiError {
    /// An answer with this status and nothing else.
    pub(crate) fn stub(status: u16, retry_after: Option<Duration>) -> Self {
        Self {
            operation: "create_cluster",
            status: StatusCode::from_u16(status).unwrap(),
            code: None,
            message: "quota exceeded".to_owned(),
            request_id: None,
            retry_after,
            excerpt: "canary".to_owned(),
            attempts: Vec::new(),
            waited: None,
        }
    }
}
