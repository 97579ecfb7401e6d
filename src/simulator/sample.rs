//! Valid values of the data types, and errors of every kind, for unit tests without a network.
//!
//! The values are those that a simulator with default settings sends. All their fields are public: change the ones that a test
//! is about. They need no runtime, and are the same in every run.
//!
//! ```
//! use eloq_sdk::schema::DescClusterDto;
//! use eloq_sdk::simulator::sample;
//!
//! /// The function to test.
//! fn line(cluster: &DescClusterDto) -> String {
//!     format!("{} in {}: {}", cluster.display_cluster_name, cluster.region, cluster.status)
//! }
//!
//! let mut cluster = sample::cluster("orders");
//! assert_eq!(line(&cluster), "orders in us-west-1: available");
//! cluster.status = "idle".into();
//! assert_eq!(line(&cluster), "orders in us-west-1: idle");
//! ```

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::catalogue::SKUS;
use super::cloud::{Cloud, CloudSettings, Project, Target};
use super::response::envelope;
use super::seed::SeededCluster;
use crate::engine::classify::into_outcome_unknown;
use crate::error::wait_info::{ClusterState, WaitInfo};
use crate::error::{Error, api_error::ApiError, failure::Failure, kind::ErrorKind};
use crate::facade::credentials::ClusterCredentials;
use crate::schema::{ClusterListItem, ClusterStatus, DescClusterDto, ElbState, SkuInfo, UserOrgInfoDto};
use crate::types::{operation::Operation, setters::setters};

/// 2025-08-26T08:06:41Z, the creation time of the samples.
const CREATED: Duration = Duration::from_secs(1_756_195_601);
const NAME: &str = "my-cluster";
const REQUEST_ID: &str = "sim-000001";

/// Returns the description of an available EloqKV cluster, with an address and credentials.
///
/// ```
/// let cluster = eloq_sdk::simulator::sample::cluster("orders");
/// assert!(cluster.is_connectable());
/// ```
#[must_use]
pub fn cluster(name: impl Into<String>) -> DescClusterDto {
    let name = name.into();
    let target = Target { project: Project::default().id, name: name.clone() };
    parse(cloud_with(name).describe(&target))
}

/// Returns the same cluster as [`cluster`] in the form of a list.
///
/// ```
/// let mut item = eloq_sdk::simulator::sample::list_item("orders");
/// item.status = "provisioning".into();
/// assert_eq!(item.cluster_name, "orders");
/// ```
#[must_use]
pub fn list_item(name: impl Into<String>) -> ClusterListItem {
    let mut list = cloud_with(name.into()).list(Project::default().id, 1, 1);
    parse::<_, io::Error>(Ok(list["cluster_list"][0].take()))
}

/// Returns the credentials of the same cluster as [`cluster`]; they give a connection URL.
///
/// ```
/// let credentials = eloq_sdk::simulator::sample::credentials("orders");
/// assert!(credentials.connection_url().unwrap().expose().starts_with("redis://"));
/// ```
#[must_use]
#[allow(clippy::expect_used, reason = "the message is the proof")]
pub fn credentials(name: impl Into<String>) -> ClusterCredentials {
    cluster(name).try_into().expect("the simulator encodes its credentials in base64")
}

/// Returns the SKU with this id from the simulator's catalogue, 101 to 104 and 201 to 204; for any other id, the first SKU with
/// that id.
///
/// ```
/// use eloq_sdk::simulator::sample;
///
/// assert_eq!(sample::sku(202).sku_name, "eloqkv-dedicated-gcp");
/// assert_eq!(sample::sku(7).sku_id, 7);
/// ```
#[must_use]
pub fn sku(id: i64) -> SkuInfo {
    let sku = SKUS.iter().find(|sku| sku.id == id).unwrap_or(&SKUS[0]);
    SkuInfo { sku_id: id, ..parse::<_, io::Error>(Ok(sku.to_json())) }
}

/// Returns the account of a user with one organization and one project.
///
/// ```
/// let account = eloq_sdk::simulator::sample::account();
/// assert_eq!(account.org_info.projects.len(), 1);
/// ```
#[must_use]
pub fn account() -> UserOrgInfoDto {
    parse::<_, io::Error>(Ok(cloud().org_info()))
}

/// Returns a builder of an error of this kind, with the usual values for it.
///
/// ```
/// use eloq_sdk::simulator::sample;
/// use eloq_sdk::{Error, ErrorKind};
///
/// /// The function to test.
/// fn exit_code(error: &Error) -> u8 {
///     match error {
///         Error::Authentication { .. } | Error::Config { .. } => 2,
///         error if error.is_not_found() => 3,
///         error if error.is_retryable() => 75,
///         _ => 1,
///     }
/// }
///
/// assert_eq!(exit_code(&sample::error(ErrorKind::Authentication).build()), 2);
/// let missing = sample::error(ErrorKind::Permission).message("cluster not found").request_id("r-1").build();
/// assert_eq!((exit_code(&missing), missing.request_id()), (3, Some("r-1")));
/// let unavailable = sample::error(ErrorKind::Server).status(503).build();
/// assert_eq!(exit_code(&unavailable), 75);
/// for &kind in ErrorKind::ALL {
///     assert_ne!(exit_code(&sample::error(kind).build()), 0, "{kind}");
/// }
/// ```
pub fn error(kind: ErrorKind) -> ErrorSample {
    ErrorSample {
        kind,
        operation: None,
        status: None,
        code: None,
        message: None,
        request_id: None,
        retry_after: None,
        waited: None,
    }
}

/// A builder of an [`Error`], from [`error`].
///
/// The kind stays what it is: a setting without a meaning for it has no effect.
///
/// | kind | usual values | settings |
/// |---|---|---|
/// | `Authentication`, `Permission`, `NotFound`, `RateLimit`, `Validation`, `Conflict`, `Server`, `Api` | status 401, 403, 404, 429 (with a delay of 1 s), 400, 409, 500, and 200 with the code 5001 | all but `waited` |
/// | `Connect`, `Timeout`, `Protocol`, `Decode`, `OutcomeUnknown`, `ClusterFailed` | transient for the first three; a path for `Decode`; a wait of 60 s for `ClusterFailed` | `operation`, `message`, `status`, `request_id`, `waited` |
/// | `Config`, `InvalidInput` | the setting `api_key`, the parameter `cluster_name` | `message` |
/// | `NoProject`, `Closed`, `Stopped` | | |
#[must_use = "`build` makes the error"]
#[derive(Clone)]
pub struct ErrorSample {
    kind: ErrorKind,
    operation: Option<Operation>,
    status: Option<StatusCode>,
    code: Option<i64>,
    message: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    waited: Option<Duration>,
}

impl ErrorSample {
    /// Sets the operation that failed; by default the create for `Conflict`, `Validation` and `OutcomeUnknown`, and the describe
    /// for other kinds.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Sets the HTTP status. A number that is no status, from 100 to 999, has no effect.
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).ok().or(self.status);
        self
    }
}

setters! {
    ErrorSample;

    /// Sets the code of the envelope; by default that of the status.
    code(code: i64) => Some(code);

    /// Sets the message of the service, or what happened.
    message(message: impl Into<String>) => Some(message.into());

    /// Sets the request id; by default `sim-000001` if there is a response.
    request_id(id: impl Into<String>) => Some(id.into());

    /// Sets the delay that the service asks for with `Retry-After`.
    retry_after(delay: Duration) => Some(delay);

    /// Makes it the error of a wait for the cluster `my-cluster` that took this long.
    waited(elapsed: Duration) => Some(elapsed);
}

impl ErrorSample {
    /// Makes the error.
    pub fn build(self) -> Error {
        let create = Operation::CreateCluster;
        match self.kind {
            ErrorKind::Authentication => Error::Authentication { api: self.api(401, "invalid token") },
            ErrorKind::Permission => Error::Permission { api: self.api(403, "permission denied") },
            ErrorKind::NotFound => Error::NotFound { api: self.api(404, "cluster not found") },
            ErrorKind::RateLimit => {
                let retry_after = self.retry_after.or(Some(Duration::from_secs(1)));
                Error::RateLimit { api: Self { retry_after, ..self }.api(429, "too many requests") }
            }
            ErrorKind::Validation => {
                Error::Validation { api: self.with_default(create).api(400, "region: must not be empty") }
            }
            ErrorKind::Conflict => {
                Error::Conflict { api: self.with_default(create).api(409, "cluster \"my-cluster\" already exists") }
            }
            ErrorKind::Server => Error::Server { api: self.api(500, "internal server error") },
            ErrorKind::Api => {
                let code = self.code.or(self.status.is_none().then_some(5001));
                Error::Api { api: Self { code, ..self }.api(200, "internal error") }
            }
            ErrorKind::Connect => {
                let refused = Arc::new(io::Error::from(io::ErrorKind::ConnectionRefused));
                let failure = self.failure("the connection failed");
                Error::connect(Failure { sent: false, transient: true, source: Some(refused), ..failure })
            }
            ErrorKind::Timeout => {
                let failure = self.failure("no complete response within the timeout");
                Error::timeout(Failure { transient: true, ..failure })
            }
            ErrorKind::Protocol => {
                let failure = self.failure("the response is not well-formed HTTP");
                Error::protocol(Failure { transient: true, ..failure })
            }
            ErrorKind::Decode => {
                let sample = Self { status: self.status.or(Some(StatusCode::OK)), ..self };
                let failure = sample.failure("a value is missing or has another form than the API's");
                Error::decode(failure.at("data.zone"))
            }
            ErrorKind::OutcomeUnknown => self.with_default(create).outcome_unknown(),
            ErrorKind::ClusterFailed => {
                let waited = self.waited.or(Some(Duration::from_secs(60)));
                Error::cluster_failed(Self { waited, ..self }.failure("the status of the cluster is error"))
            }
            ErrorKind::NoProject => Error::NoProject,
            ErrorKind::Config => Error::config("api_key", self.text("is missing")),
            ErrorKind::InvalidInput => Error::invalid_input("cluster_name", self.text("must not be empty")),
            ErrorKind::Closed => Error::Closed,
            ErrorKind::Stopped => Error::Stopped,
        }
    }

    fn with_default(self, operation: Operation) -> Self {
        Self { operation: self.operation.or(Some(operation)), ..self }
    }

    fn text(&self, default: &str) -> String {
        self.message.clone().unwrap_or_else(|| default.to_owned())
    }

    fn failed_operation(&self) -> Operation {
        self.operation.unwrap_or(Operation::DescribeCluster)
    }

    fn api(&self, status: u16, message: &str) -> Box<ApiError> {
        let default = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let status = self.status.unwrap_or(default);
        let message = self.text(message);
        let code = self.code.unwrap_or_else(|| status.as_u16().into());
        Box::new(ApiError {
            code: Some(code),
            request_id: self.request_id.clone().or_else(|| Some(REQUEST_ID.to_owned())),
            retry_after: self.retry_after,
            excerpt: envelope(code, &message, Value::Null).to_string(),
            ..ApiError::new(self.failed_operation(), status, message)
        })
    }

    fn failure(&self, message: &str) -> Failure {
        let mut failure = Failure::new(self.failed_operation(), self.text(message));
        failure.status = self.status;
        failure.request_id = self.request_id.clone().or_else(|| self.status.map(|_| REQUEST_ID.to_owned()));
        failure.trail.waited = self.waited.map(|elapsed| Box::new(self.wait_info(elapsed)));
        failure
    }

    fn wait_info(&self, elapsed: Duration) -> WaitInfo {
        let (status, elb_state) = match self.kind {
            ErrorKind::ClusterFailed => (ClusterStatus::Error, ElbState::Active),
            _ => (ClusterStatus::Provisioning, ElbState::Provisioning),
        };
        let last_state = ClusterState { status: Some(status), elb_state: Some(elb_state), elapsed };
        WaitInfo { cluster_name: NAME.to_owned(), last_state: Some(last_state), elapsed }
    }

    /// The client's own error for a write without a response, as far as the settings do not replace it.
    fn outcome_unknown(&self) -> Error {
        let lost = Self { message: None, ..self.clone() }.failure("no complete response within the timeout");
        let mut error = into_outcome_unknown(self.failed_operation(), Error::timeout(lost));
        if let (Error::OutcomeUnknown { failure }, Some(message)) = (&mut error, &self.message) {
            failure.message.clone_from(message);
        }
        error
    }
}

impl fmt::Debug for ErrorSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ErrorSample").field(&self.clone().build()).finish()
    }
}

fn cloud() -> Cloud {
    Cloud::new(CloudSettings::default(), vec![Project::default()], CREATED)
}

#[allow(clippy::expect_used, reason = "the message is the proof")]
fn cloud_with(name: String) -> Cloud {
    let mut cloud = cloud();
    cloud.seed(SeededCluster::new(name), CREATED).expect("the cloud has the default project and SKU");
    cloud
}

/// From text, which is how the client gets it.
#[allow(clippy::expect_used, reason = "the message is the proof")]
fn parse<T: DeserializeOwned, E: fmt::Debug>(json: Result<Value, E>) -> T {
    let text = json.expect("the simulated cloud has the cluster").to_string();
    serde_json::from_str(&text).expect("tests/conformance/spec.py checks the form of the simulator's responses")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_error_of_every_kind() {
        for &kind in ErrorKind::ALL {
            let error = error(kind).build();
            assert_eq!(error.kind(), kind);
            assert!(!error.message().is_empty() && !error.to_string().contains('\n'), "{error}");
            assert_eq!(error.api().is_some(), error.code().is_some(), "{kind}");
        }
    }

    /// The status of an error response decides its kind: each sample has one that does.
    #[test]
    fn an_error_response_has_a_status_of_its_kind() {
        for &kind in ErrorKind::ALL {
            if let Some(api) = error(kind).build().api() {
                assert_eq!(Error::from(api.clone()).kind(), kind);
                let body: Value = serde_json::from_str(api.excerpt()).unwrap();
                assert_eq!((body["code"].as_i64(), body["message"].as_str()), (api.code(), Some(api.message())));
            }
        }
    }
}
