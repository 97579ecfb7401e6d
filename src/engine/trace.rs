//! The span of a call.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use crate::error::{Error, Result};
use crate::raw::trace::record_error;
use crate::types::operation::Operation;

/// Opens the span of a call.
pub(crate) fn call(operation: Operation) -> Span {
    tracing::debug_span!(
        "eloq.call",
        "otel.kind" = "internal",
        operation = operation.as_str(),
        "error.type" = Empty,
        "otel.status_code" = Empty
    )
}

/// Records the outcome of a call.
pub(crate) fn finish<T>(span: &Span, result: &Result<T>) {
    if let Err(error) = result {
        let kind = error.kind().as_str();
        record_error(span, kind);
        // The message and the request id come from the service: only the caller gets them.
        tracing::debug!(parent: span, { "error.type" = kind }, "the call failed");
    }
}

/// Records that another attempt follows a failed one.
pub(crate) fn retry(wait: Duration, error: &Error) {
    tracing::debug!("error.type" = error.kind().as_str(), wait = ?wait, "the attempt failed, retrying");
}
