//! `eloq config`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {}

pub(crate) fn run(_context: &Context, _args: ConfigArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
