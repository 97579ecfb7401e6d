//! The environment variables of the SDK; the one place that reads them.

use std::env::VarError;

use crate::{Error, Result};

/// The variable of the API key.
pub(crate) const API_KEY: &str = "ELOQ_API_KEY";
/// The variable of the base URL.
pub(crate) const BASE_URL: &str = "ELOQ_BASE_URL";

/// Looks a variable up; tests pass a map instead of the process's environment.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

/// The process's environment.
pub(crate) fn process(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}

/// The value of a variable; unset, empty and blank are the same.
pub(crate) fn read(lookup: Lookup<'_>, name: &str) -> Result<Option<String>> {
    match lookup(name) {
        Ok(value) if value.trim().is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::config(name, "is not valid UTF-8")),
    }
}

/// The value of a variable that must be set.
pub(crate) fn require(lookup: Lookup<'_>, name: &str) -> Result<String> {
    read(lookup, name)?.ok_or_else(|| {
        Error::config(name, "is not set: make an API key in the dashboard under Settings, API Keys, and export it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_empty_and_blank_are_the_same() -> Result<()> {
        assert_eq!(read(&|_| Err(VarError::NotPresent), API_KEY)?, None);
        assert_eq!(read(&|_| Ok(String::new()), API_KEY)?, None);
        assert_eq!(read(&|_| Ok(" \t\n".to_owned()), API_KEY)?, None);
        assert_eq!(read(&|_| Ok("k".to_owned()), API_KEY)?.as_deref(), Some("k"));
        Ok(())
    }

    #[test]
    fn a_value_that_is_not_utf8_is_refused_by_name() {
        let lookup = |_: &str| Err(VarError::NotUnicode("x".into()));
        let error = read(&lookup, API_KEY).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("configuration: ELOQ_API_KEY: is not valid UTF-8"));
    }
}
