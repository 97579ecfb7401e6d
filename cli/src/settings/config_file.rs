//! `config.toml`: profiles, without secrets.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::store::{self, Store};
use crate::failure::{Failure, Result};
use crate::output::Format;

pub(crate) const FILE: &str = "config.toml";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    /// The profile without `--profile` and `ELOQ_PROFILE`.
    pub(crate) default_profile: Option<String>,
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, Profile>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Profile {
    pub(crate) org: Option<i64>,
    /// Id or name.
    #[serde(deserialize_with = "text_or_id")]
    pub(crate) project: Option<String>,
    pub(crate) base_url: Option<String>,
    pub(crate) output: Option<Format>,
    /// A program and its arguments, which prints the key. It runs without a shell.
    pub(crate) api_key_command: Option<Vec<String>>,
}

impl ConfigFile {
    /// Reads the file; without one, there are no profiles.
    pub(crate) fn read(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        let text = store::read(&path, None)?.unwrap_or_default();
        toml::from_str(&text).map_err(|error| invalid(&path, &text, error.span(), error.message()))
    }

    pub(crate) fn default_profile(&self) -> &str {
        self.default_profile.as_deref().unwrap_or(super::DEFAULT_PROFILE)
    }
}

/// Makes a profile the default.
pub(crate) fn set_default(store: &Store, profile: &str) -> Result {
    edit(store, |document| {
        set(document.as_table_mut(), "default_profile", value(profile));
        Ok(())
    })
}

/// Sets what `changes` has in a profile, and leaves the rest.
pub(crate) fn set_profile(store: &Store, name: &str, changes: &Profile) -> Result {
    edit(store, |document| change_profile(document, name, changes))
}

fn change_profile(document: &mut DocumentMut, name: &str, changes: &Profile) -> Result {
    let project = changes.project.as_deref().map(|project| match project.parse::<i64>() {
        Ok(id) => value(id),
        Err(_) => value(project),
    });
    let settings =
        [("org", changes.org.map(value)), ("project", project), ("base_url", changes.base_url.as_deref().map(value))];
    let is_new = document.get("profiles").and_then(|profiles| profiles.get(name)).is_none();
    let comments = document.trailing().as_str().unwrap_or_default().to_owned();
    for (key, new) in settings {
        if let Some(new) = new {
            let profiles = table(document.as_table_mut(), "profiles", true)?;
            set(table(profiles, name, false)?, key, new);
        }
    }
    let profile = document.get_mut("profiles").and_then(|profiles| profiles.get_mut(name)).and_then(Item::as_table_mut);
    if let Some(profile) = profile.filter(|_| is_new && !comments.is_empty()) {
        // The comments at the end of the file stay above the new table.
        profile.decor_mut().set_prefix(comments);
        document.set_trailing("");
    }
    Ok(())
}

/// The table of this name, new if there is none.
pub(super) fn table<'t>(parent: &'t mut dyn TableLike, name: &str, implicit: bool) -> Result<&'t mut dyn TableLike> {
    if !parent.contains_key(name) {
        let mut table = Table::new();
        table.set_implicit(implicit);
        parent.insert(name, Item::Table(table));
    }
    let table = parent.get_mut(name).and_then(Item::as_table_like_mut);
    table.ok_or_else(|| Failure::config(format!("{name:?} is not a table")))
}

/// Sets a value, and keeps a comment behind the old one.
pub(super) fn set(table: &mut dyn TableLike, key: &str, new: Item) {
    match (table.get_mut(key), new) {
        (Some(Item::Value(old)), Item::Value(mut new)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (_, new) => {
            table.insert(key, new);
        }
    }
}

fn edit(store: &Store, change: impl FnOnce(&mut DocumentMut) -> Result) -> Result {
    let text = store.read(FILE)?.unwrap_or_default();
    let changed = edited(&text, change)?;
    if changed == text { Ok(()) } else { store.write(FILE, &changed) }
}

fn edited(text: &str, change: impl FnOnce(&mut DocumentMut) -> Result) -> Result<String> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| invalid(Path::new(FILE), text, error.span(), error.message()))?;
    change(&mut document)?;
    Ok(document.to_string())
}

/// A TOML error with its place, and without the line of the file, which could contain a secret.
pub(super) fn invalid(path: &Path, text: &str, span: Option<std::ops::Range<usize>>, message: &str) -> Failure {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let failure = Failure::config(format!("{}: line {line}: {message}", path.display()));
    if message.contains("`api_key`") {
        return failure.hint("API keys are in credentials.toml, where `eloq auth login` stores them");
    }
    failure
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_leave_the_rest_of_the_file() {
        let changes = Profile { org: Some(3), project: Some("second".to_owned()), ..Profile::default() };
        for (text, expected) in [
            ("", "[profiles.work]\norg = 3\nproject = \"second\"\n"),
            ("# only\n", "# only\n[profiles.work]\norg = 3\nproject = \"second\"\n"),
            (
                "profiles = {work = {org = 1}, home = {}}\n",
                "profiles = {work = {org = 3, project = \"second\" }, home = {}}\n",
            ),
            ("profiles.work.org = 1 # mine\n", "profiles.work.org = 3 # mine\nprofiles.work.project = \"second\"\n"),
            ("profiles = {}", "profiles = { work = { org = 3, project = \"second\" } }\n"),
        ] {
            let changed = edited(text, |document| change_profile(document, "work", &changes)).unwrap();
            assert_eq!(changed, expected);
            assert_eq!(toml::from_str::<ConfigFile>(&changed).unwrap().profiles["work"].org, Some(3));
        }
        assert!(edited("profiles = 1", |document| change_profile(document, "work", &changes)).is_err());
    }
}
