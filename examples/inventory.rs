//! Prints all clusters of all projects with their addresses. Prints no passwords.
//!
//! `cargo run --example inventory` needs no account; set `ELOQ_API_KEY` to use yours. The tool `eloq` prints the same as a table,
//! JSON or CSV: `eloq cluster list --all-projects`.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::schema::DescClusterDto;
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{ClusterResult, EloqApi};

#[tokio::main]
async fn main() -> ExitCode {
    report::report(run().await)
}

/// One request for 50 clusters and one for each cluster: 8 at a time in each of up to 4 projects.
async fn inventory(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let mut clusters = client.describe_all().all_projects();
    while let Some(each) = clusters.next().await.transpose()? {
        let project = each.project.project_name;
        match each.result {
            Ok(described) => println!("{project}  {}", line(&described)),
            Err(error) => eprintln!("{project}  cannot be listed: {error:#}"),
        }
    }
    Ok(())
}

fn line(described: &ClusterResult<DescClusterDto>) -> String {
    let name = &described.cluster.cluster_name;
    match &described.result {
        Ok(cluster) if cluster.is_connectable() => {
            format!("{name}  {}  {}:{}", cluster.status, cluster.elb_addr, cluster.elb_port)
        }
        Ok(cluster) => format!("{name}  {}  not connectable", cluster.status),
        Err(error) => format!("{name}  {error:#}"),
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return inventory(EloqApi::from_environ()?).await;
    }
    println!("ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.\n");
    let simulator = Simulator::builder().cluster("orders").cluster("sessions").cluster("invoices").cluster_limit(None);
    let simulator = simulator.project(148, "テスト").project(149, "empty").start().await?;
    let client = simulator.client();
    client.with_project(148).cluster_create("trial", "us-west-1", 103).await.into_result()?;
    // One cluster cannot be described: only its line has an error.
    simulator.inject(Fault::on(Operation::DescribeCluster).cluster("invoices").status(403));
    inventory(client).await
}
