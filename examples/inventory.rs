//! Prints all clusters of all projects with their addresses, as a table or as JSON. Prints no passwords.
//!
//! `cargo run --example inventory` needs no account; set `ELOQ_API_KEY` to use yours. Options come after `--`: `--json` prints
//! only JSON to stdout; `--brief` omits the columns that need a request for each cluster.

#[path = "support/report.rs"]
mod report;
#[path = "support/table.rs"]
mod table;

use std::error::Error;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use eloq_sdk::schema::{ClusterListItem, DescClusterDto};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Scope};
use serde::Serialize;

#[derive(Clone, Copy, Default)]
struct Options {
    json: bool,
    brief: bool,
}

/// A cluster, or a project whose clusters cannot be listed. Unknown values are `None`; `error` has the reason.
#[derive(Default, Serialize)]
struct Row {
    project_id: i64,
    project: String,
    cluster: Option<String>,
    status: Option<String>,
    database: Option<String>,
    region: Option<String>,
    connectable: Option<bool>,
    host: Option<String>,
    port: Option<u16>,
    error: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    report::report(run().await)
}

async fn inventory(client: EloqApi, options: Options) -> Result<(), Box<dyn Error>> {
    let rows = if options.brief { list(&client).await? } else { describe(&client).await? };
    if options.json {
        return print(&format!("{}\n", serde_json::to_string_pretty(&rows)?));
    }
    if !rows.is_empty() {
        print(&format!("{}\n", format_table(&rows)))?;
    }
    let clusters = rows.iter().filter(|row| row.cluster.is_some()).count();
    print(&format!("clusters: {clusters}, projects: {}\n", client.projects().await?.len()))
}

/// One request for 50 clusters, in up to 4 projects at the same time.
async fn list(client: &EloqApi) -> eloq_sdk::Result<Vec<Row>> {
    let all = client.clusters().all_projects().await?.into_iter();
    Ok(all.map(|each| Row::new(each.project, each.result)).collect())
}

/// Also one request for each cluster, 8 at a time in each of these projects.
async fn describe(client: &EloqApi) -> eloq_sdk::Result<Vec<Row>> {
    let all = client.describe_all().all_projects().await?.into_iter();
    let rows = all.map(|each| match each.result {
        Ok(described) => Row::new(each.project, Ok(described.cluster)).with_details(described.result),
        Err(error) => Row::new(each.project, Err(error)),
    });
    Ok(rows.collect())
}

impl Row {
    fn new(project: Scope, cluster: eloq_sdk::Result<ClusterListItem>) -> Self {
        let row = Self { project_id: project.project_id, project: project.project_name, ..Self::default() };
        match cluster {
            Ok(cluster) => Self {
                cluster: Some(cluster.cluster_name),
                status: Some(cluster.status.to_string()),
                database: Some(cluster.module_type.to_string()),
                region: Some(cluster.region),
                ..row
            },
            Err(error) => Self { error: Some(format!("{error:#}")), ..row },
        }
    }

    fn with_details(self, details: eloq_sdk::Result<DescClusterDto>) -> Self {
        match details {
            Ok(cluster) => Self {
                status: Some(cluster.status.to_string()),
                connectable: Some(cluster.is_connectable()),
                // A new cluster has neither yet.
                port: Some(cluster.elb_port).filter(|port| *port != 0),
                host: Some(cluster.elb_addr).filter(|host| !host.is_empty()),
                ..self
            },
            Err(error) => Self { error: Some(format!("{error:#}")), ..self },
        }
    }
}

fn format_table(rows: &[Row]) -> String {
    let header = ["PROJECT", "CLUSTER", "STATUS", "DATABASE", "REGION", "CONNECTABLE", "ADDRESS"].map(str::to_owned);
    let text = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
    let lines = rows.iter().map(|row| {
        let address = match (&row.error, &row.host, row.port) {
            (Some(error), ..) => error.clone(),
            (_, Some(host), Some(port)) => format!("{host}:{port}"),
            _ => "-".to_owned(),
        };
        let connectable = row.connectable.map(|yes| if yes { "yes" } else { "no" }.to_owned());
        [
            row.project.clone(),
            text(&row.cluster),
            text(&row.status),
            text(&row.database),
            text(&row.region),
            text(&connectable),
            address,
        ]
    });
    table::format(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

/// Writes to stdout. A closed pipe, as with `| head`, is no error.
fn print(text: &str) -> Result<(), Box<dyn Error>> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn parse_options() -> Result<Options, String> {
    std::env::args().skip(1).try_fold(Options::default(), |options, argument| match argument.as_str() {
        "--json" => Ok(Options { json: true, ..options }),
        "--brief" => Ok(Options { brief: true, ..options }),
        _ => Err(format!("unknown option {argument:?}; the options are --json and --brief")),
    })
}

async fn run() -> Result<(), Box<dyn Error>> {
    let options = parse_options()?;
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return inventory(EloqApi::from_environ()?, options).await;
    }
    let notice = "ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.";
    if options.json {
        eprintln!("{notice}");
    } else {
        print(&format!("{notice}\n\n"))?;
    }
    let simulator = Simulator::builder().cluster("orders").cluster("sessions").cluster("invoices").cluster_limit(None);
    let simulator = simulator.project(148, "テスト").project(149, "empty").start().await?;
    let client = simulator.client();
    client.with_project(148).cluster_create("trial", "us-west-1", 103).await.into_result()?;
    // One cluster cannot be described: only its row has an error.
    simulator.inject(Fault::on(Operation::DescribeCluster).cluster("invoices").status(403));
    inventory(client, options).await
}
