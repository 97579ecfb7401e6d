//! A script without an async runtime: clusters, SKUs, and a cluster that is created and deleted.
//!
//! Needs the feature `blocking`. Without an account: `cargo run --example blocking`. With one, set `ELOQ_API_KEY` before.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use eloq_sdk::blocking::EloqApi;
use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::simulator::Simulator;
use tokio::runtime::{Builder, Runtime};

const CLUSTER: &str = "nightly-import";
const LIMIT: Duration = Duration::from_secs(10 * 60);

fn main() -> ExitCode {
    report::report(choose_service())
}

fn script(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    println!("Organization {}", client.org()?.org_name);
    // What is a stream on the async side is an iterator here.
    for cluster in client.clusters().stream() {
        let cluster = cluster?;
        println!("  {:<16} {}", cluster.cluster_name, cluster.status);
    }

    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws)?;
    let sku = skus.first().ok_or("there is no SKU to create a cluster with")?;
    println!("Creating {CLUSTER}");
    let mut creating = client.cluster_create(CLUSTER, "us-west-1", sku.sku_id).wait().max_wait(LIMIT);
    for state in &mut creating {
        println!("  {:>5.1} s  {state}", state.elapsed.as_secs_f32());
    }
    let credentials = creating.send()?;
    println!("{CLUSTER} is at {}:{}, user {}", credentials.host, credentials.port, credentials.username);

    client.cluster_delete(CLUSTER).wait().send()?;
    println!("{CLUSTER} is gone");
    Ok(())
}

fn choose_service() -> Result<(), Box<dyn Error>> {
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return script(&EloqApi::from_environ()?);
    }
    println!("ELOQ_API_KEY is not set: this talks to the embedded simulator, not to EloqCloud.\n");
    let (_runtime, simulator) = simulator()?;
    script(&EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url())?)
}

/// The simulator is a server: it needs a runtime, on another thread than the script's.
fn simulator() -> Result<(Runtime, Simulator), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let simulator = runtime.block_on(Simulator::builder().cluster("orders").cluster("sessions").start())?;
    Ok((runtime, simulator))
}
