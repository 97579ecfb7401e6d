//! `eloq cluster config`.

use clap::{Args, Subcommand, value_parser};
use clap_complete::ArgValueCompleter;
use serde_json::Value;

use super::operation::Operation;
use crate::commands::complete;
use crate::context::Context;
use crate::failure::Result;
use crate::output::Columns;
use crate::progress::Progress;

/// The vendor does not document these fields: a column is empty if the service has others.
const COLUMNS: Columns =
    &[("config_id", "ID"), ("is_current", "CURRENT"), ("version", "VERSION"), ("create_at", "CREATED")];

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Show the configurations that a cluster has had
    History {
        /// Name of the cluster
        #[arg(add = ArgValueCompleter::new(complete::clusters))]
        name: String,
    },
    /// Apply a configuration of the history, and restart the cluster
    Apply {
        /// Name of the cluster
        #[arg(add = ArgValueCompleter::new(complete::clusters))]
        name: String,
        /// Id of the configuration
        #[arg(value_parser = value_parser!(i64).range(0..))]
        id: i64,
    },
}

pub(crate) async fn run(context: &Context, args: ConfigArgs) -> Result {
    let client = context.client().await?;
    match args.command {
        ConfigCommand::History { name } => match client.cluster_config_history(&name).await? {
            Value::Array(configs) if configs.iter().all(Value::is_object) => {
                let mut rows = context.printer.rows(COLUMNS);
                configs.iter().try_for_each(|config| rows.push(config))?;
                rows.finish()
            }
            other => context.printer.document(&other),
        },
        ConfigCommand::Apply { name, id } => {
            context.set_next(context.command_line(&["cluster", "config", "history", &name]));
            let mut progress = Progress::new(&context.globals);
            progress.set(format!("{name}: applying the configuration {id}"));
            let result = progress.during(client.cluster_apply_config(&name, id)).await;
            drop(progress);
            Operation::of(&name, "applying", result)?.print(context)
        }
    }
}
