//! Settings: flags, then `ELOQ_*` variables, then the profile.

pub(crate) mod config_file;
pub(crate) mod credentials_file;
pub(crate) mod directory;
pub(crate) mod key_command;

use std::path::PathBuf;

use clap::ValueEnum as _;
use config_file::{ConfigFile, Profile};
use eloq_sdk::{EloqApi, EloqApiBuilder, Secret};

use crate::cli::Globals;
use crate::failure::{Failure, Result};
use crate::output::Format;

/// The profile without `--profile`, `ELOQ_PROFILE` and `default_profile`.
pub(crate) const DEFAULT_PROFILE: &str = "default";
/// Variables with a credential, which take precedence over that of a profile.
pub(crate) const CREDENTIAL_VARIABLES: [&str; 3] = ["ELOQ_API_KEY", "ELOQ_API_TOKEN", "ELOQ_OAUTH_TOKEN"];
const BASE_URL_VARIABLES: [&str; 2] = ["ELOQ_BASE_URL", "ELOQ_API_URL"];

/// What flags, variables and the profile say.
#[derive(Debug)]
pub(crate) struct Settings {
    globals: Globals,
    pub(crate) directory: PathBuf,
    pub(crate) file: ConfigFile,
    pub(crate) profile_name: String,
    pub(crate) profile: Profile,
}

impl Settings {
    pub(crate) fn read(globals: &Globals) -> Result<Self> {
        let directory = directory::find()?;
        let file = ConfigFile::read(&directory)?;
        let named = globals.profile.clone().or_else(|| variable("ELOQ_PROFILE"));
        let profile_name =
            named.clone().or_else(|| file.default_profile.clone()).unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
        let profile = match file.profiles.get(&profile_name) {
            Some(profile) => profile.clone(),
            None => Profile::default(),
        };
        Ok(Self { globals: globals.clone(), directory, file, profile_name, profile })
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
        let from_profile = || match variable("ELOQ_PROJECT_ID") {
            Some(_) => None,
            None => self.profile.project.as_deref(),
        };
        let project = self.globals.project.as_deref().or_else(from_profile)?;
        project.parse::<i64>().is_err().then_some(project)
    }

    /// A client with these settings, before it is built.
    pub(crate) fn builder(&self) -> Result<EloqApiBuilder> {
        let mut builder = self.builder_without_key();
        if first_variable(&CREDENTIAL_VARIABLES).is_none() {
            builder = builder.api_key(self.api_key()?);
        }
        Ok(builder)
    }

    /// Where the profile, the key and the base URL come from, without their values.
    pub(crate) fn sources(&self) -> String {
        let profile = match (&self.globals.profile, variable("ELOQ_PROFILE"), &self.file.default_profile) {
            (Some(_), _, _) => "--profile",
            (None, Some(_), _) => "ELOQ_PROFILE",
            (None, None, Some(_)) => "config.toml",
            (None, None, None) => "default",
        };
        let key = match (first_variable(&CREDENTIAL_VARIABLES), &self.profile.api_key_command) {
            (Some(variable), _) => variable,
            (None, Some(_)) => "api_key_command",
            (None, None) => credentials_file::FILE,
        };
        let base_url = match (&self.globals.base_url, first_variable(&BASE_URL_VARIABLES), &self.profile.base_url) {
            (Some(_), _, _) => "--base-url",
            (None, Some(variable), _) => variable,
            (None, None, Some(_)) => "config.toml",
            (None, None, None) => "default",
        };
        format!("profile {} ({profile}), key of {key}, base URL of {base_url}", self.profile_name)
    }

    fn builder_without_key(&self) -> EloqApiBuilder {
        let (globals, profile) = (&self.globals, &self.profile);
        let mut builder = EloqApi::builder().user_agent_suffix(concat!("eloq/", env!("CARGO_PKG_VERSION")));
        let from_profile = |names: &[&str]| first_variable(names).is_none();
        if let Some(url) =
            globals.base_url.clone().or_else(|| profile.base_url.clone().filter(|_| from_profile(&BASE_URL_VARIABLES)))
        {
            builder = builder.base_url(url);
        }
        if let Some(org) = globals.org.or(profile.org.filter(|_| from_profile(&["ELOQ_ORG_ID"]))) {
            builder = builder.org_id(org);
        }
        let project =
            globals.project.clone().or_else(|| profile.project.clone().filter(|_| from_profile(&["ELOQ_PROJECT_ID"])));
        if let Some(project) = project.and_then(|project| project.parse().ok()) {
            builder = builder.project_id(project);
        }
        if let Some(timeout) = globals.request_timeout {
            builder = builder.timeout(timeout);
        }
        builder
    }

    /// The API key of the profile.
    fn api_key(&self) -> Result<Secret> {
        if let Some(command) = &self.profile.api_key_command {
            return key_command::run(command);
        }
        credentials_file::read(&self.directory, &self.profile_name)?.ok_or_else(|| {
            Failure::config(format!("there is no API key for the profile {:?}", self.profile_name))
                .hint("`eloq auth login` stores one, or set ELOQ_API_KEY; `eloq simulator` needs no account")
        })
    }
}

/// A variable of the environment; empty ones count as unset.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The first of these variables that is set.
pub(crate) fn first_variable<'n>(names: &[&'n str]) -> Option<&'n str> {
    names
        .iter()
        .copied()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty()))
}
