//! `config.toml`: profiles, without secrets.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};

use crate::failure::{Failure, Result};
use crate::output::Format;

pub(crate) const FILE: &str = "config.toml";

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    /// The profile without `--profile` and `ELOQ_PROFILE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_profile: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) profiles: BTreeMap<String, Profile>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<i64>,
    /// Id or name.
    #[serde(deserialize_with = "text_or_id", skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Format>,
    /// A program and its arguments, which prints the key. It runs without a shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) api_key_command: Option<Vec<String>>,
}

impl ConfigFile {
    /// Reads the file; without one, there are no profiles.
    pub(crate) fn read(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Failure::config(format!("cannot read {}: {error}", path.display()))),
        };
        toml::from_str(&text).map_err(|error| invalid(&path, &text, &error))
    }
}

/// The first line of a TOML error, with its place, and without the line of the file, which could contain a secret.
pub(super) fn invalid(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.lines().count().max(1);
    Failure::config(format!("{}: line {line}: {}", path.display(), error.message()))
}

fn text_or_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Project {
        Id(i64),
        Name(String),
    }
    Ok(match Option::deserialize(deserializer)? {
        Some(Project::Id(id)) => Some(id.to_string()),
        Some(Project::Name(name)) => Some(name),
        None => None,
    })
}
