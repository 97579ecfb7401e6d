//! `eloq ping`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use eloq_sdk::schema::ClusterStatus;
use serde::Serialize;

use crate::commands::complete;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Columns;

const COLUMNS: Columns =
    &[("cluster_name", "NAME"), ("host", "HOST"), ("port", "PORT"), ("milliseconds", "MS"), ("status", "STATUS")];

#[derive(Debug, Args)]
pub(crate) struct PingArgs {
    /// Name of the cluster
    #[arg(add = ArgValueCompleter::new(complete::clusters))]
    name: String,
}

/// A connection that the database has accepted.
#[derive(Serialize)]
struct Pong<'a> {
    cluster_name: &'a str,
    host: &'a str,
    port: u16,
    milliseconds: f64,
    status: &'a ClusterStatus,
}

pub(crate) async fn run(context: &Context, args: PingArgs) -> Result {
    let credentials = context.client().await?.cluster_credentials(&args.name).await?;
    let (host, port, status) = (credentials.host.as_str(), credentials.port, &credentials.status);
    let next = context.command_line(&["cluster", "wait", &args.name, "--for", "connectable"]);
    if host.is_empty() || port == 0 {
        let message = format!("the cluster {:?} has no address yet: its status is {status}", args.name);
        return Err(Failure::new(Exit::Unreachable, "Connect", message).next(next));
    }
    let time = credentials.ping().await.map_err(|error| {
        Failure::from(error)
            .hint("check the status of the cluster, and the networks and firewalls in between")
            .next(next)
    })?;
    let milliseconds = (time.as_secs_f64() * 1e4).round() / 10.0;
    context.printer.object(COLUMNS, &Pong { cluster_name: &args.name, host, port, milliseconds, status })
}
