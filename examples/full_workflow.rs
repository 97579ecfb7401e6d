//! The full workflow of a cluster: choose a SKU, create, wait, connect, delete.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};

mod support;

const CLUSTER: &str = "my-cluster";

#[tokio::main]
async fn main() -> ExitCode {
    support::run(full_workflow).await
}

async fn full_workflow(client: EloqApi) -> Result<(), Box<dyn Error>> {
    // Step 1: get the available SKUs.
    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await?;
    let sku = skus.first().ok_or("no SKUs available")?;
    println!("SKU: {} ({})", sku.sku_name, sku.sku_id);

    // Step 2: create the cluster.
    let message = client.cluster_create(CLUSTER, "us-west-1", sku.sku_id).zone("us-west-1a").await.into_result()?;
    println!("✅ create {CLUSTER}: {message}");

    // Step 3: wait, at most 15 minutes. `client.cluster_create(…).wait().await?` does steps 2 and 3.
    let credentials = client.wait_for_cluster(CLUSTER).connectable().await?;

    // Step 4: connect.
    println!("Connection: {}:{}", credentials.host, credentials.port);
    let url = credentials.connection_url()?;
    println!("URL for a Redis client: {url}; url.expose() returns it");

    // Step 5: delete the cluster when its status allows it, and wait until it no longer exists.
    client.cluster_delete(CLUSTER).when_deletable().wait().await?;
    println!("✅ Deleted {CLUSTER}");
    Ok(())
}
