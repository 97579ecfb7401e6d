//! `eloq connect`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct ConnectArgs {}

pub(crate) async fn run(_context: &Context, _args: ConnectArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
