//! The command line: global options, the tree of commands, and the way of one run.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind as ClapError;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::ArgValueCompleter;

use crate::commands;
use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::interrupt::interrupted;
use crate::output::{ColorChoice, Format, report};

/// Create, watch and delete the database clusters of EloqCloud, and connect to them.
#[derive(Debug, Parser)]
#[command(name = "eloq", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = false)]
#[command(after_help = "Topics: eloq help exit-codes, environment, output, agents")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command. A flag takes precedence over a variable, a variable over the profile.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Profile of config.toml to use [env: ELOQ_PROFILE]
    #[arg(short = 'P', long, global = true, value_name = "NAME", add = ArgValueCompleter::new(commands::complete::profiles))]
    pub(crate) profile: Option<String>,
    /// Id of the organization that the key must belong to [env: ELOQ_ORG_ID]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) org: Option<i64>,
    /// Id or name of the project [env: ELOQ_PROJECT_ID]
    #[arg(long, global = true, value_name = "PROJECT", add = ArgValueCompleter::new(commands::complete::projects))]
    pub(crate) project: Option<String>,
    /// Base URL of the service [env: ELOQ_BASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Output format: table, json, jsonl, yaml, csv or name [env: ELOQ_OUTPUT] [default: table]
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) output: Option<Format>,
    /// Columns to show, in this order, separated by commas: names of JSON fields
    #[arg(long, global = true, value_delimiter = ',', value_name = "FIELDS")]
    pub(crate) columns: Option<Vec<String>>,
    /// Omit the header of tables and CSV
    #[arg(long, global = true)]
    pub(crate) no_headers: bool,
    /// Print no progress and no notices
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Log to stderr: -v warnings and retries, -vv requests, -vvv everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to use colour: auto, always or never
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) color: ColorChoice,
    /// Never prompt
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Confirm what would be asked
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Longest wait, as in 90s or 15m [default: 15m]
    #[arg(long, global = true, value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) timeout: Option<Duration>,
    /// Timeout of one request, as in 10s [env: ELOQ_TIMEOUT]
    #[arg(long, global = true, value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) request_timeout: Option<Duration>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in and out, and choose a profile
    Auth(commands::auth::AuthArgs),
    /// Show the configuration of this tool
    Config(commands::config::ConfigArgs),
    /// Show the organization
    #[command(visible_alias = "organization")]
    Org(commands::org::OrgArgs),
    /// List and choose projects
    #[command(alias = "projects")]
    Project(commands::project::ProjectArgs),
    /// Create, show, watch and delete clusters
    #[command(alias = "clusters")]
    Cluster(commands::cluster::ClusterArgs),
    /// Show what `apply` would do
    Plan(commands::plan::PlanArgs),
    /// Create and delete clusters as a file describes them
    Apply(commands::apply::ApplyArgs),
    /// List the SKUs of clusters
    #[command(alias = "skus")]
    Sku(commands::sku::SkuArgs),
    /// Show and subscribe to pricing plans
    Billing(commands::billing::BillingArgs),
    /// List the dashboards of the databases
    #[command(alias = "dashboards")]
    Dashboard(commands::dashboard::DashboardArgs),
    /// Open a TCP connection to a cluster
    Ping(commands::ping::PingArgs),
    /// Open the database's own client: redis-cli, mongosh, mysql or mariadb
    Connect(commands::connect::ConnectArgs),
    /// Run a program with a cluster's address and credentials in its environment
    Exec(commands::exec::ExecArgs),
    /// Print the connection URL of a cluster, with its password
    Url(commands::url::UrlArgs),
    /// Print the address and credentials of a cluster as variables
    Env(commands::env::EnvArgs),
    /// Send a request to the API
    Api(commands::api::ApiArgs),
    /// Run a simulated EloqCloud, to try everything without an account
    Simulator(commands::simulator::SimulatorArgs),
    /// Find out why something does not work
    Doctor(commands::doctor::DoctorArgs),
    /// Print the completion script of a shell
    Completion(commands::completion::CompletionArgs),
    /// Write man pages
    Man(commands::man::ManArgs),
    /// Show the versions of this tool, the SDK and the API
    Version(commands::version::VersionArgs),
    /// Show help about commands and topics
    Help(commands::help::HelpArgs),
}

pub(crate) fn main() -> ExitCode {
    if let Some(code) = commands::completion::answer_shell() {
        return code;
    }
    let code = run(std::env::args_os().collect());
    // Ends threads that still read stdin.
    std::process::exit(code.into())
}

/// Parses and runs a command line, reports its failure, and returns the exit code.
fn run(arguments: Vec<OsString>) -> u8 {
    let (globals, is_wrapper, parsed) = match parse(&arguments) {
        Ok(cli) => (cli.globals.clone(), cli.command.is_wrapper(), Ok(cli)),
        Err(error) if !error.use_stderr() => return print_help(&error),
        Err(error) => (Globals::lenient(&arguments), Command::lenient_is_wrapper(&arguments), Err(usage(&error))),
    };
    let outcome = parsed.and_then(|cli| {
        crate::output::log::init(&cli.globals);
        let context = Context::new(cli.globals)?;
        dispatch(context, cli.command)
    });
    match outcome {
        Ok(()) => 0,
        Err(failure) => {
            let failure = if is_wrapper { failure.of_wrapper() } else { failure };
            report(&failure, &globals);
            failure.exit_code()
        }
    }
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command().try_get_matches_from(arguments)?)
}

/// The tree of commands, for parsing, help, completion and man pages.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

fn dispatch(context: Context, command: Command) -> Result {
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            biased;
            failure = interrupted() => Err(context.add_next(failure)),
            outcome = execute(&context, command) => outcome,
        }
    });
    runtime.shutdown_background();
    outcome
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::new(crate::exit::Exit::Other, "Runtime", format!("cannot start the runtime: {error}"))
    })
}

async fn execute(context: &Context, command: Command) -> Result {
    match command {
        Command::Auth(args) => commands::auth::run(context, args).await,
        Command::Config(args) => commands::config::run(context, args),
        Command::Org(args) => commands::org::run(context, args).await,
        Command::Project(args) => commands::project::run(context, args).await,
        Command::Cluster(args) => commands::cluster::run(context, args).await,
        Command::Plan(args) => commands::plan::run(context, args).await,
        Command::Apply(args) => commands::apply::run(context, args).await,
        Command::Sku(args) => commands::sku::run(context, args).await,
        Command::Billing(args) => commands::billing::run(context, args).await,
        Command::Dashboard(args) => commands::dashboard::run(context, args).await,
        Command::Ping(args) => commands::ping::run(context, args).await,
        Command::Connect(args) => commands::connect::run(context, args).await,
        Command::Exec(args) => commands::exec::run(context, args).await,
        Command::Url(args) => commands::url::run(context, args).await,
        Command::Env(args) => commands::env::run(context, args).await,
        Command::Api(args) => commands::api::run(context, args).await,
        Command::Simulator(args) => commands::simulator::run(context, args).await,
        Command::Doctor(args) => commands::doctor::run(context, args).await,
        Command::Completion(args) => commands::completion::run(context, args),
        Command::Man(args) => commands::man::run(context, args),
        Command::Version(args) => commands::version::run(context, args),
        Command::Help(args) => commands::help::run(context, args),
    }
}

impl Command {
    /// Whether the exit code is that of a program which runs in place of this one.
    fn is_wrapper(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Exec(_))
    }

    /// The same from arguments that clap refused.
    fn lenient_is_wrapper(arguments: &[OsString]) -> bool {
        let matches = command().ignore_errors(true).try_get_matches_from(arguments);
        matches.is_ok_and(|matches| matches!(matches.subcommand_name(), Some("connect" | "exec")))
    }
}

impl Globals {
    /// The options that decide how a usage error is reported, from arguments that clap refused.
    fn lenient(arguments: &[OsString]) -> Self {
        use clap::ValueEnum as _;
        let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
        let words = words.split(|word| word == "--").next().unwrap_or_default();
        let inline = |word: &str| {
            let value = word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o"));
            value.map(|value| value.trim_start_matches('=')).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let after =
            words.windows(2).filter(|pair| pair[0] == "-o" || pair[0] == "--output").map(|pair| pair[1].to_string());
        let named = after.chain(words.iter().filter_map(|word| inline(word))).last();
        Self { output: named.and_then(|name| Format::from_str(&name, false).ok()), ..Self::default() }
    }
}

fn print_help(error: &clap::Error) -> u8 {
    // A closed pipe is no error.
    let _ = error.print();
    0
}

/// The message of clap as one line, and its tips as the hint.
fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let paragraphs: Vec<_> =
        lines.by_ref().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more")).collect();
    let message = paragraphs.iter().filter(|line| !line.starts_with("tip:")).copied().collect::<Vec<_>>().join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let tip = paragraphs.iter().find_map(|line| line.strip_prefix("tip: "));
    let hint = tip.map_or_else(|| "see `eloq help`, or --help after the command".to_owned(), str::to_owned);
    let message = match error.kind() {
        ClapError::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing",
        _ => message,
    };
    Failure::usage(message).hint(hint)
}

pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| "not a duration, as in 90s or 15m".to_owned())?;
    if duration.is_zero() { Err("must be longer than zero".to_owned()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_consistent() {
        super::command().debug_assert();
    }

    #[test]
    fn no_flag_takes_a_secret() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
                let id = argument.get_id().as_str().replace('-', "_");
                let secret = ["key", "token", "password", "secret", "credential"].iter().any(|word| id.contains(word));
                let takes_path = argument.get_value_hint() == clap::ValueHint::FilePath && id.ends_with("_file");
                assert!(!secret || takes_path, "{} {id}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        let mut command = super::command();
        command.build();
        check(&command);
    }
}
