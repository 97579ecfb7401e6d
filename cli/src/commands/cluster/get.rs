//! `eloq cluster get`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use eloq_sdk::EloqApi;
use eloq_sdk::schema::DescClusterDto;
use serde::Serialize;

use super::several;
use crate::commands::complete;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Columns;
use crate::progress::Progress;

const COLUMNS: Columns = &[
    ("cluster_name", "NAME"),
    ("status", "STATUS"),
    ("connectable", "CONNECTABLE"),
    ("module_type", "MODULE"),
    ("cloud_provider", "CLOUD"),
    ("region", "REGION"),
    ("zone", "ZONE"),
    ("elb_addr", "HOST"),
    ("elb_port", "PORT"),
    ("tx_cpu_limit", "CPU"),
    ("tx_memory_mi_limit", "MEMORY MI"),
    ("tx_replica", "REPLICAS"),
    ("version", "VERSION"),
    ("create_at", "CREATED"),
];

#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// Names of the clusters
    #[arg(add = ArgValueCompleter::new(complete::clusters), required = true, value_name = "NAME")]
    names: Vec<String>,
}

/// A cluster under the name by which it was asked for. Its password serializes redacted.
#[derive(Serialize)]
struct Described {
    cluster_name: String,
    connectable: bool,
    #[serde(flatten)]
    cluster: DescClusterDto,
}

pub(crate) async fn run(context: &Context, args: GetArgs) -> Result {
    let client = context.client().await?;
    let names = several::distinct(args.names);
    let mut progress = Progress::new(&context.globals);
    let outcomes = several::for_each(&names, &mut progress, None, |name| {
        let client = client.clone();
        async move { find(&client, &name).await }
    })
    .await;
    drop(progress);
    let (found, failed) = several::split(outcomes);
    let described = found.into_iter().map(|(cluster_name, cluster)| Described {
        cluster_name,
        connectable: cluster.is_connectable(),
        cluster,
    });
    let described: Vec<_> = described.collect();
    let printed = several::print(&described, names.len(), COLUMNS, context);
    several::summarize(failed, !described.is_empty(), "cluster", "shown")?;
    printed
}

/// A cluster that exists.
pub(crate) async fn find(client: &EloqApi, name: &str) -> Result<DescClusterDto> {
    client.find_cluster(name).await?.ok_or_else(|| absent(name))
}

/// The failure of a cluster that certainly does not exist.
pub(super) fn absent(name: &str) -> Failure {
    Failure::new(Exit::NotFound, "NotFound", format!("the cluster {name:?} does not exist"))
        .hint("check the name and the project: `eloq cluster list` lists the clusters")
}
