//! `eloq`: the command-line tool of EloqCloud.

use std::process::ExitCode;

mod child;
mod cli;
mod commands;
mod connection;
mod context;
mod exit;
mod failure;
mod input;
mod interrupt;
mod output;
mod progress;
mod prompt;
mod settings;

fn main() -> ExitCode {
    cli::main()
}
