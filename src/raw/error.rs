//! `raw::Error`: why a request of the raw client failed, without a body in its output.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

/// Why a request of the raw client failed.
///
/// Debug and Display contain no body and no header.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> Result<(), eloq_sdk::raw::Error> {
/// use eloq_sdk::raw::Error;
///
/// match client.raw().org_info().send().await {
///     Err(Error::UnexpectedResponse(response)) => println!("{}", response.status()),
///     response => drop(response?),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is missing or invalid; nothing was sent.
    #[error("invalid request: {0}")]
    InvalidRequest(Cow<'static, str>),
    /// The request failed before a response came.
    #[error("the request failed")]
    CommunicationError(#[source] reqwest::Error),
    /// The body of the response could not be read.
    #[error("the response body could not be read")]
    ResponseBodyError(#[source] reqwest::Error),
    /// The status is not 200, or the body does not have the form of the API. The response is unread.
    #[error("unexpected response: HTTP {}", .0.status().as_u16())]
    UnexpectedResponse(reqwest::Response),
    /// The client is closed; nothing was sent.
    #[error("the client is closed")]
    Closed,
    /// There is no credential: the credential provider failed. Nothing was sent.
    #[error("credential provider: {0}")]
    NoCredential(String),
}

impl Error {
    pub(super) fn invalid_request(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidRequest(reason.into())
    }

    /// Returns the HTTP status, if a response came.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::CommunicationError(error) | Self::ResponseBodyError(error) => error.status(),
            Self::UnexpectedResponse(response) => Some(response.status()),
            Self::InvalidRequest(_) | Self::Closed | Self::NoCredential(_) => None,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        std::error::Error::source(self).iter().try_for_each(|source| write!(f, ": {source:?}"))
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::CommunicationError(error.without_url())
    }
}

impl From<reqwest::Error> for Box<Error> {
    fn from(error: reqwest::Error) -> Self {
        Self::new(error.into())
    }
}
