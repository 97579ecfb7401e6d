//! `eloq auth login`: a key is stored only after the service has accepted it.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use eloq_sdk::Secret;
use serde::Serialize;

use super::status::{self, Status, account};
use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::input;
use crate::output::warn;
use crate::prompt;
use crate::settings::config_file::{self, Profile};
use crate::settings::effective::client_base_url;
use crate::settings::store::Store;
use crate::settings::{CREDENTIAL_VARIABLES, credentials_file, first_variable};

/// The key is asked for at a terminal if no option says where it is.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Read the API key from stdin
    #[arg(long, conflicts_with = "api_key_file")]
    api_key_stdin: bool,
    /// Read the API key from a file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    api_key_file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Login {
    #[serde(flatten)]
    status: Status,
    /// Whether the profile is the default.
    default: bool,
}

pub(super) async fn run(context: &Context, args: LoginArgs) -> Result {
    let settings = &context.settings;
    settings.check_file()?;
    let profile = &settings.profile_name;
    check_name(profile)?;
    if settings.profile.api_key_command.is_some() {
        return Err(Failure::config(format!("the profile {profile:?} has an api_key_command"))
            .hint("remove it from config.toml first, or choose another profile with --profile"));
    }
    let first = settings.profile_names()?.is_empty() && settings.file.default_profile.is_none();
    context.set_next(context.command_line(&["auth", "login"]));
    let key = read_key(context, args).await?;

    let client = settings.builder_without_key().api_key(key.clone()).build()?;
    let base_url = client_base_url(&client);
    let account = account(context, client).await?;

    let globals = &context.globals;
    let changes = Profile {
        org: globals.org,
        project: globals.project.clone(),
        base_url: globals.base_url.clone(),
        ..Profile::default()
    };
    let store = Store::open(&settings.directory).await?;
    // First, so that the key is never used with another service.
    config_file::set_profile(&store, profile, &changes)?;
    credentials_file::set(&store, profile, &key)?;
    if first && profile != crate::settings::DEFAULT_PROFILE {
        config_file::set_default(&store, profile)?;
    }
    drop(store);

    if let Some(variable) = first_variable(&CREDENTIAL_VARIABLES) {
        warn(globals, &format!("{variable} takes precedence over the stored key: unset it"));
    }
    let status = Status {
        profile: profile.clone(),
        key_source: "file",
        key_origin: credentials_file::path(&settings.directory).display().to_string(),
        base_url,
        verified: true,
        account,
    };
    let default = first || profile == settings.file.default_profile();
    context.printer.object(status::COLUMNS, &Login { status, default })
}

async fn read_key(context: &Context, args: LoginArgs) -> Result<Secret> {
    let text = if let Some(path) = args.api_key_file {
        input::read(&path).await?
    } else if args.api_key_stdin {
        if io::stdin().is_terminal() {
            return Err(Failure::usage("stdin is a terminal").hint("without --api-key-stdin, the key is asked for"));
        }
        input::read(Path::new("-")).await?
    } else if prompt::can_ask(context) {
        prompt::read_secret("API key, from the dashboard under Settings, API Keys: ".to_owned()).await?
    } else {
        return Err(Failure::usage(
            "the API key cannot be asked for: stdin and stderr are no terminals, or --no-input was given",
        )
        .hint("pass it with --api-key-stdin or --api-key-file"));
    };
    match text.trim() {
        "" => Err(Failure::usage("the API key is empty")),
        key => Ok(key.into()),
    }
}

/// A name that needs no quotes in a shell.
fn check_name(profile: &str) -> Result {
    let plain = |c: char| c.is_alphanumeric() || "-_.@".contains(c);
    if !profile.is_empty() && !profile.starts_with('-') && profile.chars().all(plain) {
        return Ok(());
    }
    Err(Failure::usage(format!("{profile:?} cannot be the name of a profile"))
        .hint("use letters, digits, hyphens, underscores, dots and @"))
}
