//! The span of one request, with the attribute names of OpenTelemetry for HTTP clients. Of headers and bodies it contains
//! only the request id.

use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use super::response;

/// Marks a span as failed. OpenTelemetry wants the error type as text, also if it is a status.
pub(crate) fn record_error(span: &Span, error_type: &str) {
    span.record("error.type", error_type);
    span.record("otel.status_code", "ERROR");
}

/// The span of one request, until [`finish`](Self::finish).
#[derive(Debug)]
pub(crate) struct RequestSpan {
    span: Span,
    /// When the timeout ends; `None` if nothing records the span.
    until: Option<Instant>,
}

impl RequestSpan {
    pub(crate) fn new(request: &reqwest::Request, timeout: Duration, resends: u32) -> Self {
        let url = request.url();
        let host = url.host_str();
        let span = tracing::debug_span!(
            "eloq.attempt",
            "otel.kind" = "client",
            "http.request.method" = %request.method(),
            // Only a URL has brackets around an IPv6 address.
            "server.address" = host.map(|host| host.trim_start_matches('[').trim_end_matches(']')),
            "server.port" = url.port_or_known_default(),
            "url.scheme" = url.scheme(),
            "url.path" = url.path(),
            "http.request.resend_count" = (resends > 0).then_some(resends),
            "http.response.status_code" = Empty,
            "http.response.header.x-request-id" = Empty,
            "error.type" = Empty,
            "otel.status_code" = Empty,
        );
        let until = (!span.is_disabled()).then(|| Instant::now() + timeout);
        Self { span, until }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Records the outcome of the request.
    pub(crate) fn finish(mut self, result: &reqwest::Result<reqwest::Response>) {
        self.until = None;
        match result {
            Ok(response) => {
                let status = response.status();
                self.span.record("http.response.status_code", status.as_u16());
                if status.as_u16() >= 400 {
                    record_error(&self.span, status.as_str());
                }
                let id = (!self.span.is_disabled()).then(|| response::request_id(response.headers()));
                self.span.record("http.response.header.x-request-id", id.flatten());
            }
            Err(error) if error.is_timeout() => record_error(&self.span, "timeout"),
            Err(error) if error.is_connect() => record_error(&self.span, "connect"),
            Err(_) => record_error(&self.span, "protocol"),
        }
    }
}

/// Records a request that was dropped: its timeout ended, or the call was cancelled.
impl Drop for RequestSpan {
    fn drop(&mut self) {
        match self.until {
            Some(until) if Instant::now() >= until => record_error(&self.span, "timeout"),
            Some(_) => record_error(&self.span, "cancelled"),
            None => {}
        }
    }
}
