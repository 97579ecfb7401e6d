//! What the headers of a response say.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, RETRY_AFTER};
use tokio::time::Instant;

use crate::raw::response::Head;

/// No service means a longer delay; a date far in the future is a mistake.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The service's clock, in whole seconds, and when it was read by the clock of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceTime {
    pub(crate) date: SystemTime,
    /// It was read between these two.
    pub(crate) sent: Instant,
    pub(crate) received: Instant,
}

/// The service's clock when it sent the response, if the response says so.
pub(crate) fn service_time(head: &Head) -> Option<ServiceTime> {
    let date = httpdate::parse_http_date(head.headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(ServiceTime { date, sent: head.sent, received: head.received })
}

/// `Retry-After`, in seconds or as a date. A value that is invalid, negative or in the past counts as absent.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let delay = match value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        // Only a number that is too large does not parse here.
        true => value.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs),
        false => httpdate::parse_http_date(value).ok()?.duration_since(now).ok()?,
    };
    Some(delay.min(MAX_RETRY_AFTER))
}

/// When a deprecated API ends, if that is known.
pub(crate) type Deprecation = Option<Option<SystemTime>>;

/// Whether the response is marked as deprecated (RFC 9745) or with an end (RFC 8594).
pub(crate) fn deprecation(headers: &HeaderMap) -> Deprecation {
    let deprecated = headers.get("deprecation").is_some_and(|value| value != "false");
    let sunset = headers.get("sunset").and_then(|value| value.to_str().ok());
    let sunset = sunset.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    (deprecated || sunset.is_some()).then_some(sunset)
}

#[cfg(test)]
mod tests;
