//! The health of all clusters, page by page.

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
    for page in 1.. {
        let clusters = client.clusters().page(page).per_page(50).await?;
        if page == 1 {
            println!("📁 Total clusters: {}", clusters.total);
        }
        if clusters.cluster_list.is_empty() {
            break;
        }
        for cluster in clusters.cluster_list {
            // An idle cluster is scaled to zero; the first connection wakes it.
            let connectable = matches!(cluster.status, Available | Active | Idle);
            let mark = if connectable { "✅" } else { "⚠️" };
            println!("   {mark} {}: {}", cluster.cluster_name, cluster.status);
            healthy += usize::from(connectable);
            total += 1;
        }
    }
    println!("{healthy} of {total} can be connected to");
    Ok(())
}
