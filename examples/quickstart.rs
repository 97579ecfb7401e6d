//! Prints the account, its clusters and SKUs; then creates a cluster, prints its connection and deletes it.
//!
//! `cargo run --example quickstart` needs no account; set `ELOQ_API_KEY` to use yours (and `ELOQ_BASE_URL` for an address
//! other than production).

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};

mod support;

const CLUSTER: &str = "quickstart";
const REGION: &str = "us-west-1";
/// For the deletion.
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);

#[tokio::main]
async fn main() -> ExitCode {
    support::run(quickstart).await
}

async fn quickstart(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let account = client.info().await?;
    let org = account.org_info;
    println!("Organization");
    println!("  {} (id {}), {} project(s)", org.org_name, org.org_id, org.projects.len());
    println!("  user {} <{}>", account.user_name, account.email);

    let clusters = client.clusters().await?;
    println!("\nClusters: {}", clusters.total);
    for cluster in &clusters.cluster_list {
        println!("  {:<16} {:<13} {} in {}", cluster.cluster_name, cluster.status, cluster.module_type, cluster.region);
    }

    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await?;
    println!("\nServerless SKUs for EloqKV on AWS: {}", skus.len());
    for sku in &skus {
        println!("  {:<6} {} ({} CPU, {} Mi)", sku.sku_id, sku.sku_name, sku.tx_cpu_limit, sku.tx_memory_mi_limit);
    }
    let sku = skus.first().ok_or("no SKUs available")?;

    println!("\nCreating {CLUSTER}");
    let mut creating = client.cluster_create(CLUSTER, REGION, sku.sku_id).wait();
    while let Some(state) = creating.next().await {
        println!("  {:>5.1} s  {state}", state.elapsed.as_secs_f32());
    }
    let credentials = creating.await?;

    println!("\nConnection");
    println!("  host      {}", credentials.host);
    println!("  port      {}", credentials.port);
    println!("  user      {}", credentials.username);
    println!("  password  {}", credentials.password);

    println!("\nDeleting {CLUSTER}");
    let deleting = client.cluster_delete(CLUSTER).when_deletable().wait().max_wait(MAX_WAIT);
    deleting.await.map_err(|error| {
        format!(
            "{error:#}; to delete the cluster later: client.cluster_delete({CLUSTER:?}).when_deletable().wait().await"
        )
    })?;
    println!("  deleted");
    Ok(())
}
