//! `Error`: what went wrong, where, and what to do about it, without a secret or a body in it.

mod api_error;
mod failure;

use std::fmt;
use std::time::Duration;

pub use self::api_error::ApiError;
pub use self::failure::Failure;
use crate::{Attempt, Waited};

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// Display is one line: the operation, the status, the code, the message and the request id, as far as they are known. Neither
/// it nor Debug holds a body, a credential or a password; what the server said is escaped, so that it cannot steer a terminal.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// match client.cluster("my-cluster").await {
///     Ok(cluster) => println!("{}", cluster.status),
///     Err(error) if error.is_not_found() => println!("no such cluster"),
///     Err(error) => eprintln!("{error}"),
/// }
/// # }
/// ```
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// 401: the credential is not accepted.
    #[error(transparent)]
    Authentication(Box<ApiError>),
    /// 403: not allowed. The service also answers so for a cluster that does not exist (describe) or that is not available
    /// (delete).
    #[error(transparent)]
    Permission(Box<ApiError>),
    /// 404: there is no such thing.
    #[error(transparent)]
    NotFound(Box<ApiError>),
    /// 429: too many requests; see [`retry_after`](Self::retry_after).
    #[error(transparent)]
    RateLimit(Box<ApiError>),
    /// 400 or 422: the service refused the parameters.
    #[error(transparent)]
    Validation(Box<ApiError>),
    /// 409: it collides with what is there.
    #[error(transparent)]
    Conflict(Box<ApiError>),
    /// 500 and above: the service, or a gateway before it, failed.
    #[error(transparent)]
    Server(Box<ApiError>),
    /// Any other answer that says no, among them HTTP 200 with an error code.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// The connection could not be made, or was lost.
    #[error(transparent)]
    Connect(Box<Failure>),
    /// No complete answer in time, or a cluster did not become in time what was [waited](crate::Wait) for.
    #[error(transparent)]
    Timeout(Box<Failure>),
    /// The answer is not what HTTP allows here: malformed, a redirect, or larger than the limit.
    #[error(transparent)]
    Protocol(Box<Failure>),
    /// The answer does not have the form of the API. The message names the place in it, never a value.
    #[error(transparent)]
    Decode(Box<Failure>),
    /// A change was sent and no answer came: it may have been carried out.
    #[error(transparent)]
    OutcomeUnknown(Box<Failure>),
    /// A cluster that was waited for has failed: its status is `error`.
    #[error(transparent)]
    ClusterFailed(Box<Failure>),
    /// The organization has no project.
    #[error("{}", self.message())]
    NoProject,
    /// A setting of the client is missing or wrong.
    #[error("configuration: {setting}: {reason}")]
    Config {
        /// The setting or the variable.
        setting: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An argument was refused before anything was sent.
    #[error("invalid input: {parameter}: {reason}")]
    InvalidInput {
        /// The argument.
        parameter: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The client was closed.
    #[error("{}", self.message())]
    Closed,
}

impl Error {
    pub(crate) fn config(setting: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Config { setting: setting.into(), reason: reason.into() }
    }

    pub(crate) fn invalid_input(parameter: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidInput { parameter, reason: reason.into() }
    }

    /// The answer that said no, if there was one.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Authentication(api)
            | Self::Permission(api)
            | Self::NotFound(api)
            | Self::RateLimit(api)
            | Self::Validation(api)
            | Self::Conflict(api)
            | Self::Server(api)
            | Self::Api(api) => Some(api),
            _ => None,
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Connect(failure)
            | Self::Timeout(failure)
            | Self::Protocol(failure)
            | Self::Decode(failure)
            | Self::OutcomeUnknown(failure)
            | Self::ClusterFailed(failure) => Some(failure),
            _ => None,
        }
    }

    pub(crate) fn variant(&self) -> &'static str {
        match self {
            Self::Authentication(_) => "Authentication",
            Self::Permission(_) => "Permission",
            Self::NotFound(_) => "NotFound",
            Self::RateLimit(_) => "RateLimit",
            Self::Validation(_) => "Validation",
            Self::Conflict(_) => "Conflict",
            Self::Server(_) => "Server",
            Self::Api(_) => "Api",
            Self::Connect(_) => "Connect",
            Self::Timeout(_) => "Timeout",
            Self::Protocol(_) => "Protocol",
            Self::Decode(_) => "Decode",
            Self::OutcomeUnknown(_) => "OutcomeUnknown",
            Self::ClusterFailed(_) => "ClusterFailed",
            Self::NoProject => "NoProject",
            Self::Config { .. } => "Config",
            Self::InvalidInput { .. } => "InvalidInput",
            Self::Closed => "Closed",
        }
    }

    /// The HTTP status of the answer, if one came.
    pub fn status(&self) -> Option<u16> {
        let status = self.api().map(|api| api.status).or_else(|| self.failure()?.status);
        status.map(|status| status.as_u16())
    }

    /// The code of the answer's envelope, if it had one.
    pub fn code(&self) -> Option<i64> {
        self.api()?.code
    }

    /// What the service said, or what happened; without operation and status, which Display adds.
    pub fn message(&self) -> &str {
        match self {
            Self::NoProject => "the organization has no project: create one in the dashboard",
            Self::Config { reason, .. } | Self::InvalidInput { reason, .. } => reason,
            Self::Closed => "the client was closed",
            _ => {
                let said = self.api().map(|api| api.message.as_str());
                said.or_else(|| Some(self.failure()?.message.as_str())).unwrap_or_default()
            }
        }
    }

    /// The id of the request, to quote to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.api().map_or_else(|| self.failure()?.request_id.as_deref(), ApiError::request_id)
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.api()?.retry_after
    }

    /// The operation by its operationId in `openapi.yaml`; none for errors that belong to the client as a whole.
    pub fn operation(&self) -> Option<&'static str> {
        self.api().map(|api| api.operation).or_else(|| Some(self.failure()?.operation))
    }

    /// What to do, in one sentence, where there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        const KEY: &str = "check the API key, or make a new one in the dashboard under Settings, API Keys";
        const SERVICE: &str =
            "check that the base URL leads to EloqCloud, and whether there is a newer version of this crate";
        Some(match self {
            Self::Authentication(_) => KEY,
            Self::Api(api) if api.code == Some(401) => KEY,
            Self::Api(api) if api.code.is_none() => SERVICE,
            Self::Permission(api) if api.operation == "delete_cluster" => {
                "only a cluster that is available can be deleted; check its status and the roles of the key"
            }
            Self::Permission(api) if api.operation == "describe_cluster" => {
                "the service answers so for a cluster that does not exist, too; check the name, the project and the roles of the key"
            }
            Self::Permission(_) => "check the roles of the key and the limits of the plan",
            Self::NotFound(api) if matches!(api.operation, "org_info" | "list_skus") => {
                "check that the base URL leads to EloqCloud"
            }
            Self::NotFound(_) => "check the name and the project",
            Self::RateLimit(_) => "wait before the next call",
            Self::Conflict(_) => "choose another name, or use what is there",
            Self::Server(_) => "try again later",
            Self::Connect(_) => "check the base URL, the network, the proxy and the certificate authorities",
            Self::Timeout(failure) if failure.waited.is_some() => "wait again, or raise the limit of the wait",
            Self::Timeout(_) => "try again, or raise the timeout",
            Self::Decode(_) => SERVICE,
            Self::Protocol(_) => "check the base URL, and the gateways and proxies on the way",
            Self::ClusterFailed(_) => "look at the cluster in the dashboard, or ask the vendor's support",
            Self::OutcomeUnknown(_) => "look whether the change was carried out before making it again",
            Self::NoProject => "create a project in the dashboard",
            _ => return None,
        })
    }

    /// What each attempt of the call brought; empty for a call that sent nothing.
    pub fn attempts(&self) -> &[Attempt] {
        let failed = self.api().map(|api| &api.attempts).or_else(|| Some(&self.failure()?.attempts));
        failed.map(Vec::as_slice).unwrap_or_default()
    }

    /// How long a wait took that failed with this, and what it saw last; none if this was no wait, or the order before it was
    /// refused.
    pub fn waited(&self) -> Option<&Waited> {
        self.api().map_or_else(|| self.failure()?.waited.as_deref(), |api| api.waited.as_deref())
    }

    pub(crate) fn set_attempts(&mut self, attempts: Vec<Attempt>) {
        if let Some((place, _)) = self.trail() {
            *place = attempts;
        }
    }

    pub(crate) fn set_waited(&mut self, waited: Waited) {
        if let Some((_, place)) = self.trail() {
            *place = Some(Box::new(waited));
        }
    }

    /// What is known only later than the failure itself.
    fn trail(&mut self) -> Option<(&mut Vec<Attempt>, &mut Option<Box<Waited>>)> {
        match self {
            Self::Authentication(api)
            | Self::Permission(api)
            | Self::NotFound(api)
            | Self::RateLimit(api)
            | Self::Validation(api)
            | Self::Conflict(api)
            | Self::Server(api)
            | Self::Api(api) => Some((&mut api.attempts, &mut api.waited)),
            Self::Connect(failure)
            | Self::Timeout(failure)
            | Self::Protocol(failure)
            | Self::Decode(failure)
            | Self::OutcomeUnknown(failure)
            | Self::ClusterFailed(failure) => Some((&mut failure.attempts, &mut failure.waited)),
            _ => None,
        }
    }

    /// Whether the same call can succeed later, or on another connection. It does not say that repeating is safe: after
    /// [`OutcomeUnknown`](Self::OutcomeUnknown) look first.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimit(_) => true,
            Self::Connect(failure) | Self::Timeout(failure) | Self::Protocol(failure) => failure.transient,
            _ => matches!(self.api(), Some(api) if matches!(api.status(), 408 | 500 | 502 | 503 | 504)),
        }
    }

    /// Whether the service certainly did nothing, and the same call can succeed later.
    pub(crate) fn was_not_processed(&self) -> bool {
        match self {
            Self::RateLimit(_) => true,
            Self::Server(api) => api.status() == 503 && api.retry_after.is_some(),
            Self::Connect(failure) | Self::Timeout(failure) => failure.transient && !failure.sent,
            _ => false,
        }
    }

    /// Whether the service may have done what it was asked to, though the answer does not say so.
    pub(crate) fn is_ambiguous(&self) -> bool {
        match self {
            Self::Server(api) => matches!(api.status(), 502 | 504),
            Self::Connect(failure) | Self::Timeout(failure) | Self::Protocol(failure) | Self::Decode(failure) => {
                failure.sent && failure.status.is_none_or(|status| status.is_success())
            }
            _ => false,
        }
    }

    /// Whether the service asks to slow down.
    pub(crate) fn is_throttled(&self) -> bool {
        match self {
            Self::RateLimit(_) => true,
            Self::Server(api) => api.retry_after.is_some(),
            _ => false,
        }
    }

    /// Whether the thing does not exist: 404, or the service's 403 for a missing cluster when its message says so.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::NotFound(_) => true,
            Self::Permission(api) => api.message.to_ascii_lowercase().contains("not found"),
            _ => false,
        }
    }

    /// Whether no complete answer came in time, or a wait came to its limit.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(_))
    }

    /// Whether the connection could not be made or was lost.
    pub fn is_connect(&self) -> bool {
        matches!(self, Self::Connect(_))
    }

    /// Whether the service asks to slow down.
    pub fn is_rate_limit(&self) -> bool {
        matches!(self, Self::RateLimit(_))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config { setting, reason } => {
                f.debug_struct("Config").field("setting", setting).field("reason", reason).finish()
            }
            Self::InvalidInput { parameter, reason } => {
                f.debug_struct("InvalidInput").field("parameter", parameter).field("reason", reason).finish()
            }
            _ => match (self.api(), self.failure()) {
                (Some(api), _) => f.debug_tuple(self.variant()).field(api).finish(),
                (_, Some(failure)) => f.debug_tuple(self.variant()).field(failure).finish(),
                _ => f.write_str(self.variant()),
            },
        }
    }
}

/// What the lines of all failures end with.
fn write_tail(
    f: &mut fmt::Formatter<'_>,
    request_id: Option<&str>,
    attempts: &[Attempt],
    waited: Option<&Waited>,
) -> fmt::Result {
    if let Some(id) = request_id {
        write!(f, " (request id {id})")?;
    }
    if attempts.len() > 1 {
        write!(f, " (after {} attempts)", attempts.len())?;
    }
    waited.iter().try_for_each(|waited| write!(f, " ({waited})"))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn the_line_has_operation_status_code_message_and_request_id() {
        let mut api = ApiError::stub(200, None);
        (api.code, api.request_id) = (Some(1001), Some("r-1".to_owned()));
        let error = Error::Api(Box::new(api.clone()));
        assert_eq!(error.to_string(), "create_cluster: HTTP 200, code 1001: quota exceeded (request id r-1)");
        assert!(format!("{error:?}").starts_with("Api("));
        assert!(!format!("{error:?}").contains("canary"));

        (api.status, api.code, api.request_id) = (StatusCode::FORBIDDEN, Some(403), None);
        assert_eq!(Error::Permission(Box::new(api)).to_string(), "create_cluster: HTTP 403: quota exceeded");
    }

    #[test]
    fn a_path_that_is_always_there_is_missing_where_the_base_url_is_wrong() {
        let hint = |operation| {
            let api = ApiError { operation, ..ApiError::stub(404, None) };
            api.into_error().hint().unwrap_or_default()
        };
        assert!(hint("org_info").contains("base URL"));
        assert!(hint("describe_cluster").contains("name"));
    }

    #[test]
    fn a_setting_and_an_argument_are_named() {
        let config = Error::config("base_url", "has no host");
        assert_eq!(config.to_string(), "configuration: base_url: has no host");
        let input = Error::invalid_input("per_page", "must be 1 to 50");
        assert_eq!(input.to_string(), "invalid input: per_page: must be 1 to 50");
    }
}
