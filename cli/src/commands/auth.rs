//! `eloq auth`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct AuthArgs {}

pub(crate) async fn run(_context: &Context, _args: AuthArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
