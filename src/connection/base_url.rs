//! `BaseUrl`: the base URL of the API, validated and normalized.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, Result};

/// The production API.
pub(crate) const DEFAULT: &str = "https://api-prod.eloqdata.com/api/v1/";

const API_PATH: &str = "/api/v1";

/// Enough for most paths, so that their string does not grow.
const PATH_BYTES: usize = 128;

/// A validated base URL that ends in `/api/v1`.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    /// Accepts a URL with or without `/api/v1` and the final slash, and plain http for loopback only, since it exposes the
    /// credential to the network. Errors name `setting`, the setting or environment variable that contains the URL.
    pub(crate) fn parse(setting: &str, text: &str) -> Result<Self> {
        let invalid = |reason: &str| Err(Error::config(setting, reason));
        let text = text.trim();
        // The URL parser removes tabs and line breaks.
        if text.contains(char::is_control) {
            return invalid("contains a line break or another control character");
        }
        const NOT_A_URL: &str = "is not a URL with a scheme and a host, as in https://host/api/v1/";
        let Some((scheme, rest)) = text.split_once("://") else {
            return invalid(NOT_A_URL);
        };
        if !["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return invalid("has an unsupported scheme; use https");
        }
        // The URL parser takes the first path segment as the host if the host is missing.
        let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() {
            return invalid("has no host");
        }
        if authority.contains('@') {
            return invalid("contains a user name or password; set the credential separately");
        }
        let Ok(mut url) = Url::parse(text) else {
            return invalid(NOT_A_URL);
        };
        if url.query().is_some() {
            return invalid("contains a query");
        }
        if url.fragment().is_some() {
            return invalid("contains a fragment");
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let path = if path.ends_with(API_PATH) { path } else { path + API_PATH };
        url.set_path(&path);
        let base = Self(url);
        if base.0.scheme() == "http" && !base.is_loopback() {
            return invalid("uses plain http for a non-loopback host; use https");
        }
        Ok(base)
    }

    /// Appends a path that begins with a slash. The URL parser reads only the path again.
    pub(crate) fn join(&self, path: fmt::Arguments<'_>) -> Url {
        let mut joined = String::with_capacity(PATH_BYTES);
        // Writing to a string cannot fail.
        let _ = write!(joined, "{}{path}", self.0.path());
        let mut url = self.0.clone();
        url.set_path(&joined);
        url
    }

    /// The URL without a final slash, since operation paths begin with one.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether requests use plain http, which [`parse`](Self::parse) accepts for loopback only.
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
mod tests;
