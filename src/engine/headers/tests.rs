//! Tests of parsing response headers.

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
fn deprecation_or_sunset_means_deprecated_and_sunset_has_the_end() {
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
