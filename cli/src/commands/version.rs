//! `eloq version`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct VersionArgs {}

pub(crate) fn run(_context: &Context, _args: VersionArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
