//! What the headers of a response say.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::types::text;

/// No service means a longer delay; a date far in the future is a mistake.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
const REQUEST_ID_HEADERS: [&str; 4] = ["x-request-id", "request-id", "x-amzn-requestid", "x-correlation-id"];

/// The request id, printable.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = REQUEST_ID_HEADERS.iter().find_map(|name| headers.get(*name))?;
    let id = text::line(&String::from_utf8_lossy(value.as_bytes()), 100);
    (!id.is_empty()).then_some(id)
}

/// The service's clock.
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
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
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_clamped() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let cases = [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
            ("999999999999", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
        ];
        for (value, seconds) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            assert_eq!(retry_after(&headers, now), seconds.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn either_header_means_deprecated_and_sunset_has_the_end() {
        let end = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777));
        let cases = [
            (None, None, None),
            (Some("@1688169599"), None, Some(None)),
            (Some("true"), None, Some(None)),
            (Some("false"), None, None),
            (None, Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(end)),
            (Some("@1688169599"), Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(end)),
            (None, Some("soon"), None),
        ];
        for (deprecated, sunset, expected) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in [("deprecation", deprecated), ("sunset", sunset)] {
                if let Some(value) = value {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            assert_eq!(deprecation(&headers), expected, "{deprecated:?} {sunset:?}");
        }
    }
}
