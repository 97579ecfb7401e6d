//! `eloq man`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct ManArgs {}

pub(crate) fn run(_context: &Context, _args: ManArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
