//! Settings: flags, then `ELOQ_*` variables, then the profile.

pub(crate) mod config_file;
pub(crate) mod credentials_file;
pub(crate) mod directory;
pub(crate) mod effective;
mod key_command;
pub(crate) mod store;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::ValueEnum as _;
use config_file::{ConfigFile, Profile};
use effective::{Choice, KeySource};
use eloq_sdk::{EloqApi, EloqApiBuilder, ProjectPolicy};

use crate::cli::Globals;
use crate::failure::{Failure, Result};
use crate::output::{Format, warn};

/// The profile without `--profile`, `ELOQ_PROFILE` and `default_profile`.
pub(crate) const DEFAULT_PROFILE: &str = "default";
/// Variables with a credential, which take precedence over that of a profile.
pub(crate) const CREDENTIAL_VARIABLES: [&str; 3] = ["ELOQ_API_KEY", "ELOQ_API_TOKEN", "ELOQ_OAUTH_TOKEN"];

/// What flags, variables and the profile say.
#[derive(Debug)]
pub(crate) struct Settings {
    globals: Globals,
    pub(crate) directory: PathBuf,
    pub(crate) file: ConfigFile,
    pub(crate) profile_name: String,
    pub(crate) profile: Profile,
    /// Why there can be no client. Commands without an account run nevertheless.
    problem: Option<Failure>,
    warned: Cell<bool>,
}

impl Settings {
    pub(crate) fn read(globals: &Globals) -> Result<Self> {
        let directory = directory::find()?;
        let (file, invalid) = match ConfigFile::read(&directory) {
            Ok(file) => (file, None),
            Err(failure) => (ConfigFile::default(), Some(failure)),
        };
        let named = globals.profile.clone().or_else(|| variable("ELOQ_PROFILE"));
        let mut settings = Self {
            globals: globals.clone(),
            profile_name: named.clone().unwrap_or_else(|| file.default_profile().to_owned()),
            profile: Profile::default(),
            problem: invalid,
            warned: Cell::new(false),
            directory,
            file,
        };
        settings.profile = settings.file.profiles.get(&settings.profile_name).cloned().unwrap_or_default();
        if let (Some(name), None) = (named, &settings.problem) {
            settings.problem = settings.check_exists(&name).err();
        }
        Ok(settings)
    }

    /// Fails if the files are invalid, or the profile that the user named does not exist.
    pub(crate) fn check(&self) -> Result {
        self.problem.clone().map_or(Ok(()), Err)
    }

    /// Fails if `config.toml` is invalid. The profile need not exist.
    pub(crate) fn check_file(&self) -> Result {
        ConfigFile::read(&self.directory).map(drop)
    }

    /// The profiles of both files.
    pub(crate) fn profile_names(&self) -> Result<BTreeSet<String>> {
        let with_key = credentials_file::read(&self.directory)?.into_keys();
        Ok(self.file.profiles.keys().cloned().chain(with_key).collect())
    }

    /// Fails with exit code 3 if there is no such profile.
    pub(crate) fn check_exists(&self, name: &str) -> Result {
        if self.file.profiles.contains_key(name) {
            return Ok(());
        }
        let names = self.profile_names()?;
        if names.contains(name) {
            return Ok(());
        }
        let failure = Failure::config(format!("there is no profile {name:?}"));
        if names.is_empty() {
            return Err(failure.hint(format!("there are none yet: `eloq auth login --profile {name}` creates it")));
        }
        Err(failure.hint(format!("the profiles are {}", names.into_iter().collect::<Vec<_>>().join(", "))))
    }

    /// The output format.
    pub(crate) fn output(&self) -> Result<Format> {
        Ok(Self::output_without_file(&self.globals)?.or(self.profile.output).unwrap_or_default())
    }

    /// Which format the flags and variables ask for.
    pub(crate) fn output_without_file(globals: &Globals) -> Result<Option<Format>> {
        let variable = || {
            let parse = |name: String| {
                Format::from_str(&name, true).map_err(|_| {
                    Failure::config(format!("ELOQ_OUTPUT is not a format: {name:?}"))
                        .hint("the formats are table, json, jsonl, yaml, csv and name")
                })
            };
            variable("ELOQ_OUTPUT").map(parse).transpose()
        };
        match globals.output {
            Some(format) => Ok(Some(format)),
            None => variable(),
        }
    }

    /// The name of the project, if it was not given by its id.
    pub(crate) fn project_name(&self) -> Option<&str> {
        let project = self.project().explicit()?;
        project.parse::<i64>().is_err().then_some(project)
    }

    /// A client with these settings, before it is built.
    pub(crate) fn builder(&self) -> Result<EloqApiBuilder> {
        self.check()?;
        let builder = self.builder_without_key();
        match self.key_source()? {
            Some(KeySource::Variable(variable)) => {
                self.warn_of_override(variable);
                Ok(builder)
            }
            Some(KeySource::Command(command)) => {
                let command = command.to_owned();
                let builder = builder.credential_provider(move || key_command::run(command.clone()));
                Ok(builder.project_policy(ProjectPolicy::First))
            }
            Some(KeySource::File { key, .. }) => Ok(builder.api_key(key)),
            None => Err(Failure::config(format!("there is no API key for the profile {:?}", self.profile_name))
                .hint("`eloq auth login` stores one, or set ELOQ_API_KEY; `eloq simulator` needs no account")),
        }
    }

    /// The same for a key that the caller has.
    pub(crate) fn builder_without_key(&self) -> EloqApiBuilder {
        let mut builder = EloqApi::builder().user_agent_suffix(concat!("eloq/", env!("CARGO_PKG_VERSION")));
        if let Some(url) = self.base_url().explicit() {
            builder = builder.base_url(url);
        }
        if let Some(&org) = self.org().explicit() {
            builder = builder.org_id(org);
        }
        if let Some(project) = self.project().explicit().and_then(|project| project.parse().ok()) {
            builder = builder.project_id(project);
        }
        if let Choice::Flag(&timeout) = self.request_timeout() {
            builder = builder.timeout(timeout);
        }
        builder
    }

    /// Where the profile, the key and the base URL come from, without their values.
    pub(crate) fn sources(&self) -> Result<String> {
        let key = self.key_source()?.map_or_else(|| "no key".to_owned(), |key| format!("key of {}", key.origin()));
        let profile = self.profile().source("--profile", config_file::FILE);
        let url = self.base_url().source("--base-url", config_file::FILE);
        Ok(format!("profile {} ({profile}), {key}, base URL of {url}", self.profile_name))
    }

    /// Warns once if the user chose a profile and a variable takes the place of its key.
    fn warn_of_override(&self, variable: &str) {
        let Some(name) = &self.globals.profile else { return };
        let has_key = || credentials_file::read(&self.directory).map_or(true, |keys| keys.contains_key(name));
        if (self.profile.api_key_command.is_some() || has_key()) && !self.warned.replace(true) {
            warn(&self.globals, &format!("{variable} takes precedence over the key of the profile {name:?}"));
        }
    }
}

/// A variable of the environment; empty ones count as unset.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The first of these variables that is set.
pub(crate) fn first_variable(names: &'static [&'static str]) -> Option<&'static str> {
    names
        .iter()
        .copied()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty()))
}
