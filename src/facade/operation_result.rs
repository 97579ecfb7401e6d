//! `OperationResult`: the outcome of a write, to print or to handle.

use std::future::Future;

use serde::Serialize;
use serde_json::Value;

use crate::engine::recording::record_attempts;
use crate::error::{Error, Result, attempt::Attempt};
use crate::schema::Envelope;
use crate::types::{operation::Operation, text};

/// The outcome of a write.
///
/// As in the vendor's Python SDK, a failure is a result and not an exception; here it keeps its typed cause.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let result = client.cluster_create("my-cluster", "us-west-1", 101).await;
/// println!("{} {}", if result.success { "✅" } else { "❌" }, result.message);
///
/// // Or, if a failure ends the program:
/// let message = client.cluster_delete("my-cluster").await.into_result()?;
/// # Ok(())
/// # }
/// ```
///
/// It serializes as `{"success", "message", "reconciled", "error", "attempts"}`; `error` is null for a success, otherwise the
/// [serialized error](Error#serialization).
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eloq_sdk::simulator::Simulator;
///
/// let cloud = Simulator::start().await?;
/// let result = cloud.client().cluster_delete("no-such-cluster").await;
/// let json = serde_json::to_value(&result)?;
/// assert_eq!((&json["success"], &json["reconciled"]), (&false.into(), &false.into()));
/// assert_eq!(json["error"]["kind"], "NotFound");
/// assert_eq!(json["attempts"][0]["operation"], "org_info");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The outcome of a write."))]
#[must_use = "the result can be a failure"]
#[non_exhaustive]
pub struct OperationResult {
    /// Whether the service accepted the operation. Create and delete are asynchronous: the status of the cluster tells progress.
    pub success: bool,
    /// The message of the service, or the error; one line.
    pub message: String,
    /// Whether the response was lost and reconciliation found the outcome.
    reconciled: bool,
    /// Why the operation failed; null for a success.
    error: Option<Error>,
    /// Every attempt, including those that fetch the account and reconcile the outcome.
    attempts: Vec<Attempt>,
}

/// A write that the service accepted, or whose success reconciliation found.
pub(super) struct WriteOutcome {
    message: String,
    reconciled: bool,
}

impl WriteOutcome {
    /// A success with a message of this crate.
    pub(super) fn of(message: &str) -> Self {
        Self { message: message.to_owned(), reconciled: false }
    }

    /// A success that reconciliation found, with the message of the service if there is one.
    pub(super) fn reconciled(message: impl Into<String>) -> Self {
        Self { message: message.into(), reconciled: true }
    }
}

impl From<Envelope<Value>> for WriteOutcome {
    fn from(envelope: Envelope<Value>) -> Self {
        Self { message: envelope.message, reconciled: false }
    }
}

pub(super) type Outcome = Result<WriteOutcome>;

/// Runs a write and records its attempts.
pub(super) async fn finish(operation: Operation, write: impl Future<Output = Outcome>) -> OperationResult {
    let (outcome, attempts) = record_attempts(write).await;
    match outcome {
        Ok(WriteOutcome { message, reconciled }) => {
            let message = text::line(&message, 1024);
            let message = if message.is_empty() { default_message(operation).to_owned() } else { message };
            OperationResult { success: true, message, error: None, attempts, reconciled }
        }
        Err(error) => OperationResult { attempts, ..OperationResult::from_error(error) },
    }
}

/// The message of a success for which the service sends none, as in the vendor's Python SDK.
fn default_message(operation: Operation) -> &'static str {
    match operation {
        Operation::CreateCluster => "Cluster created successfully",
        Operation::DeleteCluster => "Cluster deleted successfully",
        Operation::StartCluster => "Cluster started successfully",
        Operation::ShutdownCluster => "Cluster stopped successfully",
        Operation::RestartCluster => "Cluster restarted successfully",
        Operation::ApplyConfig => "Configuration applied successfully",
        Operation::SubscribePlan => "Plan subscribed successfully",
        _ => "success",
    }
}

impl OperationResult {
    pub(crate) fn from_error(error: Error) -> Self {
        let message = error.to_string();
        Self { success: false, message, error: Some(error), attempts: Vec::new(), reconciled: false }
    }

    /// Returns why the operation failed; `None` for a success.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_delete("my-cluster").await;
    /// if result.error().is_some_and(|error| error.is_not_found()) {
    ///     println!("it does not exist");
    /// }
    /// # }
    /// ```
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Returns every attempt, including those that fetch the account and reconcile the outcome.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_create("my-cluster", "us-west-1", 101).await;
    /// for attempt in result.attempts() {
    ///     println!("{}: {:?}", attempt.operation, attempt.error);
    /// }
    /// # }
    /// ```
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Returns true if the response was lost and reconciliation found the outcome: the created cluster exists, the deleted one
    /// does not.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_create("my-cluster", "us-west-1", 101).await;
    /// if result.success && result.is_reconciled() {
    ///     println!("the response was lost, but the cluster exists");
    /// }
    /// # }
    /// ```
    pub fn is_reconciled(&self) -> bool {
        self.reconciled
    }

    /// Returns the message, or the error for `?`.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.cluster_delete("my-cluster").await.into_result()?;
    /// println!("{message}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What [`error`](Self::error) returns.
    pub fn into_result(self) -> Result<String> {
        match self.error {
            None => Ok(self.message),
            Some(error) => Err(error),
        }
    }
}
