//! Tests of parsing base URLs.

use super::*;

const SETTING: &str = "base_url";

#[test]
fn all_spellings_normalize_to_the_same_url() -> Result<()> {
    for text in ["https://h", "https://h/", "https://h/api/v1", "https://h/api/v1/", " https://h/api/v1// "] {
        assert_eq!(BaseUrl::parse(SETTING, text)?.as_str(), "https://h/api/v1", "{text}");
    }
    assert_eq!(BaseUrl::parse(SETTING, "https://gateway:8443/eloq/")?.as_str(), "https://gateway:8443/eloq/api/v1");
    assert_eq!(BaseUrl::parse(SETTING, DEFAULT)?.as_str(), "https://api-prod.eloqdata.com/api/v1");
    Ok(())
}

#[test]
fn plain_http_is_accepted_for_loopback_only() {
    for text in ["http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1", "http://localhost:1"] {
        assert!(BaseUrl::parse(SETTING, text).is_ok(), "{text}");
    }
    for text in ["http://h", "http://127.0.0.1.h", "http://localhost.h", "http://0.0.0.0", "http://10.0.0.1"] {
        assert!(BaseUrl::parse(SETTING, text).is_err(), "{text}");
    }
}

#[test]
fn an_error_gives_the_reason_without_the_value() {
    let cases = [
        ("canary", "not a URL"),
        ("", "not a URL"),
        ("https:canary", "not a URL"),
        ("https:/canary", "not a URL"),
        ("canary:8080", "not a URL"),
        ("https://canary canary", "not a URL"),
        ("https://", "has no host"),
        ("https:///canary/api/v1", "has no host"),
        ("https://\\canary", "has no host"),
        ("https://?canary", "has no host"),
        ("ftp://canary", "scheme"),
        ("https://canary:pw@h", "user name"),
        ("https://@canary", "user name"),
        ("https://h\n/canary", "line break"),
        ("https://h?canary", "query"),
        ("https://h#canary", "fragment"),
    ];
    for (text, reason) in cases {
        let error = BaseUrl::parse(SETTING, text).err().map(|error| format!("{error} {error:?}")).unwrap_or_default();
        assert!(error.contains(reason) && error.contains(SETTING), "{text}: {error}");
        assert!(!error.contains("canary"), "{text}: {error}");
    }
}
