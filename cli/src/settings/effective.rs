//! Which value counts, and where it is from.

use std::path::PathBuf;
use std::time::Duration;

use eloq_sdk::{EloqApi, Secret};

use super::directory::{self, Access};
use super::{CREDENTIAL_VARIABLES, Settings, config_file, credentials_file, first_variable, variable};
use crate::failure::Result;
use crate::output::Format;

/// Where the value of a setting is from. The SDK itself reads variables, whose errors name them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice<T> {
    Flag(T),
    Variable(&'static str),
    Profile(T),
    Default,
}

impl<T> Choice<T> {
    fn new(flag: Option<T>, variables: &'static [&'static str], profile: Option<T>) -> Self {
        match (flag, first_variable(variables), profile) {
            (Some(value), _, _) => Self::Flag(value),
            (None, Some(name), _) => Self::Variable(name),
            (None, None, Some(value)) => Self::Profile(value),
            (None, None, None) => Self::Default,
        }
    }

    /// The value of the flag or the profile.
    pub(crate) fn explicit(self) -> Option<T> {
        match self {
            Self::Flag(value) | Self::Profile(value) => Some(value),
            Self::Variable(_) | Self::Default => None,
        }
    }

    /// Where the value is from: the flag, the name of the variable, what `profile` says, or the default.
    pub(crate) fn source(&self, flag: &str, profile: &str) -> String {
        match self {
            Self::Flag(_) => flag.to_owned(),
            Self::Variable(name) => (*name).to_owned(),
            Self::Profile(_) => profile.to_owned(),
            Self::Default => "default".to_owned(),
        }
    }
}

impl<T: ToString> Choice<T> {
    /// The value as text, if it is not the default.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Flag(value) | Self::Profile(value) => Some(value.to_string()),
            Self::Variable(name) => variable(name),
            Self::Default => None,
        }
    }
}

/// Where the API key is from.
#[derive(Debug)]
pub(crate) enum KeySource<'s> {
    Variable(&'static str),
    Command(&'s [String]),
    File { path: PathBuf, key: Secret },
}

impl KeySource<'_> {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Variable(_) => "variable",
            Self::Command(_) => "command",
            Self::File { .. } => "file",
        }
    }

    /// The name of the variable, the program, or the path of the file.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Variable(name) => (*name).to_owned(),
            Self::Command(command) => command.first().cloned().unwrap_or_default(),
            Self::File { path, .. } => path.display().to_string(),
        }
    }
}

/// The base URL that a client uses.
pub(crate) fn client_base_url(client: &EloqApi) -> String {
    use eloq_sdk::raw::ClientInfo as _;

    client.raw().baseurl().to_owned()
}

impl Settings {
    /// Which profile, where the last is `default_profile` of the file.
    pub(crate) fn profile(&self) -> Choice<&str> {
        let (flag, default) = (self.globals.profile.as_deref(), self.file.default_profile.as_deref());
        Choice::new(flag, &["ELOQ_PROFILE"], default)
    }

    pub(crate) fn format(&self) -> Choice<Format> {
        Choice::new(self.globals.output, &["ELOQ_OUTPUT"], self.profile.output)
    }

    pub(crate) fn base_url(&self) -> Choice<&str> {
        let (flag, profile) = (self.globals.base_url.as_deref(), self.profile.base_url.as_deref());
        Choice::new(flag, &["ELOQ_BASE_URL", "ELOQ_API_URL"], profile)
    }

    pub(crate) fn org(&self) -> Choice<&i64> {
        Choice::new(self.globals.org.as_ref(), &["ELOQ_ORG_ID"], self.profile.org.as_ref())
    }

    pub(crate) fn project(&self) -> Choice<&str> {
        let (flag, profile) = (self.globals.project.as_deref(), self.profile.project.as_deref());
        Choice::new(flag, &["ELOQ_PROJECT_ID"], profile)
    }

    pub(crate) fn request_timeout(&self) -> Choice<&Duration> {
        Choice::new(self.globals.request_timeout.as_ref(), &["ELOQ_TIMEOUT"], None)
    }

    /// Where the API key is from; `None` if there is none. A program is not run.
    pub(crate) fn key_source(&self) -> Result<Option<KeySource<'_>>> {
        if let Some(name) = first_variable(&CREDENTIAL_VARIABLES) {
            return Ok(Some(KeySource::Variable(name)));
        }
        if let Some(command) = &self.profile.api_key_command {
            // Who can write the file chooses the program.
            super::store::read(&self.directory.join(config_file::FILE), Some(Access::ReadOnly))?;
            directory::check_folder(&self.directory, Access::ReadOnly)?;
            return Ok(Some(KeySource::Command(command)));
        }
        let mut keys = credentials_file::read(&self.directory)?;
        let path = credentials_file::path(&self.directory);
        Ok(keys.remove(&self.profile_name).map(|key| KeySource::File { path, key }))
    }
}
