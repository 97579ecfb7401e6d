//! `eloq url`: the connection URL of a cluster.

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::complete;
use crate::connection::Connection;
use crate::context::Context;
use crate::failure::Result;
use crate::output::{Columns, Format};

const COLUMNS: Columns = &[("cluster_name", "NAME"), ("url", "URL")];

#[derive(Debug, Args)]
pub(crate) struct UrlArgs {
    /// Name of the cluster
    #[arg(add = ArgValueCompleter::new(complete::clusters))]
    name: String,
}

#[derive(Serialize)]
struct ClusterUrl<'a> {
    cluster_name: &'a str,
    url: &'a str,
}

pub(crate) async fn run(context: &Context, args: UrlArgs) -> Result {
    let connection = Connection::of(context, &args.name).await?;
    let url = connection.url.expose();
    match context.printer.format() {
        Format::Table => context.printer.text(&format!("{url}\n")),
        _ => context.printer.object(COLUMNS, &ClusterUrl { cluster_name: &args.name, url }),
    }
}
