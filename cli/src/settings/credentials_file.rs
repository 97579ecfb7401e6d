//! `credentials.toml`: the API keys of the profiles, readable by the user alone.

use std::collections::BTreeMap;
use std::path::Path;

use eloq_sdk::Secret;
use serde::Deserialize;

use crate::failure::{Failure, Result};

pub(crate) const FILE: &str = "credentials.toml";

#[derive(Debug, Deserialize)]
struct Entry {
    api_key: Secret,
}

/// Reads the key of a profile.
pub(crate) fn read(directory: &Path, profile: &str) -> Result<Option<Secret>> {
    let path = directory.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::config(format!("cannot read {}: {error}", path.display()))),
    };
    let mut entries: BTreeMap<String, Entry> =
        toml::from_str(&text).map_err(|error| super::config_file::invalid(&path, &text, &error))?;
    Ok(entries.remove(profile).map(|entry| entry.api_key))
}
