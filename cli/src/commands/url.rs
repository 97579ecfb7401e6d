//! `eloq url`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct UrlArgs {}

pub(crate) async fn run(_context: &Context, _args: UrlArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
