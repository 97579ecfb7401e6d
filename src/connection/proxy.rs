//! The proxy of a client: explicit, from the environment, or none.

use reqwest::{NoProxy, Proxy, Url};

use super::env::{self, Lookup};
use crate::error::{Error, Result};
use crate::types::secret::Secret;

/// The proxy for a client of an https service, if there is one. An explicit one wins over the variables; an empty text means
/// none.
pub(crate) fn resolve(explicit: Option<&Secret>, no_proxy: Option<&str>, lookup: Lookup<'_>) -> Result<Option<Proxy>> {
    let (setting, url) = match explicit {
        Some(url) if url.expose().trim().is_empty() => return Ok(None),
        Some(url) => ("proxy", url.clone()),
        None => match env::first(lookup, env::PROXY)? {
            None => return Ok(None),
            Some((name, url)) => (name, Secret::from(url)),
        },
    };
    let except = match no_proxy {
        Some(hosts) => Some(hosts.to_owned()),
        None => env::first(lookup, env::NO_PROXY)?.map(|(_, hosts)| hosts),
    };
    let proxy = parse(setting, url.expose())?;
    // reqwest would take it for all names, and for no address.
    if except.as_ref().is_some_and(|hosts| hosts.split(',').any(|host| host.trim() == "*")) {
        return Ok(None);
    }
    Ok(Some(proxy.no_proxy(except.and_then(|hosts| NoProxy::from_string(&hosts)))))
}

fn parse(setting: &str, text: &str) -> Result<Proxy> {
    let refuse = |reason: &str| Err(Error::config(setting, reason));
    let text = text.trim();
    // curl takes a bare `host:port` for an http proxy, and so do the habits of those who set the variables.
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let Ok(url) = Url::parse(&with_scheme) else {
        return refuse("is not the URL of a proxy, as in http://user:password@host:port");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("has a scheme other than http and https");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return refuse("has no host");
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return refuse("has a path, a query or a fragment, which no proxy has");
    }
    Proxy::all(url).or_else(|_| refuse("cannot be used as a proxy"))
}

#[cfg(test)]
mod tests {
    use std::env::VarError;

    use super::*;

    fn unset(_: &str) -> Result<String, VarError> {
        Err(VarError::NotPresent)
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_its_value() {
        let values = [
            "http://",
            "socks5://canary:1",
            "http://canary:99999",
            "ftp://canary",
            "http://h/canary",
            "h?canary",
            "::::",
        ];
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
    fn an_empty_proxy_means_none_whatever_the_variables_say() -> Result<()> {
        let lookup = |name: &str| if name == "https_proxy" { Ok("proxy:3128".to_owned()) } else { unset(name) };
        assert!(resolve(None, None, &lookup)?.is_some());
        assert!(resolve(Some(&"".into()), None, &lookup)?.is_none());
        assert!(resolve(Some(&" ".into()), None, &lookup)?.is_none());
        assert!(resolve(None, None, &unset)?.is_none());
        Ok(())
    }

    #[test]
    fn a_star_keeps_every_host_from_the_proxy_even_one_that_is_an_address() -> Result<()> {
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
    fn a_proxy_may_have_a_user_and_needs_no_scheme() -> Result<()> {
        for value in
            ["http://user:p%40ss@proxy.example.com:8080", "https://proxy.example.com", "proxy.example.com:8080"]
        {
            assert!(resolve(Some(&value.into()), Some("localhost,.internal"), &unset)?.is_some(), "{value}");
        }
        Ok(())
    }
}
