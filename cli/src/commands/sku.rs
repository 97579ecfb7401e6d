//! `eloq sku`: the SKUs of clusters.

use clap::{Args, Subcommand};
use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};

use crate::context::Context;
use crate::failure::Result;
use crate::output::Columns;

const COLUMNS: Columns = &[("sku_id", "ID"), ("sku_name", "NAME")];

#[derive(Debug, Args)]
pub(crate) struct SkuArgs {
    #[command(subcommand)]
    command: SkuCommand,
}

#[derive(Debug, Subcommand)]
enum SkuCommand {
    /// List the SKUs of a type, a database and a cloud
    List(Filter),
}

/// Which SKUs.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Type of the SKU, as in serverless or dedicated
    #[arg(long = "type", value_name = "TYPE")]
    sku_type: SkuType,
    /// Database: eloqkv, eloqdoc or eloqsql; kv, doc and sql for short
    #[arg(long, value_name = "MODULE", value_parser = parse_module)]
    module: EloqModule,
    /// Cloud provider, as in aws or gcp
    #[arg(long, value_name = "CLOUD")]
    cloud: CloudProvider,
}

/// The name of a database, also its short form.
pub(crate) fn parse_module(text: &str) -> Result<EloqModule, String> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "kv" => EloqModule::EloqKv,
        "doc" => EloqModule::EloqDoc,
        "sql" => EloqModule::EloqSql,
        other => other.parse().unwrap_or_else(|never| match never {}),
    })
}

pub(crate) async fn run(context: &Context, args: SkuArgs) -> Result {
    let SkuCommand::List(filter) = args.command;
    let client = context.client().await?;
    let mut rows = context.printer.rows(COLUMNS);
    for sku in client.get_skus(filter.sku_type, filter.module, filter.cloud).await? {
        rows.push(&sku)?;
    }
    rows.finish()
}
