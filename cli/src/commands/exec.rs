//! `eloq exec`: a program with a cluster's address and credentials in its environment, in place of this process.

use std::ffi::OsString;

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::complete;
use crate::child;
use crate::connection::{Connection, parse_prefix};
use crate::context::Context;
use crate::failure::Result;

#[derive(Debug, Args)]
#[command(after_help = super::env::VARIABLES_HELP)]
pub(crate) struct ExecArgs {
    /// Name of the cluster
    #[arg(add = ArgValueCompleter::new(complete::clusters))]
    name: String,
    /// Prefix of the variables instead of ELOQ_
    #[arg(long, value_name = "PREFIX", value_parser = parse_prefix)]
    prefix: Option<String>,
    /// Program and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub(crate) async fn run(context: &Context, args: ExecArgs) -> Result {
    let connection = Connection::of(context, &args.name).await?;
    let variables = connection.variables(args.prefix.as_deref());
    let mut words = args.command.into_iter();
    let mut command = child::command(words.next().unwrap_or_default());
    command.args(words).envs(variables.iter().map(|variable| (&variable.name, variable.value.expose())));
    child::become_program(command)
}
