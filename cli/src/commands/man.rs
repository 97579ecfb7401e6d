//! `eloq man`: man pages.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde::Serialize;

use crate::cli::command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Columns;

const COLUMNS: Columns = &[("directory", "DIRECTORY"), ("pages", "PAGES")];

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Folder for the pages, which is created
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: PathBuf,
}

#[derive(Serialize)]
struct Written {
    directory: String,
    pages: usize,
}

pub(crate) fn run(context: &Context, args: ManArgs) -> Result {
    let directory = args.directory.display().to_string();
    std::fs::create_dir_all(&args.directory)
        .and_then(|()| clap_mangen::generate_to(command(), &args.directory))
        .map_err(|error| Failure::new(Exit::Other, "Output", format!("cannot write to {directory}: {error}")))?;
    context.printer.object(COLUMNS, &Written { directory, pages: pages(&command()) })
}

/// One page for each command that is shown.
fn pages(command: &clap::Command) -> usize {
    1 + command.get_subcommands().filter(|command| !command.is_hide_set()).map(pages).sum::<usize>()
}
