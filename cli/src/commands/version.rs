//! `eloq version`.

use clap::Args;
use eloq_sdk::raw::{Client, ClientInfo};
use serde::Serialize;

use crate::context::Context;
use crate::failure::Result;
use crate::output::Columns;

const COLUMNS: Columns = &[("eloq", "ELOQ"), ("eloq_sdk", "ELOQ-SDK"), ("api", "API")];

#[derive(Debug, Args)]
pub(crate) struct VersionArgs {}

#[derive(Serialize)]
struct Versions {
    eloq: &'static str,
    eloq_sdk: &'static str,
    /// Of the OpenAPI document.
    api: &'static str,
}

pub(crate) fn run(context: &Context, _args: VersionArgs) -> Result {
    let eloq = env!("CARGO_PKG_VERSION");
    context.printer.object(COLUMNS, &Versions { eloq, eloq_sdk: eloq_sdk::VERSION, api: Client::api_version() })
}
