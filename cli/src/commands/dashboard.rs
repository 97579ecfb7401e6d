//! `eloq dashboard`: the dashboards of the databases.

use clap::{Args, Subcommand};
use eloq_sdk::schema::EloqModule;

use super::sku::parse_module;
use crate::context::Context;
use crate::failure::Result;
use crate::output::Columns;

const COLUMNS: Columns = &[("name", "NAME"), ("interval", "INTERVAL"), ("percentile", "PERCENTILE")];

#[derive(Debug, Args)]
pub(crate) struct DashboardArgs {
    #[command(subcommand)]
    command: DashboardCommand,
}

#[derive(Debug, Subcommand)]
enum DashboardCommand {
    /// List the dashboards of all databases or of one
    List {
        /// Database: eloqkv, eloqdoc or eloqsql; kv, doc and sql for short
        #[arg(long, value_name = "MODULE", value_parser = parse_module)]
        module: Option<EloqModule>,
    },
}

pub(crate) async fn run(context: &Context, args: DashboardArgs) -> Result {
    let DashboardCommand::List { module } = args.command;
    let client = context.account_client()?;
    let mut rows = context.printer.rows(COLUMNS);
    for dashboard in client.dashboard_info(module.map(Into::into)).await? {
        rows.push(&dashboard)?;
    }
    rows.finish()
}
