//! `eloq doctor`.

use clap::Args;

use crate::context::Context;
use crate::failure::{Failure, Result};

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {}

pub(crate) async fn run(_context: &Context, _args: DoctorArgs) -> Result {
    Err(Failure::usage("not there yet"))
}
