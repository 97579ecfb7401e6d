//! `eloq cluster`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct ClusterArgs {}

pub(crate) async fn run(_context: &Context, _args: ClusterArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
