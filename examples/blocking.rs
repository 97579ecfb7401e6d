//! A script without an async runtime: lists clusters, creates a cluster and deletes it.
//!
//! Needs the feature `blocking`. `cargo run --example blocking` needs no account; set `ELOQ_API_KEY` to use yours.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use eloq_sdk::blocking::EloqApi;
use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::simulator::Simulator;

const CLUSTER: &str = "nightly-import";
const MAX_WAIT: Duration = Duration::from_secs(10 * 60);

fn main() -> ExitCode {
    report::report(run())
}

fn script(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    println!("Organization {}", client.org()?.org_name);
    // The async client returns a stream here, this one an iterator.
    for cluster in client.clusters().stream() {
        let cluster = cluster?;
        println!("  {:<16} {}", cluster.cluster_name, cluster.status);
    }

    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws)?;
    let sku = skus.first().ok_or("no SKUs available")?;
    println!("Creating {CLUSTER}");
    let mut creating = client.cluster_create(CLUSTER, "us-west-1", sku.sku_id).wait().max_wait(MAX_WAIT);
    for state in &mut creating {
        println!("  {:>5.1} s  {state}", state.elapsed.as_secs_f32());
    }
    let credentials = creating.send()?;
    println!("Connection: {}:{}, user {}", credentials.host, credentials.port, credentials.username);

    client.cluster_delete(CLUSTER).when_deletable().wait().send()?;
    println!("Deleted {CLUSTER}");
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return script(&EloqApi::from_environ()?);
    }
    println!("ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.\n");
    let simulator = Simulator::builder().cluster("orders").cluster("sessions").start_blocking()?;
    script(&EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url())?)
}
