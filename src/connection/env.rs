//! The environment variables of the SDK; only this module reads the environment.

use std::env::VarError;
use std::fs::File;
use std::io::Read;
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
/// The path of a PEM file with certificate authorities.
pub(crate) const CA_BUNDLE: &str = "ELOQ_CA_BUNDLE";
/// The https proxy, in curl's order and spellings.
pub(crate) const PROXY: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Hosts that bypass the proxy.
pub(crate) const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// Far above any bundle of certificates: the variable could name a device that never ends.
const MAX_BUNDLE_BYTES: u64 = 16 * 1024 * 1024;

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

/// Reads the file that the variable of certificate authorities names. The error contains neither the path nor the content.
pub(crate) fn ca_bundle(lookup: Lookup<'_>) -> Result<Option<Vec<u8>>> {
    let Some((name, path)) = first(lookup, [CA_BUNDLE])? else {
        return Ok(None);
    };
    let mut pem = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BUNDLE_BYTES + 1).read_to_end(&mut pem));
    match read {
        Err(error) => Err(Error::config(name, format!("the file that it names cannot be read: {error}"))),
        Ok(size) if size as u64 > MAX_BUNDLE_BYTES => Err(Error::config(name, "the file that it names is too large")),
        Ok(_) => Ok(Some(pem)),
    }
}

#[cfg(test)]
mod tests;
