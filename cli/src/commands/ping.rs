//! `eloq ping`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct PingArgs {}

pub(crate) async fn run(_context: &Context, _args: PingArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
