//! Describes all clusters concurrently; a failed request does not stop the others.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;

mod support;

/// Concurrent requests; the default is 8.
const CONCURRENCY: usize = 16;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(batch).await
}

async fn batch(client: EloqApi) -> Result<(), Box<dyn Error>> {
    // Awaiting returns all results in the order of the list; `next()` returns each as it comes.
    let all = client.describe_all().concurrency(CONCURRENCY).await?;
    println!("{:<16} {:<13} {:<8} {:<12} nodes", "cluster", "status", "type", "region");
    for each in &all {
        let name = &each.cluster.cluster_name;
        match &each.result {
            Ok(details) => println!(
                "{name:<16} {:<13} {:<8} {:<12} {} x {} CPU, {} Mi",
                details.status,
                details.module_type,
                details.region,
                details.tx_replica,
                details.tx_cpu_limit,
                details.tx_memory_mi_limit
            ),
            Err(error) => println!("{name:<16} {error:#}"),
        }
    }
    let failed = all.iter().filter(|each| each.result.is_err()).count();
    println!("{} described, {failed} failed", all.len() - failed);
    Ok(())
}
