//! `eloq help`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct HelpArgs {}

pub(crate) fn run(_context: &Context, _args: HelpArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
