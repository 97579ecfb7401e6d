//! `eloq auth logout`, `list` and `use`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use crate::commands::complete;
use crate::context::Context;
use crate::failure::Result;
use crate::output::{Columns, warn};
use crate::settings::store::Store;
use crate::settings::{CREDENTIAL_VARIABLES, config_file, credentials_file, first_variable, variable};

const COLUMNS: Columns = &[
    ("profile", "PROFILE"),
    ("default", "DEFAULT"),
    ("key", "KEY"),
    ("base_url", "SERVICE"),
    ("org", "ORGANIZATION ID"),
    ("project", "PROJECT"),
];
const LOGOUT_COLUMNS: Columns = &[("profile", "PROFILE"), ("removed", "REMOVED")];
const USE_COLUMNS: Columns = &[("profile", "PROFILE"), ("default", "DEFAULT")];

#[derive(Debug, Args)]
pub(crate) struct UseArgs {
    /// Name of the profile
    #[arg(add = ArgValueCompleter::new(complete::profiles), value_name = "PROFILE")]
    name: String,
}

#[derive(Serialize)]
struct Listed<'s> {
    profile: &'s str,
    default: bool,
    /// `file`, `command` or `none`.
    key: &'static str,
    base_url: Option<&'s str>,
    org: Option<i64>,
    project: Option<&'s str>,
}

pub(super) fn list(context: &Context) -> Result {
    let settings = &context.settings;
    settings.check_file()?;
    let keys = credentials_file::read(&settings.directory)?;
    let mut rows = context.printer.rows(COLUMNS);
    for name in &settings.profile_names()? {
        let profile = settings.file.profiles.get(name);
        let key = match profile.and_then(|profile| profile.api_key_command.as_ref()) {
            Some(_) => "command",
            None if keys.contains_key(name) => "file",
            None => "none",
        };
        rows.push(&Listed {
            profile: name,
            default: name == settings.file.default_profile(),
            key,
            base_url: profile.and_then(|profile| profile.base_url.as_deref()),
            org: profile.and_then(|profile| profile.org),
            project: profile.and_then(|profile| profile.project.as_deref()),
        })?;
    }
    rows.finish()
}

pub(super) async fn use_profile(context: &Context, args: UseArgs) -> Result {
    #[derive(Serialize)]
    struct Used<'s> {
        profile: &'s str,
        default: bool,
    }

    let settings = &context.settings;
    settings.check_file()?;
    settings.check_exists(&args.name)?;
    config_file::set_default(&Store::open(&settings.directory).await?, &args.name)?;
    if let Some(other) = variable("ELOQ_PROFILE").filter(|other| *other != args.name) {
        warn(&context.globals, &format!("ELOQ_PROFILE is set and takes precedence: {other}"));
    }
    context.printer.object(USE_COLUMNS, &Used { profile: &args.name, default: true })
}

pub(super) async fn logout(context: &Context) -> Result {
    #[derive(Serialize)]
    struct LoggedOut<'s> {
        profile: &'s str,
        /// Whether there was a key.
        removed: bool,
    }

    let settings = &context.settings;
    settings.check()?;
    let profile = &settings.profile_name;
    let exists = credentials_file::read(&settings.directory)?.contains_key(profile);
    let removed = exists && credentials_file::remove(&Store::open(&settings.directory).await?, profile)?;
    let left = match first_variable(&CREDENTIAL_VARIABLES) {
        Some(variable) => Some(variable),
        None => settings.profile.api_key_command.as_ref().map(|_| "api_key_command"),
    };
    if let Some(left) = left {
        warn(&context.globals, &format!("there is still a key: {left} is set"));
    }
    context.printer.object(LOGOUT_COLUMNS, &LoggedOut { profile, removed })
}
