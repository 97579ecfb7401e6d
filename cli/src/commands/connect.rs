//! `eloq connect`: the database's own client, in place of this process.

mod client;
mod option_file;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use self::client::{Client, Launch};
use super::complete;
use crate::child;
use crate::connection::Connection;
use crate::context::{Context, quote};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{Columns, Format};

const COLUMNS: Columns = &[("program", "PROGRAM"), ("arguments", "ARGUMENTS"), ("password_from", "PASSWORD FROM")];

#[derive(Debug, Args)]
pub(crate) struct ConnectArgs {
    /// Name of the cluster
    #[arg(add = ArgValueCompleter::new(complete::clusters))]
    name: String,
    /// Client to use instead of the one on PATH
    #[arg(long, value_name = "PATH")]
    client: Option<PathBuf>,
    /// Print the command line, without the password, instead of running it
    #[arg(long)]
    print: bool,
    /// Arguments of the client
    #[arg(last = true, value_name = "CLIENT ARGS")]
    client_args: Vec<OsString>,
}

/// What `--print` shows.
#[derive(Serialize)]
struct Printed<'a> {
    program: &'a str,
    arguments: &'a [String],
    /// The variable or the file from which the client reads the password.
    password_from: &'a str,
}

pub(crate) async fn run(context: &Context, args: ConnectArgs) -> Result {
    let connection = Connection::of(context, &args.name).await?;
    let client = Client::of(&connection.module)?;
    let found = args.client.or_else(|| child::find_program(client.programs()));
    let interactive_input = std::io::stdin().is_terminal();
    let launch = client.launch(&connection, args.client_args, interactive_input);
    if args.print {
        return print(context, found.unwrap_or_else(|| client.programs()[0].into()), &launch);
    }
    let program = found.ok_or_else(|| no_client(client))?;
    child::become_program(launch.command(&program)?)
}

fn no_client(client: Client) -> Failure {
    let message = format!("no client for the cluster is on PATH: {}", client.programs().join(" or "));
    Failure::new(Exit::NoClient, "NoClient", message)
        .hint(format!("install {}, or name it by --client", client.packages()))
}

fn print(context: &Context, program: PathBuf, launch: &Launch) -> Result {
    let program = program.display().to_string();
    let arguments: Vec<_> = launch.arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    if context.printer.format() == Format::Table {
        let words = std::iter::once(&program).chain(&arguments).map(|word| quote(word)).collect::<Vec<_>>();
        return context.printer.text(&format!("{}\n", words.join(" ")));
    }
    let password_from = launch.password_from;
    context.printer.object(COLUMNS, &Printed { program: &program, arguments: &arguments, password_from })
}
