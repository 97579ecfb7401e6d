//! `BaseUrl`: where the API is, in the one form that requests are built from.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, Result};

/// The API of production.
pub(crate) const DEFAULT: &str = "https://api-prod.eloqdata.com/api/v1/";

const API_PATH: &str = "/api/v1";

/// A checked base URL, ending in `/api/v1`.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    /// Accepts a URL with or without `/api/v1` and the final slash. Plain http is for loopback alone, since the key would
    /// cross a network in the clear. A refusal names `setting`, the setting or variable that the text is from.
    pub(crate) fn parse(setting: &str, text: &str) -> Result<Self> {
        let refuse = |reason: &str| Err(Error::config(setting, reason));
        let text = text.trim();
        // The parser would leave them out, wherever they are.
        if text.contains(char::is_control) {
            return refuse("contains a line break or another control character");
        }
        const NO_URL: &str = "is not a URL: it needs a scheme and a host, as in https://host/api/v1/";
        let Some((scheme, rest)) = text.split_once("://") else {
            return refuse(NO_URL);
        };
        if !["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return refuse("has a scheme other than https");
        }
        // Looked at as it is written: the parser would take the first name of the path for a missing host.
        let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() {
            return refuse("has no host");
        }
        if authority.contains('@') {
            return refuse("contains a user name or password: give the credential separately");
        }
        let Ok(mut url) = Url::parse(text) else {
            return refuse(NO_URL);
        };
        if url.query().is_some() {
            return refuse("contains a query");
        }
        if url.fragment().is_some() {
            return refuse("contains a fragment");
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let path = if path.ends_with(API_PATH) { path } else { path + API_PATH };
        url.set_path(&path);
        let base = Self(url);
        if base.0.scheme() == "http" && !base.is_loopback() {
            return refuse("is plain http to a host that is not loopback: use https");
        }
        Ok(base)
    }

    /// The URL with this path, which begins with a slash, behind its own. Only the path is read anew.
    pub(crate) fn join(&self, path: fmt::Arguments<'_>) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path()));
        url
    }

    /// The URL without a final slash, which the paths of the operations bring.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether requests go over plain http, which [`parse`](Self::parse) allows for loopback alone.
    pub(crate) fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    fn is_loopback(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTING: &str = "base_url";

    #[test]
    fn every_spelling_of_the_base_is_one() -> Result<()> {
        for text in ["https://h", "https://h/", "https://h/api/v1", "https://h/api/v1/", " https://h/api/v1// "] {
            assert_eq!(BaseUrl::parse(SETTING, text)?.as_str(), "https://h/api/v1", "{text}");
        }
        assert_eq!(BaseUrl::parse(SETTING, "https://gateway:8443/eloq/")?.as_str(), "https://gateway:8443/eloq/api/v1");
        assert_eq!(BaseUrl::parse(SETTING, DEFAULT)?.as_str(), "https://api-prod.eloqdata.com/api/v1");
        Ok(())
    }

    #[test]
    fn plain_http_is_for_loopback_alone() {
        for text in ["http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1", "http://localhost:1"] {
            assert!(BaseUrl::parse(SETTING, text).is_ok(), "{text}");
        }
        for text in ["http://h", "http://127.0.0.1.h", "http://localhost.h", "http://0.0.0.0", "http://10.0.0.1"] {
            assert!(BaseUrl::parse(SETTING, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refusal_gives_the_reason_and_not_the_value() {
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
            let error =
                BaseUrl::parse(SETTING, text).err().map(|error| format!("{error} {error:?}")).unwrap_or_default();
            assert!(error.contains(reason) && error.contains(SETTING), "{text}: {error}");
            assert!(!error.contains("canary"), "{text}: {error}");
        }
    }
}
