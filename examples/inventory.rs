//! All clusters of all projects, with where they can be reached: as a table, or as JSON for other programs. No passwords.
//!
//! Without an account: `cargo run --example inventory`. With one, set `ELOQ_API_KEY` before. Options come after `--`: `--json`
//! prints JSON and nothing else to stdout; `--brief` leaves out what costs a request for each cluster.

#[path = "support/report.rs"]
mod report;
#[path = "support/table.rs"]
mod table;

use std::error::Error;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::{ClusterListItem, DescClusterDto, SimpleProjectInfo};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use serde::Serialize;

#[derive(Clone, Copy, Default)]
struct Options {
    json: bool,
    brief: bool,
}

/// A cluster, or a project whose clusters cannot be listed. What is not known is none; `error` says why.
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
    report::report(choose_service().await)
}

async fn inventory(client: EloqApi, options: Options) -> Result<(), Box<dyn Error>> {
    let projects = client.projects().await?;
    let mut rows = Vec::new();
    for project in &projects {
        // The same connections and the same account: nothing is asked for twice.
        let client = client.with_project(project.project_id);
        rows.extend(if options.brief { listed(&client, project).await } else { described(&client, project).await });
    }
    if options.json {
        return print(&format!("{}\n", serde_json::to_string_pretty(&rows)?));
    }
    if !rows.is_empty() {
        print(&format!("{}\n", as_table(&rows)))?;
    }
    let clusters = rows.iter().filter(|row| row.cluster.is_some()).count();
    print(&format!("clusters: {clusters}, projects: {}\n", projects.len()))
}

/// What the list has: a request for 50 clusters, the next while these are worked on.
async fn listed(client: &EloqApi, project: &SimpleProjectInfo) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut clusters = client.clusters().prefetch().stream();
    while let Some(cluster) = clusters.next().await {
        rows.push(match cluster {
            Ok(cluster) => Row::listed(project, cluster),
            Err(error) => Row::failed(project, &error),
        });
    }
    rows
}

/// The same and a request for each cluster, 8 at a time; they come in any order.
async fn described(client: &EloqApi, project: &SimpleProjectInfo) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut clusters = client.describe_all();
    while let Some(cluster) = clusters.next().await {
        rows.push(match cluster {
            Ok(each) => (each.position, Row::listed(project, each.cluster).with(each.result)),
            Err(error) => (usize::MAX, Row::failed(project, &error)),
        });
    }
    rows.sort_by_key(|(position, _)| *position);
    rows.into_iter().map(|(_, row)| row).collect()
}

impl Row {
    fn of(project: &SimpleProjectInfo) -> Self {
        Self { project_id: project.project_id, project: project.project_name.clone(), ..Self::default() }
    }

    fn failed(project: &SimpleProjectInfo, error: &eloq_sdk::Error) -> Self {
        Self { error: Some(error.to_string()), ..Self::of(project) }
    }

    fn listed(project: &SimpleProjectInfo, cluster: ClusterListItem) -> Self {
        Self {
            cluster: Some(cluster.cluster_name),
            status: Some(cluster.status.to_string()),
            database: Some(cluster.module_type.to_string()),
            region: Some(cluster.region),
            ..Self::of(project)
        }
    }

    fn with(self, described: eloq_sdk::Result<DescClusterDto>) -> Self {
        match described {
            Ok(cluster) => Self {
                status: Some(cluster.status.to_string()),
                connectable: Some(cluster.is_connectable()),
                // Both are there later than the cluster.
                port: Some(cluster.elb_port).filter(|port| *port != 0),
                host: Some(cluster.elb_addr).filter(|host| !host.is_empty()),
                ..self
            },
            Err(error) => Self { error: Some(error.to_string()), ..self },
        }
    }
}

fn as_table(rows: &[Row]) -> String {
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
    table::table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

/// Prints all at once. Who reads may have enough before the end, as `head` has.
fn print(text: &str) -> Result<(), Box<dyn Error>> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn options() -> Result<Options, String> {
    std::env::args().skip(1).try_fold(Options::default(), |options, argument| match argument.as_str() {
        "--json" => Ok(Options { json: true, ..options }),
        "--brief" => Ok(Options { brief: true, ..options }),
        _ => Err(format!("there is no option {argument:?}, only --json and --brief")),
    })
}

async fn choose_service() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return inventory(EloqApi::from_environ()?, options).await;
    }
    let notice = "ELOQ_API_KEY is not set: this talks to the embedded simulator, not to EloqCloud.";
    if options.json {
        eprintln!("{notice}");
    } else {
        print(&format!("{notice}\n\n"))?;
    }
    let simulator = Simulator::builder().cluster("orders").cluster("sessions").cluster("invoices").cluster_limit(None);
    let simulator = simulator.project(148, "テスト").project(149, "empty").start().await?;
    let client = simulator.client();
    client.with_project(148).cluster_create("trial", "us-west-1", 103).await.into_result()?;
    // One that may not be described: it keeps its row, and the others come all the same.
    simulator.inject(Fault::on(Operation::DescribeCluster).after(2).status(403));
    inventory(client, options).await
}
