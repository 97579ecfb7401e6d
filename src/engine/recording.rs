//! The attempt log of whoever asks for it with `record_attempts`.

use std::future::IntoFuture;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::error::{Error, attempt::Attempt};
use crate::raw::response::Head;
use crate::types::operation::Operation;

type AttemptLog = Arc<Mutex<Vec<Attempt>>>;

tokio::task_local! {
    static ATTEMPT_LOG: AttemptLog;
}

/// Runs a future or a request, and returns every attempt of the calls in it, in the order in which they ended. A failed call also
/// has its own in [`Error::attempts`](crate::Error::attempts). Attempts of tasks that the future spawns are not recorded.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let (result, attempts) = eloq_sdk::record_attempts(client.cluster_delete("my-cluster")).await;
/// for attempt in &attempts {
///     println!("{} {:?} {:?} {:?}", attempt.operation, attempt.error, attempt.status, attempt.wait);
/// }
/// # Ok(())
/// # }
/// ```
pub async fn record_attempts<F: IntoFuture>(future: F) -> (F::Output, Vec<Attempt>) {
    let log = AttemptLog::default();
    let output = ATTEMPT_LOG.scope(log.clone(), future.into_future()).await;
    (output, take(&log))
}

/// The same for code that does not await.
#[cfg(feature = "blocking")]
pub(crate) fn record_attempts_sync<T>(calls: impl FnOnce() -> T) -> (T, Vec<Attempt>) {
    let log = AttemptLog::default();
    let output = ATTEMPT_LOG.sync_scope(log.clone(), calls);
    (output, take(&log))
}

/// The recorded attempts, which an enclosing recording has too.
fn take(log: &AttemptLog) -> Vec<Attempt> {
    let attempts = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
    attempts.iter().cloned().for_each(record);
    attempts
}

pub(super) fn is_recording() -> bool {
    ATTEMPT_LOG.try_with(|_| ()).is_ok()
}

pub(crate) fn record(attempt: Attempt) {
    // Without a recording there is nothing to do.
    let _ = ATTEMPT_LOG.try_with(|log| log.lock().unwrap_or_else(PoisonError::into_inner).push(attempt));
}

/// An attempt that brought a response or an error.
pub(super) fn attempt(operation: Operation, outcome: Result<&Head, &Error>) -> Attempt {
    let (error, status, request_id) = match outcome {
        Ok(head) => (None, Some(head.status.as_u16()), head.request_id()),
        Err(error) => (Some(error.kind()), error.status(), error.request_id().map(str::to_owned)),
    };
    Attempt { operation: operation.as_str(), error, status, request_id, wait: Duration::ZERO }
}
