//! `eloq exec`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct ExecArgs {}

pub(crate) async fn run(_context: &Context, _args: ExecArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
