//! The environment variables of the SDK; the one place that reads them.

use std::env::VarError;
use std::time::Duration;

use crate::error::{Error, Result};

/// The API key, unless the builder names another variable.
pub(crate) const API_KEY: &str = "ELOQ_API_KEY";
/// The OAuth token, unless the builder names another variable.
pub(crate) const OAUTH_TOKEN: &str = "ELOQ_OAUTH_TOKEN";
/// The base URL, unless the builder names another variable.
pub(crate) const BASE_URL: &str = "ELOQ_BASE_URL";
/// The API key as the vendor's TypeScript page calls it.
pub(crate) const API_TOKEN: &str = "ELOQ_API_TOKEN";
/// The base URL as the vendor's TypeScript page calls it.
pub(crate) const API_URL: &str = "ELOQ_API_URL";
/// The timeout of a request, in milliseconds as on the vendor's TypeScript page, or with a unit.
pub(crate) const TIMEOUT: &str = "ELOQ_TIMEOUT";
/// The organization that the credential must belong to.
pub(crate) const ORG_ID: &str = "ELOQ_ORG_ID";
/// The project of cluster operations.
pub(crate) const PROJECT_ID: &str = "ELOQ_PROJECT_ID";
/// Proxies of https, in the order and with the spellings that curl reads.
pub(crate) const PROXY: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Hosts that need no proxy.
pub(crate) const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// Looks a variable up; tests pass a map instead of the process's environment.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

/// The process's environment.
#[allow(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn process(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}

/// The first of these variables that is set, with its name; unset, empty and blank are the same.
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

/// A number of an organization or a project.
pub(crate) fn id(lookup: Lookup<'_>, name: &'static str) -> Result<Option<i64>> {
    let Some((name, value)) = first(lookup, [name])? else {
        return Ok(None);
    };
    value.trim().parse().map(Some).map_err(|_| Error::config(name, "is not a whole number"))
}

/// The timeout of a request.
pub(crate) fn timeout(lookup: Lookup<'_>) -> Result<Option<Duration>> {
    let Some((name, value)) = first(lookup, [TIMEOUT])? else {
        return Ok(None);
    };
    let value = value.trim();
    let parsed = match value.parse() {
        Ok(millis) => Some(Duration::from_millis(millis)),
        Err(_) => humantime::parse_duration(value).ok(),
    };
    parsed.map(Some).ok_or_else(|| Error::config(name, "is neither a number of milliseconds nor a time such as 30s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_empty_and_blank_are_the_same() -> Result<()> {
        for value in [Err(VarError::NotPresent), Ok(String::new()), Ok(" \t\n".to_owned())] {
            assert_eq!(first(&|_| value.clone(), [API_KEY])?, None);
        }
        assert_eq!(first(&|_| Ok("k".to_owned()), [API_KEY])?, Some((API_KEY, "k".to_owned())));
        Ok(())
    }

    #[test]
    fn a_value_that_cannot_be_read_is_refused_by_name() {
        let lookup = |_: &str| Err(VarError::NotUnicode("canary".into()));
        let error = first(&lookup, [API_KEY]).unwrap_err();
        assert_eq!(error.to_string(), "configuration: ELOQ_API_KEY: is not valid UTF-8");
        for value in ["canary", "1.5", "99999999999999999999"] {
            let error = id(&|_| Ok(value.to_owned()), PROJECT_ID).unwrap_err();
            assert_eq!(error.to_string(), "configuration: ELOQ_PROJECT_ID: is not a whole number");
        }
    }

    #[test]
    fn a_timeout_is_milliseconds_or_has_a_unit() {
        let read = |value: &'static str| timeout(&|_| Ok(value.to_owned())).ok().flatten();
        assert_eq!(read("1500"), Some(Duration::from_millis(1500)));
        assert_eq!(read(" 30s "), Some(Duration::from_secs(30)));
        assert_eq!(read("2m 5s"), Some(Duration::from_secs(125)));
        for garbage in ["-1", "soon", "1e9", "1.5"] {
            assert_eq!(read(garbage), None, "{garbage}");
        }
    }
}
