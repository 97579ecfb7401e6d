//! `eloq cluster watch`.

use std::time::{Duration, SystemTime};

use clap::Args;
use clap_complete::ArgValueCompleter;
use eloq_sdk::ClusterChange;
use serde::Serialize;

use super::get;
use crate::cli::parse_duration;
use crate::commands::complete;
use crate::context::Context;
use crate::failure::Result;
use crate::output::{Columns, warn};

const COLUMNS: Columns =
    &[("cluster_name", "NAME"), ("time", "TIME"), ("change", "CHANGE"), ("status", "STATUS"), ("summary", "SUMMARY")];

#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// Name of the cluster
    #[arg(add = ArgValueCompleter::new(complete::clusters))]
    name: String,
    /// Time between two readings of the list
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "5s")]
    interval: Duration,
}

/// A change of the cluster.
#[derive(Serialize)]
struct Event<'a> {
    cluster_name: &'a str,
    time: String,
    status: &'a str,
    summary: String,
    /// `change` and `cluster`.
    #[serde(flatten)]
    change: &'a ClusterChange,
}

impl<'a> Event<'a> {
    fn new(change: &'a ClusterChange) -> Self {
        let cluster = change.cluster();
        Self {
            cluster_name: &cluster.cluster_name,
            time: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            status: cluster.status.as_str(),
            summary: change.to_string(),
            change,
        }
    }
}

pub(crate) async fn run(context: &Context, args: WatchArgs) -> Result {
    let client = context.client().await?;
    get::find(&client, &args.name).await?;
    let mut rows = context.printer.live_rows(COLUMNS);
    let mut watch = client.watch_clusters().poll_interval(args.interval);
    while let Some(each) = watch.next().await.transpose()? {
        match each.result {
            Ok(change) if change.cluster().cluster_name == args.name => {
                rows.push(&Event::new(&change))?;
                if matches!(change, ClusterChange::Removed(_)) {
                    break;
                }
            }
            Ok(_) => {}
            Err(error) => warn(&context.globals, &format!("the watch continues: {error}")),
        }
    }
    rows.finish()
}
