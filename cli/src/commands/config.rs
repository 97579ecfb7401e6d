//! `eloq config`: the settings of this tool.

use clap::{Args, Subcommand, ValueEnum as _};
use serde::Serialize;

use crate::context::Context;
use crate::failure::Result;
use crate::output::{Columns, Format};
use crate::settings::effective::{Choice, client_base_url};
use crate::settings::{Settings, config_file, credentials_file, variable};

const PATH_COLUMNS: Columns = &[("config", "CONFIG"), ("credentials", "CREDENTIALS"), ("directory", "DIRECTORY")];
const COLUMNS: Columns = &[("setting", "SETTING"), ("value", "VALUE"), ("source", "SOURCE")];

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the path of config.toml
    Path,
    /// Show every setting that is in effect, and where it is from
    Show,
}

pub(crate) fn run(context: &Context, args: ConfigArgs) -> Result {
    match args.command {
        ConfigCommand::Path => path(context),
        ConfigCommand::Show => show(context),
    }
}

fn path(context: &Context) -> Result {
    #[derive(Serialize)]
    struct Paths {
        config: String,
        credentials: String,
        directory: String,
    }

    let directory = &context.settings.directory;
    let config = directory.join(config_file::FILE).display().to_string();
    if context.printer.format() == Format::Table && context.globals.columns.is_none() {
        return context.printer.text(&format!("{config}\n"));
    }
    let credentials = credentials_file::path(directory).display().to_string();
    let directory = directory.display().to_string();
    context.printer.object(PATH_COLUMNS, &Paths { config, credentials, directory })
}

#[derive(Serialize)]
struct Setting {
    setting: &'static str,
    value: Option<String>,
    source: String,
}

fn show(context: &Context) -> Result {
    let settings = &context.settings;
    settings.check()?;
    let mut rows = context.printer.rows(COLUMNS);
    for setting in effective(context, settings)? {
        rows.push(&setting)?;
    }
    rows.finish()
}

fn effective(context: &Context, settings: &Settings) -> Result<Vec<Setting>> {
    let key = settings.key_source()?;
    // Checks the settings, and knows the default. It sends nothing.
    let client = settings.builder_without_key().api_key("unused").build()?;
    let (name, url, org, project) = (settings.profile(), settings.base_url(), settings.org(), settings.project());
    let (output, timeout) = (settings.format(), settings.request_timeout());
    let timeout_text = match timeout {
        Choice::Flag(timeout) => Some(humantime::format_duration(*timeout).to_string()),
        _ => variable("ELOQ_TIMEOUT"),
    };
    let format = context.printer.format().to_possible_value().map(|value| value.get_name().to_owned());
    let (key_value, key_source) = match &key {
        Some(key) => (Some("[redacted]".to_owned()), key.origin()),
        None => (None, "none".to_owned()),
    };
    let profile = format!("profile {}", settings.profile_name);
    let setting = |setting, value, source| Setting { setting, value, source };
    Ok(vec![
        setting("profile", Some(settings.profile_name.clone()), name.source("--profile", config_file::FILE)),
        setting("api_key", key_value, key_source),
        setting("base_url", Some(client_base_url(&client)), url.source("--base-url", &profile)),
        setting("org", org.text(), org.source("--org", &profile)),
        setting("project", project.text(), project.source("--project", &profile)),
        setting("output", format, output.source("--output", &profile)),
        setting("request_timeout", timeout_text, timeout.source("--request-timeout", &profile)),
    ])
}
