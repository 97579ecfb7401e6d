//! Tests of resolving the proxy.

use std::env::VarError;

use super::*;

fn unset(_: &str) -> Result<String, VarError> {
    Err(VarError::NotPresent)
}

#[test]
fn an_invalid_proxy_fails_without_revealing_its_value() {
    let values =
        ["http://", "socks5://canary:1", "http://canary:99999", "ftp://canary", "http://h/canary", "h?canary", "::::"];
    for value in values {
        let error = resolve(Some(&value.into()), None, &unset).unwrap_err();
        assert!(error.to_string().starts_with("configuration: proxy: "), "{value}: {error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");

        let lookup = |name: &str| if name == "HTTPS_PROXY" { Ok(value.to_owned()) } else { unset(name) };
        let error = resolve(None, None, &lookup).unwrap_err();
        assert!(error.to_string().starts_with("configuration: HTTPS_PROXY: "), "{value}: {error}");
    }
}

#[test]
fn an_empty_proxy_overrides_the_variables() -> Result<()> {
    let lookup = |name: &str| if name == "https_proxy" { Ok("proxy:3128".to_owned()) } else { unset(name) };
    assert!(resolve(None, None, &lookup)?.is_some());
    assert!(resolve(Some(&"".into()), None, &lookup)?.is_none());
    assert!(resolve(Some(&" ".into()), None, &lookup)?.is_none());
    assert!(resolve(None, None, &unset)?.is_none());
    Ok(())
}

#[test]
fn a_star_in_no_proxy_disables_the_proxy_also_for_ip_addresses() -> Result<()> {
    for hosts in ["*", "localhost, *"] {
        assert!(resolve(Some(&"http://h".into()), Some(hosts), &unset)?.is_none(), "{hosts}");
        let lookup = |name: &str| if name == "NO_PROXY" { Ok(hosts.to_owned()) } else { unset(name) };
        assert!(resolve(Some(&"http://h".into()), None, &lookup)?.is_none(), "{hosts}");
        assert!(resolve(Some(&"ftp://h".into()), Some(hosts), &unset).is_err(), "{hosts}");
    }
    assert!(resolve(Some(&"http://h".into()), Some("*.example.com"), &unset)?.is_some());
    Ok(())
}

#[test]
fn a_proxy_url_may_have_credentials_and_may_omit_the_scheme() -> Result<()> {
    for value in ["http://user:p%40ss@proxy.example.com:8080", "https://proxy.example.com", "proxy.example.com:8080"] {
        assert!(resolve(Some(&value.into()), Some("localhost,.internal"), &unset)?.is_some(), "{value}");
    }
    Ok(())
}
