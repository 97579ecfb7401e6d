//! The environment variables of the SDK; only this module reads the environment.

use std::env::VarError;
use std::time::Duration;

use crate::error::{Error, Result};

/// The API key, unless the builder names another variable.
pub(crate) const API_KEY: &str = "ELOQ_API_KEY";
/// The OAuth token, unless the builder names another variable.
pub(crate) const OAUTH_TOKEN: &str = "ELOQ_OAUTH_TOKEN";
/// The base URL, unless the builder names another variable.
pub(crate) const BASE_URL: &str = "ELOQ_BASE_URL";
/// The API key, under the name of the vendor's TypeScript page.
pub(crate) const API_TOKEN: &str = "ELOQ_API_TOKEN";
/// The base URL, under the name of the vendor's TypeScript page.
pub(crate) const API_URL: &str = "ELOQ_API_URL";
/// The request timeout: in milliseconds, as on the vendor's TypeScript page, or with a unit.
pub(crate) const TIMEOUT: &str = "ELOQ_TIMEOUT";
/// The organization that the credential must belong to.
pub(crate) const ORG_ID: &str = "ELOQ_ORG_ID";
/// The project of cluster operations.
pub(crate) const PROJECT_ID: &str = "ELOQ_PROJECT_ID";
/// The https proxy, in curl's order and spellings.
pub(crate) const PROXY: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Hosts that bypass the proxy.
pub(crate) const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// Reads an environment variable; tests pass a map.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

/// Reads a variable of the process.
#[allow(clippy::disallowed_methods, reason = "only this function reads the environment")]
pub(crate) fn process(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}

/// Returns the name and value of the first variable that is set. An empty or blank variable counts as unset.
pub(crate) fn first<'n>(
    lookup: Lookup<'_>,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<Option<(&'n str, String)>> {
    for name in names {
        match lookup(name) {
            Ok(value) if !value.trim().is_empty() => return Ok(Some((name, value))),
            Ok(_) | Err(VarError::NotPresent) => {}
            Err(VarError::NotUnicode(_)) => return Err(Error::config(name, "is not valid UTF-8")),
        }
    }
    Ok(None)
}

/// Reads the ID of an organization or project.
pub(crate) fn id(lookup: Lookup<'_>, name: &'static str) -> Result<Option<i64>> {
    let Some((name, value)) = first(lookup, [name])? else {
        return Ok(None);
    };
    value.trim().parse().map(Some).map_err(|_| Error::config(name, "is not a 64-bit integer"))
}

/// Reads the request timeout.
pub(crate) fn timeout(lookup: Lookup<'_>) -> Result<Option<Duration>> {
    let Some((name, value)) = first(lookup, [TIMEOUT])? else {
        return Ok(None);
    };
    let value = value.trim();
    let parsed = match value.parse() {
        Ok(millis) => Some(Duration::from_millis(millis)),
        Err(_) => humantime::parse_duration(value).ok(),
    };
    parsed.map(Some).ok_or_else(|| Error::config(name, "is not a duration in milliseconds or with a unit, as in 30s"))
}

#[cfg(test)]
mod tests;
