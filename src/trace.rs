//! What the SDK tells `tracing`: a span for each call and one for each attempt, with the names that OpenTelemetry gives HTTP
//! clients. No header, no query and no body is in any of them.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use crate::{Error, Result};

/// The span of a call.
pub(crate) fn call(operation: &'static str) -> Span {
    tracing::debug_span!(
        "eloq.call",
        "otel.kind" = "internal",
        operation,
        "error.type" = Empty,
        "otel.status_code" = Empty
    )
}

/// Notes how a call ended.
pub(crate) fn ended<T>(span: &Span, result: &Result<T>) {
    if let Err(error) = result {
        failed(span, error.variant());
        // Its text has what the service said, and the id of the request from a header: those are for the caller alone.
        tracing::debug!(parent: span, { "error.type" = error.variant() }, "the call failed");
    }
}

tokio::task_local! {
    /// Which resend of its call a request is, if it is one: the hook that opens its span gets nothing from the call but this.
    static RESEND_COUNT: u32;
}

/// Makes a request known as the n-th resend of its call.
pub(crate) fn resend<F: Future>(count: u32, request: F) -> impl Future<Output = F::Output> {
    RESEND_COUNT.scope(count, request)
}

/// Notes that a failed attempt is followed by another.
pub(crate) fn waiting(wait: Duration, error: &Error) {
    tracing::debug!("error.type" = error.variant(), wait = ?wait, "the attempt failed and is made again");
}

/// The span of one request, until it is [answered](Self::answered).
#[derive(Debug)]
pub(crate) struct Request {
    span: Span,
    /// When its time will be over; none if nobody looks at the span.
    until: Option<Instant>,
}

impl Request {
    /// One that may take so long.
    pub(crate) fn new(request: &reqwest::Request, timeout: Duration) -> Self {
        let url = request.url();
        let host = url.host_str();
        let span = tracing::debug_span!(
            "eloq.attempt",
            "otel.kind" = "client",
            "http.request.method" = %request.method(),
            // An address of IPv6 has brackets in a URL alone.
            "server.address" = host.map(|host| host.trim_start_matches('[').trim_end_matches(']')),
            "server.port" = url.port_or_known_default(),
            "url.scheme" = url.scheme(),
            "url.path" = url.path(),
            "http.request.resend_count" = RESEND_COUNT.try_with(|count| *count).ok(),
            "http.response.status_code" = Empty,
            "error.type" = Empty,
            "otel.status_code" = Empty,
        );
        let until = (!span.is_disabled()).then(|| Instant::now() + timeout);
        Self { span, until }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Notes what the request brought.
    pub(crate) fn answered(mut self, result: &reqwest::Result<reqwest::Response>) {
        self.until = None;
        match result {
            Ok(response) => {
                let status = response.status();
                self.span.record("http.response.status_code", status.as_u16());
                if status.as_u16() >= 400 {
                    failed(&self.span, status.as_str());
                }
            }
            Err(error) if error.is_timeout() => failed(&self.span, "timeout"),
            Err(error) if error.is_connect() => failed(&self.span, "connect"),
            Err(_) => failed(&self.span, "protocol"),
        }
    }
}

/// A request that nobody waits for any more: its time was over, or the call was given up.
impl Drop for Request {
    fn drop(&mut self) {
        match self.until {
            Some(until) if Instant::now() >= until => failed(&self.span, "timeout"),
            Some(_) => failed(&self.span, "cancelled"),
            None => {}
        }
    }
}

/// The type of an error is a text in OpenTelemetry, even if it is the number of a status; the other makes its span one that
/// failed.
fn failed(span: &Span, kind: &str) {
    span.record("error.type", kind);
    span.record("otel.status_code", "ERROR");
}
