//! `Attempt`: what one request of a call brought.

use std::time::Duration;

use serde::Serialize;

use super::kind::ErrorKind;

/// One attempt of a call.
///
/// It serializes as `{"operation", "error", "status", "request_id", "wait_seconds"}`, with null for what is `None`.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> Result<(), Box<dyn std::error::Error>> {
/// let (cluster, attempts) = eloq_sdk::record_attempts(client.cluster("my-cluster")).await;
/// println!("{}", serde_json::to_string(&attempts)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "One attempt of a call."))]
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
    #[serde(rename = "wait_seconds", serialize_with = "crate::types::seconds::serialize")]
    #[cfg_attr(feature = "schemars", schemars(with = "f64"))]
    pub wait: Duration,
}
