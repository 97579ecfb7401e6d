//! `OperationResult`: how a change went, for those who print it and for those who handle it.

use crate::schema::Envelope;
use crate::{Error, Result};

/// How an operation that changes something went.
///
/// As in the vendor's Python SDK, a failure is a result and not an exception; here it keeps its typed cause.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let result = client.cluster_create("my-cluster", "us-west-1", 101).await;
/// println!("{} {}", if result.success { "✅" } else { "❌" }, result.message);
///
/// // Or, where a failure should end the program:
/// let message = client.cluster_delete("my-cluster").await.into_result()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a failed operation is in the result"]
#[non_exhaustive]
pub struct OperationResult {
    /// Whether the service accepted the operation. Creating and deleting go on after that; the cluster's status says how far.
    pub success: bool,
    /// What the service said, or what went wrong; one line for people.
    pub message: String,
    error: Option<Error>,
}

impl OperationResult {
    /// `done` is said where the service says nothing.
    pub(crate) fn new<T>(result: Result<Envelope<T>>, done: &str) -> Self {
        match result {
            Ok(envelope) if envelope.message.trim().is_empty() => {
                Self { success: true, message: done.to_owned(), error: None }
            }
            Ok(envelope) => Self { success: true, message: crate::text::line(&envelope.message, 1024), error: None },
            Err(error) => Self { success: false, message: error.to_string(), error: Some(error) },
        }
    }

    /// Why it failed; none if it did not.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The message, or the error, for `?`.
    ///
    /// # Errors
    ///
    /// What [`error`](Self::error) tells.
    pub fn into_result(self) -> Result<String> {
        match self.error {
            None => Ok(self.message),
            Some(error) => Err(error),
        }
    }
}
