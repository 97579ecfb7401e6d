//! `eloq dashboard`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct DashboardArgs {}

pub(crate) async fn run(_context: &Context, _args: DashboardArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
