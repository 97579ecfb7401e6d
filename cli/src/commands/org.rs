//! `eloq org`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct OrgArgs {}

pub(crate) async fn run(_context: &Context, _args: OrgArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
