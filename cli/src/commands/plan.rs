//! `eloq plan`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {}

pub(crate) async fn run(_context: &Context, _args: PlanArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
