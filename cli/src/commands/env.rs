//! `eloq env`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct EnvArgs {}

pub(crate) async fn run(_context: &Context, _args: EnvArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
