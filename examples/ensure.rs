//! Ensures that the clusters of a list exist: creates what is missing, waits for it, and reports what differs. They exist until you
//! delete them.
//!
//! `cargo run --example ensure` needs no account; set `ELOQ_API_KEY` to use yours.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::{ClusterSpec, EloqApi, EnsureOutcome};

mod support;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(ensure_all).await
}

fn desired() -> [ClusterSpec; 2] {
    [
        ClusterSpec::new("orders", "us-west-1", 101).zone("us-west-1a"),
        ClusterSpec::new("ensured-sessions", "ap-northeast-1", 101),
    ]
}

async fn ensure_all(client: EloqApi) -> Result<(), Box<dyn Error>> {
    for spec in desired() {
        let name = spec.cluster_name().to_owned();
        match client.ensure_cluster(spec).await? {
            EnsureOutcome::Created => {
                client.wait_for_cluster(&name).connectable().await?;
                println!("{name} was created");
            }
            EnsureOutcome::Adopted => println!("{name} exists"),
            EnsureOutcome::Mismatch(differences) => {
                for difference in differences {
                    println!("{name} differs: its {difference}");
                }
            }
            other => println!("{name}: {other:?}"),
        }
    }
    Ok(())
}
