//! `eloq completion`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct CompletionArgs {}

pub(crate) fn run(_context: &Context, _args: CompletionArgs) -> Result {
    Err(Failure::usage("not there yet"))
}

/// Answers a shell that asks for completions, before anything else is done.
pub(crate) fn answer_shell() -> Option<std::process::ExitCode> {
    None
}
