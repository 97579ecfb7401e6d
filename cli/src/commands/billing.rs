//! `eloq billing`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct BillingArgs {}

pub(crate) async fn run(_context: &Context, _args: BillingArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
