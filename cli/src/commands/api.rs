//! `eloq api`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct ApiArgs {}

pub(crate) async fn run(_context: &Context, _args: ApiArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
