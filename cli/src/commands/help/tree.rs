//! The tree of commands as data.

use clap::{Arg, Command};
use serde::Serialize;

use super::topic::{ExitCode, exit_codes};

/// What `eloq help --json` prints.
#[derive(Serialize)]
pub(super) struct Tree {
    version: String,
    exit_codes: Vec<ExitCode>,
    /// Options of every command.
    global_options: Vec<Flag>,
    #[serde(flatten)]
    root: Node,
}

/// A command.
#[derive(Serialize)]
pub(super) struct Node {
    name: String,
    /// The words of the command line, as in `eloq cluster list`.
    path: String,
    about: String,
    aliases: Vec<String>,
    arguments: Vec<Positional>,
    /// Without the global ones.
    options: Vec<Flag>,
    commands: Vec<Node>,
}

#[derive(Serialize)]
struct Positional {
    name: String,
    about: String,
    required: bool,
    repeatable: bool,
    /// Whether it comes after `--`.
    last: bool,
    values: Vec<String>,
}

#[derive(Serialize)]
struct Flag {
    long: Option<String>,
    short: Option<char>,
    about: String,
    /// The name of its value; none for a switch.
    value: Option<String>,
    /// Whether the value can be left out.
    value_optional: bool,
    values: Vec<String>,
    required: bool,
    repeatable: bool,
    env: Option<String>,
    default: Option<String>,
}

impl Tree {
    pub(super) fn of(root: &Command) -> Self {
        Self {
            version: root.get_version().unwrap_or_default().to_owned(),
            exit_codes: exit_codes(),
            global_options: flags(root, true),
            root: Node::of(root),
        }
    }
}

impl Node {
    pub(super) fn of(command: &Command) -> Self {
        let path = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
        let shown = |argument: &&Arg| !argument.is_hide_set();
        Self {
            name: command.get_name().to_owned(),
            path,
            about: command.get_about().map(ToString::to_string).unwrap_or_default(),
            aliases: command.get_all_aliases().map(str::to_owned).collect(),
            arguments: command.get_positionals().filter(shown).map(Positional::of).collect(),
            options: flags(command, false),
            commands: command.get_subcommands().filter(|command| !command.is_hide_set()).map(Self::of).collect(),
        }
    }
}

impl Positional {
    fn of(argument: &Arg) -> Self {
        Self {
            name: value_name(argument).unwrap_or_else(|| argument.get_id().to_string().to_uppercase()),
            about: about(argument),
            required: argument.is_required_set(),
            repeatable: is_repeatable(argument),
            last: argument.is_last_set(),
            values: values(argument),
        }
    }
}

impl Flag {
    fn of(argument: &Arg) -> Self {
        let takes_value = argument.get_action().takes_values();
        Self {
            long: argument.get_long().map(|long| format!("--{long}")),
            short: argument.get_short(),
            about: about(argument),
            value: value_name(argument).filter(|_| takes_value),
            value_optional: takes_value && argument.get_num_args().is_some_and(|range| range.min_values() == 0),
            values: if takes_value { values(argument) } else { Vec::new() },
            required: argument.is_required_set(),
            repeatable: is_repeatable(argument),
            env: bracketed(argument, "env"),
            default: default(argument).or_else(|| bracketed(argument, "default")).filter(|_| takes_value),
        }
    }
}

/// The options of a command: only those of every command, or only the others.
fn flags(command: &Command, global: bool) -> Vec<Flag> {
    let wanted = |argument: &&Arg| {
        let everywhere = argument.is_global_set() || matches!(argument.get_id().as_str(), "help" | "version");
        everywhere == global && !argument.is_hide_set() && !argument.is_positional()
    };
    command.get_arguments().filter(wanted).map(Flag::of).collect()
}

fn about(argument: &Arg) -> String {
    argument.get_help().map(ToString::to_string).unwrap_or_default()
}

fn value_name(argument: &Arg) -> Option<String> {
    argument.get_value_names().and_then(<[_]>::first).map(ToString::to_string)
}

fn values(argument: &Arg) -> Vec<String> {
    let shown = argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set());
    shown.map(|value| value.get_name().to_owned()).collect()
}

fn is_repeatable(argument: &Arg) -> bool {
    matches!(argument.get_action(), clap::ArgAction::Append | clap::ArgAction::Count)
}

fn default(argument: &Arg) -> Option<String> {
    argument.get_default_values().first().map(|value| value.to_string_lossy().into_owned())
}

/// What the help says in brackets, as in `[env: ELOQ_PROFILE]`: clap itself knows no variables, since the settings read them.
fn bracketed(argument: &Arg, label: &str) -> Option<String> {
    let help = about(argument);
    let (_, rest) = help.split_once(&format!("[{label}: "))?;
    Some(rest.split_once(']')?.0.to_owned())
}
