//! What the SDK tells `tracing`: a span for each call and one for each attempt, with the names that OpenTelemetry gives HTTP
//! clients. No header, no query and no body is in any of them.

use std::future::Future;
use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use crate::{Error, Result};

/// The span of a call.
pub(crate) fn call(operation: &'static str) -> Span {
    tracing::debug_span!("eloq.call", "otel.kind" = "internal", operation, "error.type" = Empty)
}

/// Notes how a call ended.
pub(crate) fn ended<T>(span: &Span, result: &Result<T>) {
    if let Err(error) = result {
        span.record("error.type", error.variant());
        tracing::debug!(parent: span, error = %error, "the call failed");
    }
}

tokio::task_local! {
    /// Which resend of its call a request is: the hook that opens its span gets nothing from the call but this.
    static RESEND_COUNT: u32;
}

/// Makes a request known as the n-th resend of its call; 0 is the first attempt, which needs no mention.
pub(crate) async fn resend<F: Future>(count: u32, request: F) -> F::Output {
    match count {
        0 => request.await,
        _ => RESEND_COUNT.scope(count, request).await,
    }
}

/// Notes that a failed attempt is followed by another.
pub(crate) fn waiting(wait: Duration, error: &Error) {
    tracing::debug!("error.type" = error.variant(), wait = ?wait, "the attempt failed and is made again");
}

/// The span of one request.
pub(crate) fn attempt(request: &reqwest::Request) -> Span {
    let url = request.url();
    tracing::debug_span!(
        "eloq.attempt",
        "otel.kind" = "client",
        "http.request.method" = %request.method(),
        "server.address" = url.host_str(),
        "server.port" = url.port_or_known_default(),
        "url.scheme" = url.scheme(),
        "url.path" = url.path(),
        "http.request.resend_count" = RESEND_COUNT.try_with(|count| *count).ok(),
        "http.response.status_code" = Empty,
        "error.type" = Empty,
    )
}

/// Notes what a request brought.
pub(crate) fn answered(span: &Span, result: &reqwest::Result<reqwest::Response>) {
    match result {
        Ok(response) => {
            let status = response.status().as_u16();
            span.record("http.response.status_code", status);
            if status >= 400 {
                span.record("error.type", status);
            }
        }
        Err(error) if error.is_timeout() => {
            span.record("error.type", "timeout");
        }
        Err(error) if error.is_connect() => {
            span.record("error.type", "connect");
        }
        Err(_) => {
            span.record("error.type", "protocol");
        }
    }
}
