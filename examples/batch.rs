//! Describes many clusters at the same time; one that fails does not stop the others.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;

mod support;

/// How many requests are under way at the same time.
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(batch).await
}

async fn batch(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let clusters = client.clusters().per_page(50).await?.cluster_list;
    println!("{:<16} {:<13} {:<8} {:<12} nodes", "cluster", "status", "type", "region");
    for group in clusters.chunks(AT_ONCE) {
        let mut tasks = Vec::new();
        for cluster in group {
            let (client, name) = (client.clone(), cluster.cluster_name.clone());
            tasks.push(tokio::spawn(async move { client.cluster(name).await }));
        }
        for (cluster, task) in group.iter().zip(tasks) {
            let name = &cluster.cluster_name;
            match task.await? {
                Ok(details) => println!(
                    "{name:<16} {:<13} {:<8} {:<12} {} x {} CPU, {} Mi",
                    details.status,
                    details.module_type,
                    details.region,
                    details.tx_replica,
                    details.tx_cpu_limit,
                    details.tx_memory_mi_limit
                ),
                Err(error) => println!("{name:<16} {error}"),
            }
        }
    }
    Ok(())
}
