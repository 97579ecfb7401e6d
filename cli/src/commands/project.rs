//! `eloq project`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {}

pub(crate) async fn run(_context: &Context, _args: ProjectArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
