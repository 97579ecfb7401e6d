//! Tests of API keys and tokens.

use super::*;

#[test]
fn an_invalid_credential_fails_without_revealing_its_value() {
    for value in ["", " ", "canary\n", "a\r\ncanary: x", "canary\0", "canary key", "canary-ö"] {
        for kind in [Kind::ApiKey, Kind::Token] {
            let credential = Credential::new(kind, value, "SETTING");
            let error = credential.authorization().err().unwrap();
            let text = format!("{error} {error:?} {credential:?}");
            assert!(text.contains("SETTING") && !text.contains("canary"), "{text}");
        }
    }
}

#[test]
fn an_api_key_is_sent_without_a_scheme_and_a_token_as_bearer() -> Result<()> {
    assert_eq!(Credential::new(Kind::ApiKey, "k", "api_key").authorization()?.header(), "k");
    assert_eq!(Credential::new(Kind::Token, "t", "token").authorization()?.header(), "Bearer t");
    Ok(())
}

fn redacted(key: &str, text: &str) -> String {
    let authorization = Credential::new(Kind::Token, key, "token").authorization().unwrap();
    let body = authorization.redact_body(Bytes::copy_from_slice(text.as_bytes()));
    let mut headers = HeaderMap::new();
    headers.insert("x-request-id", HeaderValue::from_str(text).unwrap());
    authorization.redact_headers(&mut headers);
    assert_eq!(headers["x-request-id"].as_bytes(), body);
    String::from_utf8(body.to_vec()).unwrap()
}

#[test]
fn a_response_is_read_without_the_credential() {
    const KEY: &str = "canary/key+1";
    assert_eq!(redacted(KEY, "canary/key+1"), "[redacted]");
    assert_eq!(redacted(KEY, "acanary/key+1canary/key+1z"), "a[redacted][redacted]z");
    assert_eq!(redacted(KEY, r#"["canary\/key+1"]"#), r#"["[redacted]"]"#);
    assert_eq!(redacted(KEY, r#"{"\u0063anar\u0079\/key\u002b1":1}"#), r#"{"[redacted]":1}"#);
    for other in ["", "canary/key+2", r#"["a\nb"]"#, r#"["\u0063"]"#, "\\", r#"{"a":"\u006"#] {
        assert_eq!(redacted(KEY, other), other);
    }
}

#[test]
fn a_short_credential_may_be_a_word_and_is_not_redacted() {
    assert_eq!(redacted("cluster", "my-cluster"), "my-cluster");
}
