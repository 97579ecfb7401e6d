//! The proxy of a client: explicit, from environment variables, or none.

use reqwest::{NoProxy, Proxy, Url};

use super::{env, env::Lookup};
use crate::error::{Error, Result};
use crate::types::secret::Secret;

/// Returns the proxy for an https service. An explicit value overrides the variables; an empty one means no proxy.
pub(crate) fn resolve(explicit: Option<&Secret>, no_proxy: Option<&str>, lookup: Lookup<'_>) -> Result<Option<Proxy>> {
    let (setting, url) = match explicit {
        Some(url) if url.expose().trim().is_empty() => return Ok(None),
        Some(url) => ("proxy", url.clone()),
        None => match env::first(lookup, env::PROXY)? {
            None => return Ok(None),
            Some((name, url)) => (name, Secret::from(url)),
        },
    };
    let bypassed = match no_proxy {
        Some(hosts) => Some(hosts.to_owned()),
        None => env::first(lookup, env::NO_PROXY)?.map(|(_, hosts)| hosts),
    };
    let proxy = parse(setting, url.expose())?;
    // reqwest applies `*` to names but not to IP addresses.
    if bypassed.as_ref().is_some_and(|hosts| hosts.split(',').any(|host| host.trim() == "*")) {
        return Ok(None);
    }
    Ok(Some(proxy.no_proxy(bypassed.and_then(|hosts| NoProxy::from_string(&hosts)))))
}

fn parse(setting: &str, text: &str) -> Result<Proxy> {
    let invalid = |reason: &str| Err(Error::config(setting, reason));
    let text = text.trim();
    // As in curl, `host:port` without a scheme is an http proxy.
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let Ok(url) = Url::parse(&with_scheme) else {
        return invalid("is not a proxy URL, as in http://user:password@host:port");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return invalid("has an unsupported scheme; use http or https");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return invalid("has no host");
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return invalid("must not contain a path, a query or a fragment");
    }
    Proxy::all(url).or_else(|_| invalid("is not a valid proxy URL"))
}

#[cfg(test)]
mod tests;
