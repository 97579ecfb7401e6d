//! The health of all clusters, on any number of pages.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;

mod support;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(monitor).await
}

async fn monitor(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let (mut healthy, mut total) = (0, 0);
    // The stream requests each page when it needs it.
    let mut clusters = client.clusters().stream();
    while let Some(cluster) = clusters.next().await.transpose()? {
        // Also true for idle clusters, which are scaled to zero: the first connection wakes them.
        let connectable = cluster.status.is_connectable();
        let mark = if connectable { "✅" } else { "⚠️" };
        println!("   {mark} {}: {}", cluster.cluster_name, cluster.status);
        healthy += u32::from(connectable);
        total += 1;
    }
    println!("📁 Total clusters: {total}, connectable: {healthy}");
    Ok(())
}
