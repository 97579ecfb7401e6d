//! Lists clusters and SKUs, creates a cluster, and fetches the credentials of an existing one.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};

mod support;

const CLUSTER: &str = "demo-cluster-1";

#[tokio::main]
async fn main() -> ExitCode {
    support::run(manage_clusters).await
}

async fn manage_clusters(client: EloqApi) -> Result<(), Box<dyn Error>> {
    println!("=== Clusters ===");
    let clusters = client.clusters().await?;
    println!("Found {} clusters:", clusters.total);
    for cluster in &clusters.cluster_list {
        println!("- {}", cluster.cluster_name);
        println!("    Status:  {}", cluster.status);
        println!("    Type:    {}", cluster.module_type);
        println!("    Region:  {}", cluster.region);
        println!("    Created: {}", cluster.create_at);
    }

    println!("\n=== SKUs ===");
    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await?;
    println!("Found {} available SKUs", skus.len());

    if let Some(sku) = skus.first() {
        println!("\n=== New cluster ===");
        let result = client.cluster_create(CLUSTER, "us-west-1", sku.sku_id).await;
        println!("{} {CLUSTER}: {}", if result.success { "✅" } else { "❌" }, result.message);
        if result.success {
            let cluster = client.cluster(CLUSTER).await?;
            println!("{CLUSTER} is {}. It exists until you delete it.", cluster.status);
        }
    }

    if let Some(cluster) = clusters.cluster_list.first() {
        println!("\n=== Credentials ===");
        let credentials = client.cluster_credentials(&cluster.cluster_name).await?;
        println!("Cluster:  {}", cluster.cluster_name);
        println!("Host:     {}", credentials.host);
        println!("Port:     {}", credentials.port);
        println!("User:     {}", credentials.username);
        println!("Password: {}", credentials.password);
        println!("Status:   {}", credentials.status);
    }
    Ok(())
}
