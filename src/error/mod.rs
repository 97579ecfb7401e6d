//! `Error`: what went wrong, where, and what to do about it, without a secret or a body.

pub(crate) mod api_error;
pub(crate) mod attempt;
pub(crate) mod failure;
mod hint;
pub(crate) mod kind;
pub(crate) mod outcome;
mod serialized;
pub(crate) mod trail;
pub(crate) mod wait_info;

use std::fmt;
use std::time::Duration;

use self::api_error::ApiError;
use self::attempt::Attempt;
use self::failure::Failure;
use self::kind::ErrorKind;
use self::trail::Trail;
use self::wait_info::WaitInfo;
use crate::types::{cluster_name::InvalidClusterName, operation::Operation};

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// Display prints one line: operation, status, code, message and request id, as far as they are known. `{:#}` adds the innermost
/// cause, such as `Connection refused (os error 111)`. Neither Display nor Debug contains a body, a credential or a password.
/// Control characters in text of the service are escaped.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// match client.cluster("my-cluster").await {
///     Ok(cluster) => println!("{}", cluster.status),
///     Err(error) if error.is_not_found() => println!("no such cluster"),
///     Err(error) => eprintln!("{error:#}"),
/// }
/// # }
/// ```
///
/// # Serialization
///
/// An error serializes as an object with the strings `kind`, the name of the variant, and `message`, then `status` and `request_id`,
/// which are null if there are none. `message` is what [`message`](Self::message) returns, after the name of the setting or the
/// argument for `Config` and `InvalidInput`.
///
/// ```
/// # fn main() -> serde_json::Result<()> {
/// let error = eloq_sdk::EloqApi::from_key("").unwrap_err();
/// assert_eq!(
///     serde_json::to_string(&error)?,
///     r#"{"kind":"Config","message":"api_key: is empty or blank","status":null,"request_id":null}"#
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// 401: the service does not accept the credential.
    #[error(transparent)]
    #[non_exhaustive]
    Authentication {
        /// The error response.
        api: Box<ApiError>,
    },
    /// 403: permission denied. The service also responds so if a cluster does not exist (describe) or is not available (delete).
    #[error(transparent)]
    #[non_exhaustive]
    Permission {
        /// The error response.
        api: Box<ApiError>,
    },
    /// 404: not found.
    #[error(transparent)]
    #[non_exhaustive]
    NotFound {
        /// The error response.
        api: Box<ApiError>,
    },
    /// 429: too many requests; see [`retry_after`](Self::retry_after).
    #[error(transparent)]
    #[non_exhaustive]
    RateLimit {
        /// The error response.
        api: Box<ApiError>,
    },
    /// 400 or 422: the service refused the parameters.
    #[error(transparent)]
    #[non_exhaustive]
    Validation {
        /// The error response.
        api: Box<ApiError>,
    },
    /// 409: the request conflicts with what exists.
    #[error(transparent)]
    #[non_exhaustive]
    Conflict {
        /// The error response.
        api: Box<ApiError>,
    },
    /// 500 and above: the service or a gateway failed.
    #[error(transparent)]
    #[non_exhaustive]
    Server {
        /// The error response.
        api: Box<ApiError>,
    },
    /// Any other error response, including HTTP 200 with an error code.
    #[error(transparent)]
    #[non_exhaustive]
    Api {
        /// The error response.
        api: Box<ApiError>,
    },
    /// The connection failed or was lost.
    #[error(transparent)]
    #[non_exhaustive]
    Connect {
        /// What happened.
        failure: Box<Failure>,
    },
    /// No complete response within the timeout, or a [wait](crate::Wait) reached its limit.
    #[error(transparent)]
    #[non_exhaustive]
    Timeout {
        /// What happened.
        failure: Box<Failure>,
    },
    /// The response is not allowed here: malformed HTTP, a redirect, or a body above the limit.
    #[error(transparent)]
    #[non_exhaustive]
    Protocol {
        /// What happened.
        failure: Box<Failure>,
    },
    /// The response does not have the form of the API. The message names the JSON path, never a value.
    #[error(transparent)]
    #[non_exhaustive]
    Decode {
        /// What happened.
        failure: Box<Failure>,
    },
    /// A write was sent and no response came: the service may have processed it.
    #[error(transparent)]
    #[non_exhaustive]
    OutcomeUnknown {
        /// What happened.
        failure: Box<Failure>,
    },
    /// The status of a cluster became `error` during a wait.
    #[error(transparent)]
    #[non_exhaustive]
    ClusterFailed {
        /// What happened.
        failure: Box<Failure>,
    },
    /// The organization has no project.
    #[error("{}", self.message())]
    NoProject,
    /// A setting of the client is missing or invalid.
    #[error("configuration: {setting}: {reason}")]
    #[non_exhaustive]
    Config {
        /// The setting or the environment variable.
        setting: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An argument is invalid. Nothing was changed, and nothing was sent unless a name had to be looked up.
    #[error("invalid input: {parameter}: {reason}")]
    #[non_exhaustive]
    InvalidInput {
        /// The argument.
        parameter: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The client is closed.
    #[error("{}", self.message())]
    Closed,
    /// A blocking call was stopped by its `StopHandle`.
    #[error("{}", self.message())]
    Stopped,
}

/// The one list of the variants, for references of either kind.
macro_rules! details {
    ($error:expr) => {
        match $error {
            Error::Authentication { api } => (ErrorKind::Authentication, Some(api), None),
            Error::Permission { api } => (ErrorKind::Permission, Some(api), None),
            Error::NotFound { api } => (ErrorKind::NotFound, Some(api), None),
            Error::RateLimit { api } => (ErrorKind::RateLimit, Some(api), None),
            Error::Validation { api } => (ErrorKind::Validation, Some(api), None),
            Error::Conflict { api } => (ErrorKind::Conflict, Some(api), None),
            Error::Server { api } => (ErrorKind::Server, Some(api), None),
            Error::Api { api } => (ErrorKind::Api, Some(api), None),
            Error::Connect { failure } => (ErrorKind::Connect, None, Some(failure)),
            Error::Timeout { failure } => (ErrorKind::Timeout, None, Some(failure)),
            Error::Protocol { failure } => (ErrorKind::Protocol, None, Some(failure)),
            Error::Decode { failure } => (ErrorKind::Decode, None, Some(failure)),
            Error::OutcomeUnknown { failure } => (ErrorKind::OutcomeUnknown, None, Some(failure)),
            Error::ClusterFailed { failure } => (ErrorKind::ClusterFailed, None, Some(failure)),
            Error::NoProject => (ErrorKind::NoProject, None, None),
            Error::Config { .. } => (ErrorKind::Config, None, None),
            Error::InvalidInput { .. } => (ErrorKind::InvalidInput, None, None),
            Error::Closed => (ErrorKind::Closed, None, None),
            Error::Stopped => (ErrorKind::Stopped, None, None),
        }
    };
}

macro_rules! constructors {
    ($($name:ident $variant:ident,)+) => {
        $(pub(crate) fn $name(failure: impl Into<Box<Failure>>) -> Self {
            Self::$variant { failure: failure.into() }
        })+
    };
}

impl Error {
    pub(crate) fn config(setting: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Config { setting: setting.into(), reason: reason.into() }
    }

    pub(crate) fn invalid_input(parameter: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidInput { parameter, reason: reason.into() }
    }

    constructors! {
        connect Connect, timeout Timeout, protocol Protocol, decode Decode, outcome_unknown OutcomeUnknown,
        cluster_failed ClusterFailed,
    }

    /// Returns the kind: the variant without its data.
    pub fn kind(&self) -> ErrorKind {
        details!(self).0
    }

    /// Returns the error response, if there was one.
    pub fn api(&self) -> Option<&ApiError> {
        details!(self).1.map(AsRef::as_ref)
    }

    fn failure(&self) -> Option<&Failure> {
        details!(self).2.map(AsRef::as_ref)
    }

    fn trail(&self) -> Option<&Trail> {
        let (_, api, failure) = details!(self);
        api.map(|api| &api.trail).or_else(|| failure.map(|failure| &failure.trail))
    }

    fn trail_mut(&mut self) -> Option<&mut Trail> {
        let (_, api, failure) = details!(self);
        api.map(|api| &mut api.trail).or_else(|| failure.map(|failure| &mut failure.trail))
    }

    /// Returns the HTTP status, if a response came.
    pub fn status(&self) -> Option<u16> {
        let status = self.api().map(|api| api.status).or_else(|| self.failure()?.status);
        status.map(|status| status.as_u16())
    }

    /// Returns the code of the response's envelope, if it had one.
    pub fn code(&self) -> Option<i64> {
        self.api()?.code
    }

    /// Returns the message of the service, or what happened; without operation and status, which Display adds.
    pub fn message(&self) -> &str {
        match self {
            Self::NoProject => "the organization has no project: create one in the dashboard",
            Self::Config { reason, .. } | Self::InvalidInput { reason, .. } => reason,
            Self::Closed => "the client is closed",
            Self::Stopped => "the call was stopped by the program; a write that was under way may have taken effect",
            _ => {
                let message = self.api().map(|api| api.message.as_str());
                message.or_else(|| Some(self.failure()?.message.as_str())).unwrap_or_default()
            }
        }
    }

    /// Returns the request id, to quote to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.api().map_or_else(|| self.failure()?.request_id.as_deref(), ApiError::request_id)
    }

    /// Returns the delay that the service asks for with `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        self.api()?.retry_after
    }

    /// Returns the operationId in `openapi.yaml`; `None` for errors that belong to no operation.
    pub fn operation(&self) -> Option<&'static str> {
        self.failed_operation().map(Operation::as_str)
    }

    pub(crate) fn failed_operation(&self) -> Option<Operation> {
        self.api().map(|api| api.operation).or_else(|| Some(self.failure()?.operation))
    }

    /// Returns the attempts of the call; empty if it sent nothing.
    pub fn attempts(&self) -> &[Attempt] {
        self.trail().map(|trail| trail.attempts.as_slice()).unwrap_or_default()
    }

    /// Returns how long the failed wait took and what it observed last; `None` if this was no wait, or if the write before it
    /// failed.
    pub fn waited(&self) -> Option<&WaitInfo> {
        self.trail()?.waited.as_deref()
    }

    pub(crate) fn set_attempts(&mut self, attempts: Vec<Attempt>) {
        if let Some(trail) = self.trail_mut() {
            trail.attempts = attempts;
        }
    }

    pub(crate) fn set_waited(&mut self, waited: WaitInfo) {
        if let Some(trail) = self.trail_mut() {
            trail.waited = Some(Box::new(waited));
        }
    }

    /// Returns true if the same call can succeed later, or on another connection. It does not say that sending again is safe:
    /// after [`OutcomeUnknown`](Self::OutcomeUnknown) check first.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimit { .. } => true,
            Self::Connect { failure } | Self::Timeout { failure } | Self::Protocol { failure } => failure.transient,
            _ => matches!(self.api(), Some(api) if matches!(api.status(), 408 | 500 | 502 | 503 | 504)),
        }
    }

    /// Whether the service certainly did not process the request, and the same call can succeed later.
    pub(crate) fn was_not_processed(&self) -> bool {
        match self {
            Self::RateLimit { .. } => true,
            Self::Server { api } => api.status() == 503 && api.retry_after.is_some(),
            Self::Connect { failure } | Self::Timeout { failure } => failure.transient && !failure.sent,
            _ => false,
        }
    }

    /// Whether the service may have processed the request.
    pub(crate) fn is_ambiguous(&self) -> bool {
        match self {
            Self::Server { api } => matches!(api.status(), 502 | 504),
            Self::Connect { failure }
            | Self::Timeout { failure }
            | Self::Protocol { failure }
            | Self::Decode { failure } => failure.sent && failure.status.is_none_or(|status| status.is_success()),
            _ => false,
        }
    }

    /// Whether the service asks for a lower rate of requests.
    pub(crate) fn is_throttled(&self) -> bool {
        match self {
            Self::RateLimit { .. } => true,
            Self::Server { api } => api.retry_after.is_some(),
            _ => false,
        }
    }

    /// Returns true for 404, and for the service's 403 for a missing cluster if its message says so.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::NotFound { .. } => true,
            Self::Permission { api } => api.message.to_ascii_lowercase().contains("not found"),
            _ => false,
        }
    }

    /// Returns true if the service refused to create a cluster since the organization has as many as its plan allows.
    ///
    /// The service has no code for it: this is a 403 on a create request whose message speaks of a limit or quota of clusters. It
    /// returns false if the vendor words the message in another way.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let cloud = Simulator::builder().cluster("first").cluster_limit(Some(1)).start().await?;
    /// let second = cloud.client().cluster_create("second", "us-west-1", 101).await;
    /// assert!(second.error().is_some_and(|error| error.is_cluster_limit()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_cluster_limit(&self) -> bool {
        let (Self::Permission { api } | Self::Api { api }) = self else { return false };
        let is_refused = api.status() == 403 || api.code == Some(403);
        api.operation == Operation::CreateCluster && is_refused && names_cluster_limit(&api.message)
    }

    /// Returns true if no complete response came within the timeout, or a wait reached its limit.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }

    /// Returns true if the connection failed or was lost.
    pub fn is_connect(&self) -> bool {
        matches!(self, Self::Connect { .. })
    }

    /// Returns true if the service responded with 429.
    pub fn is_rate_limit(&self) -> bool {
        matches!(self, Self::RateLimit { .. })
    }
}

/// Whether a message has a word for a limit and one for clusters.
fn names_cluster_limit(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    let has = |singular: &str, plural: &str| {
        message.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word == singular || word == plural)
    };
    has("cluster", "clusters") && (has("limit", "limits") || has("quota", "quotas"))
}

impl From<ApiError> for Error {
    fn from(api: ApiError) -> Self {
        let api = Box::new(api);
        match api.status() {
            401 => Self::Authentication { api },
            403 => Self::Permission { api },
            404 => Self::NotFound { api },
            429 => Self::RateLimit { api },
            400 | 422 => Self::Validation { api },
            409 => Self::Conflict { api },
            500.. => Self::Server { api },
            _ => Self::Api { api },
        }
    }
}

impl From<InvalidClusterName> for Error {
    fn from(invalid: InvalidClusterName) -> Self {
        Self::invalid_input("cluster_name", invalid.reason())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind().as_str();
        match details!(self) {
            (_, Some(api), _) => f.debug_tuple(kind).field(api).finish(),
            (_, _, Some(failure)) => f.debug_tuple(kind).field(failure).finish(),
            _ => write!(f, "{kind}({self})"),
        }
    }
}

#[cfg(test)]
mod tests;
