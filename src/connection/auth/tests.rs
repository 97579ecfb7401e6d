//! Tests of API keys and tokens.

use super::*;

#[test]
fn an_invalid_credential_fails_without_revealing_its_value() {
    for value in ["", " ", "canary\n", "a\r\ncanary: x", "canary\0", "canary key", "canary-ö"] {
        for kind in [Kind::ApiKey, Kind::Token] {
            let credential = Credential::new(kind, value, "SETTING");
            let error = credential.authorization().unwrap_err();
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
