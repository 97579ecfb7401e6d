//! `Error`: what went wrong, where, and what to do about it, without a secret or a body.

pub(crate) mod api_error;
pub(crate) mod attempt;
pub(crate) mod failure;
mod hint;
pub(crate) mod kind;
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
use crate::types::cluster_name::InvalidClusterName;
use crate::types::operation::Operation;

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
    /// An argument is invalid; nothing was sent.
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
}

/// The data of a variant.
enum Details<A, F> {
    Api(A),
    Failure(F),
    None,
}

/// The one list of the variants, for references of either kind.
macro_rules! details {
    ($error:expr) => {
        match $error {
            Error::Authentication { api } => (ErrorKind::Authentication, Details::Api(api)),
            Error::Permission { api } => (ErrorKind::Permission, Details::Api(api)),
            Error::NotFound { api } => (ErrorKind::NotFound, Details::Api(api)),
            Error::RateLimit { api } => (ErrorKind::RateLimit, Details::Api(api)),
            Error::Validation { api } => (ErrorKind::Validation, Details::Api(api)),
            Error::Conflict { api } => (ErrorKind::Conflict, Details::Api(api)),
            Error::Server { api } => (ErrorKind::Server, Details::Api(api)),
            Error::Api { api } => (ErrorKind::Api, Details::Api(api)),
            Error::Connect { failure } => (ErrorKind::Connect, Details::Failure(failure)),
            Error::Timeout { failure } => (ErrorKind::Timeout, Details::Failure(failure)),
            Error::Protocol { failure } => (ErrorKind::Protocol, Details::Failure(failure)),
            Error::Decode { failure } => (ErrorKind::Decode, Details::Failure(failure)),
            Error::OutcomeUnknown { failure } => (ErrorKind::OutcomeUnknown, Details::Failure(failure)),
            Error::ClusterFailed { failure } => (ErrorKind::ClusterFailed, Details::Failure(failure)),
            Error::NoProject => (ErrorKind::NoProject, Details::None),
            Error::Config { .. } => (ErrorKind::Config, Details::None),
            Error::InvalidInput { .. } => (ErrorKind::InvalidInput, Details::None),
            Error::Closed => (ErrorKind::Closed, Details::None),
        }
    };
}

impl Error {
    pub(crate) fn config(setting: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Config { setting: setting.into(), reason: reason.into() }
    }

    pub(crate) fn invalid_input(parameter: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidInput { parameter, reason: reason.into() }
    }

    pub(crate) fn connect(failure: impl Into<Box<Failure>>) -> Self {
        Self::Connect { failure: failure.into() }
    }

    pub(crate) fn timeout(failure: impl Into<Box<Failure>>) -> Self {
        Self::Timeout { failure: failure.into() }
    }

    pub(crate) fn protocol(failure: impl Into<Box<Failure>>) -> Self {
        Self::Protocol { failure: failure.into() }
    }

    pub(crate) fn decode(failure: impl Into<Box<Failure>>) -> Self {
        Self::Decode { failure: failure.into() }
    }

    pub(crate) fn outcome_unknown(failure: impl Into<Box<Failure>>) -> Self {
        Self::OutcomeUnknown { failure: failure.into() }
    }

    pub(crate) fn cluster_failed(failure: impl Into<Box<Failure>>) -> Self {
        Self::ClusterFailed { failure: failure.into() }
    }

    /// Returns the kind: the variant without its data.
    pub fn kind(&self) -> ErrorKind {
        details!(self).0
    }

    /// Returns the error response, if there was one.
    pub fn api(&self) -> Option<&ApiError> {
        match details!(self).1 {
            Details::Api(api) => Some(api),
            _ => None,
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match details!(self).1 {
            Details::Failure(failure) => Some(failure),
            _ => None,
        }
    }

    fn trail(&self) -> Option<&Trail> {
        match details!(self).1 {
            Details::Api(api) => Some(&api.trail),
            Details::Failure(failure) => Some(&failure.trail),
            Details::None => None,
        }
    }

    fn trail_mut(&mut self) -> Option<&mut Trail> {
        match details!(self).1 {
            Details::Api(api) => Some(&mut api.trail),
            Details::Failure(failure) => Some(&mut failure.trail),
            Details::None => None,
        }
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
        let (kind, details) = details!(self);
        match (details, self) {
            (Details::Api(api), _) => f.debug_tuple(kind.as_str()).field(api).finish(),
            (Details::Failure(failure), _) => f.debug_tuple(kind.as_str()).field(failure).finish(),
            (Details::None, Self::Config { setting, reason }) => {
                f.debug_struct("Config").field("setting", setting).field("reason", reason).finish()
            }
            (Details::None, Self::InvalidInput { parameter, reason }) => {
                f.debug_struct("InvalidInput").field("parameter", parameter).field("reason", reason).finish()
            }
            (Details::None, _) => f.write_str(kind.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn the_line_has_operation_status_code_message_and_request_id() {
        let mut api = ApiError::stub(200, None);
        (api.code, api.request_id) = (Some(1001), Some("r-1".to_owned()));
        let error = Error::Api { api: Box::new(api.clone()) };
        assert_eq!(error.to_string(), "create_cluster: HTTP 200, code 1001: quota exceeded (request id r-1)");
        assert!(format!("{error:?}").starts_with("Api("));
        assert!(!format!("{error:?}").contains("canary"));

        (api.status, api.code, api.request_id) = (StatusCode::FORBIDDEN, Some(403), None);
        assert_eq!(Error::Permission { api: Box::new(api) }.to_string(), "create_cluster: HTTP 403: quota exceeded");
    }

    #[test]
    fn the_alternate_form_adds_the_innermost_cause() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let mut inner = Failure::new(Operation::OrgInfo, "the connection failed");
        inner.source = Some(std::sync::Arc::new(refused));
        let mut outer = Failure::new(Operation::CreateCluster, "timed out");
        outer.source = Some(std::sync::Arc::new(Error::connect(inner)));
        let error = Error::timeout(outer);
        assert_eq!(error.to_string(), "create_cluster: timed out");
        assert_eq!(format!("{error:#}"), "create_cluster: timed out: connection refused");
        assert!(format!("{error:?}").contains("connection refused"), "{error:?}");
    }

    #[test]
    fn a_404_of_a_fixed_path_hints_at_the_base_url() {
        let hint = |operation| {
            let api = ApiError { operation, ..ApiError::stub(404, None) };
            Error::from(api).hint().unwrap_or_default()
        };
        assert!(hint(Operation::OrgInfo).contains("base URL"));
        assert!(hint(Operation::DescribeCluster).contains("name"));
    }

    #[test]
    fn a_setting_and_an_argument_are_named() {
        let config = Error::config("base_url", "has no host");
        assert_eq!(config.to_string(), "configuration: base_url: has no host");
        let input = Error::invalid_input("per_page", "must be 1 to 50");
        assert_eq!(input.to_string(), "invalid input: per_page: must be 1 to 50");
    }
}
