//! `credentials.toml`: the API keys of the profiles, readable by the user alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eloq_sdk::Secret;
use serde::Deserialize;
use toml_edit::{DocumentMut, value};

use super::config_file::{self, invalid};
use super::directory::{self, Access};
use super::store::{self, Store};
use crate::failure::{Failure, Result};

pub(crate) const FILE: &str = "credentials.toml";
/// What the parser says can contain a key.
const FORM: &str = "is not of the form [profile] api_key = \"…\"";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    api_key: Secret,
}

/// Reads the keys of all profiles. A file or folder that others can read or write is refused.
pub(crate) fn read(directory: &Path) -> Result<BTreeMap<String, Secret>> {
    let path = path(directory);
    let Some(text) = store::read(&path, Some(Access::Private))? else {
        return Ok(BTreeMap::new());
    };
    check_folders(directory)?;
    let entries: BTreeMap<String, Entry> =
        toml::from_str(&text).map_err(|error| invalid(&path, &text, error.span(), FORM))?;
    Ok(entries.into_iter().map(|(profile, entry)| (profile, entry.api_key)).collect())
}

/// Stores the key of a profile, in place of an older one.
pub(crate) fn set(store: &Store, profile: &str, key: &Secret) -> Result {
    let mut document = document(store)?;
    let entry = config_file::table(document.as_table_mut(), profile, false)?;
    config_file::set(entry, "api_key", value(key.expose()));
    store.write(FILE, &document.to_string())
}

/// Removes the key of a profile; `false` if there is none.
pub(crate) fn remove(store: &Store, profile: &str) -> Result<bool> {
    let mut document = document(store)?;
    if document.remove(profile).is_none() {
        return Ok(false);
    }
    store.write(FILE, &document.to_string())?;
    Ok(true)
}

pub(crate) fn path(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

fn document(store: &Store) -> Result<DocumentMut> {
    let text = store.read(FILE)?.unwrap_or_default();
    text.parse().map_err(|error: toml_edit::TomlError| invalid(Path::new(FILE), &text, error.span(), FORM))
}

/// Others must not be able to replace the file, also where a link leads to it.
fn check_folders(directory: &Path) -> Result {
    directory::check_folder(directory, Access::Private)?;
    let path = path(directory);
    if !path.is_symlink() {
        return Ok(());
    }
    let target = path
        .canonicalize()
        .map_err(|error| Failure::config(format!("cannot follow the link {}: {error}", path.display())))?;
    target.parent().map_or(Ok(()), |folder| directory::check_folder(folder, Access::ReadOnly))
}
