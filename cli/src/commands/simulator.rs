//! `eloq simulator`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct SimulatorArgs {}

pub(crate) async fn run(_context: &Context, _args: SimulatorArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
