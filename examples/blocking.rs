//! A script without an async runtime: clusters, SKUs, and a cluster that is created and deleted.
//!
//! Needs the feature `blocking`. Without an account: `cargo run --example blocking`. With one, set `ELOQ_API_KEY` before.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use eloq_sdk::blocking::EloqApi;
use eloq_sdk::schema::{CloudProvider, ClusterStatus, EloqModule, SkuType};
use eloq_sdk::simulator::Simulator;
use tokio::runtime::{Builder, Runtime};

const CLUSTER: &str = "nightly-import";
const LIMIT: Duration = Duration::from_secs(15 * 60);

fn main() -> ExitCode {
    report::report(choose_service())
}

fn script(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    println!("Organization {}", client.org()?.org_name);
    let clusters = client.clusters().per_page(50).send()?;
    for cluster in &clusters.cluster_list {
        println!("  {:<16} {}", cluster.cluster_name, cluster.status);
    }

    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws)?;
    let sku = skus.first().ok_or("there is no SKU to create a cluster with")?;
    let message = client.cluster_create(CLUSTER, "us-west-1", sku.sku_id).send().into_result()?;
    println!("Creating {CLUSTER}: {message}");
    wait_until_available(client)?;

    let credentials = client.cluster_credentials(CLUSTER)?;
    println!("{CLUSTER} is at {}:{}, user {}", credentials.host, credentials.port, credentials.username);
    let message = client.cluster_delete(CLUSTER).send().into_result()?;
    println!("Deleting {CLUSTER}: {message}");
    Ok(())
}

fn wait_until_available(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    while client.cluster(CLUSTER)?.status != ClusterStatus::Available {
        if start.elapsed() > LIMIT {
            return Err(format!("{CLUSTER} is still not available").into());
        }
        thread::sleep(Duration::from_secs(1));
    }
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
