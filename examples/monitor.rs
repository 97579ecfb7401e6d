//! The health of all clusters, however many pages they fill.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::ClusterStatus::{Active, Available, Idle};

mod support;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(monitor).await
}

async fn monitor(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let (mut healthy, mut total) = (0, 0);
    // A page is asked for when the one before is used up.
    let mut clusters = client.clusters().stream();
    while let Some(cluster) = clusters.next().await.transpose()? {
        // An idle cluster is scaled to zero; the first connection wakes it.
        let connectable = matches!(cluster.status, Available | Active | Idle);
        let mark = if connectable { "✅" } else { "⚠️" };
        println!("   {mark} {}: {}", cluster.cluster_name, cluster.status);
        healthy += u32::from(connectable);
        total += 1;
    }
    println!("📁 Total clusters: {total}, of which {healthy} can be connected to");
    Ok(())
}
