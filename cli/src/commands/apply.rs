//! `eloq apply`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {}

pub(crate) async fn run(_context: &Context, _args: ApplyArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
