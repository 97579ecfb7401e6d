//! The ledger of a call: what each attempt brought, and how long it was waited before the next.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::{DATE, HeaderMap};

use crate::{Error, classify};

/// One attempt of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The operation by its operationId in `openapi.yaml`.
    pub operation: &'static str,
    /// How it ended: `ok`, or the variant of its [`Error`](crate::Error).
    pub outcome: &'static str,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// The id of the request, if the answer had one.
    pub request_id: Option<String>,
    /// How long was waited after it; zero after the last.
    pub wait: Duration,
    /// The service's clock as it answered.
    pub(crate) date: Option<SystemTime>,
}

impl Attempt {
    /// One that brought this answer.
    pub(crate) fn answered(operation: &'static str, head: Option<(StatusCode, &HeaderMap)>) -> Self {
        let headers = head.map(|(_, headers)| headers);
        let date = headers.and_then(|headers| headers.get(DATE)?.to_str().ok());
        Self {
            operation,
            outcome: "ok",
            status: head.map(|(status, _)| status.as_u16()),
            request_id: headers.and_then(classify::request_id),
            wait: Duration::ZERO,
            date: date.and_then(|date| httpdate::parse_http_date(date).ok()),
        }
    }

    /// One that failed; `seen` is what its answer told, if that was looked at.
    pub(crate) fn failed(operation: &'static str, error: &Error, seen: Option<Self>) -> Self {
        Self {
            operation,
            outcome: error.variant(),
            status: error.status(),
            request_id: error.request_id().map(str::to_owned),
            wait: Duration::ZERO,
            date: seen.and_then(|seen| seen.date),
        }
    }
}

type Ledger = Arc<Mutex<Vec<Attempt>>>;

tokio::task_local! {
    static LEDGER: Ledger;
}

/// Runs a future and tells of every attempt that the calls in it made, in the order in which they ended; those of a failed
/// call are in its [`Error::attempts`](crate::Error::attempts) too. Tasks that the future spawns are not in it.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let (cluster, attempts) = eloq_sdk::attempts_of(client.cluster("my-cluster")).await;
/// for attempt in &attempts {
///     println!("{} {:?} {:?}", attempt.outcome, attempt.status, attempt.wait);
/// }
/// # Ok(())
/// # }
/// ```
pub async fn attempts_of<F: Future>(future: F) -> (F::Output, Vec<Attempt>) {
    let ledger = Ledger::default();
    let output = LEDGER.scope(ledger.clone(), future).await;
    let attempts = std::mem::take(&mut *ledger.lock().unwrap_or_else(PoisonError::into_inner));
    // One recording inside another hides nothing from it.
    attempts.iter().cloned().for_each(record);
    (output, attempts)
}

/// Whether anybody wants to know.
pub(crate) fn is_recording() -> bool {
    LEDGER.try_with(|_| ()).is_ok()
}

pub(crate) fn record(attempt: Attempt) {
    // Without a recording there is nothing to do.
    let _ = LEDGER.try_with(|ledger| ledger.lock().unwrap_or_else(PoisonError::into_inner).push(attempt));
}
