//! `OperationResult`: how a change went, for those who print it and for those who handle it.

use crate::schema::Envelope;
use crate::{Attempt, Error, Result};

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
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "How an operation that changes something went."))]
#[must_use = "a failed operation is in the result"]
#[non_exhaustive]
pub struct OperationResult {
    /// Whether the service accepted the operation. Creating and deleting go on after that; the cluster's status says how far.
    pub success: bool,
    /// What the service said, or what went wrong; one line for people.
    pub message: String,
    #[cfg_attr(feature = "schemars", schemars(skip))]
    error: Option<Error>,
    #[cfg_attr(feature = "schemars", schemars(skip))]
    attempts: Vec<Attempt>,
    #[cfg_attr(feature = "schemars", schemars(skip))]
    reconciled: bool,
}

impl OperationResult {
    /// `done` is said where the service says nothing.
    pub(crate) fn new<T>((result, attempts): (Result<Envelope<T>>, Vec<Attempt>), done: &str) -> Self {
        let (success, message, error) = match result {
            Ok(envelope) => match crate::text::line(&envelope.message, 1024) {
                silence if silence.is_empty() => (true, done.to_owned(), None),
                message => (true, message, None),
            },
            Err(error) => (false, error.to_string(), Some(error)),
        };
        Self { success, message, error, attempts, reconciled: false }
    }

    /// Marks that looking told the outcome.
    pub(crate) fn reconciled_if(mut self, reconciled: bool) -> Self {
        self.reconciled = reconciled;
        self
    }

    /// Why it failed; none if it did not.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_delete("my-cluster").await;
    /// if result.error().is_some_and(|error| error.is_not_found()) {
    ///     println!("it is gone already");
    /// }
    /// # }
    /// ```
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// What each attempt brought, those of looking at the account and at the outcome included.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_create("my-cluster", "us-west-1", 101).await;
    /// for attempt in result.attempts() {
    ///     println!("{}: {}", attempt.operation, attempt.outcome);
    /// }
    /// # }
    /// ```
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Whether the answer to the operation was lost, and looking at the service told how it went: a cluster that was created
    /// was adopted, one that was deleted is gone.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_create("my-cluster", "us-west-1", 101).await;
    /// if result.success && result.is_reconciled() {
    ///     println!("the answer was lost; the cluster is there");
    /// }
    /// # }
    /// ```
    pub fn is_reconciled(&self) -> bool {
        self.reconciled
    }

    /// The message, or the error, for `?`.
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
    /// What [`error`](Self::error) tells.
    pub fn into_result(self) -> Result<String> {
        match self.error {
            None => Ok(self.message),
            Some(error) => Err(error),
        }
    }
}
