//! Creates and deletes a cluster and prints each state that the waits see.
//!
//! `cargo run --example watch` needs no account; set `ELOQ_API_KEY` to use yours. If you stop it early, the cluster remains:
//! `cargo run --example watch -- --delete` deletes it. The tool `eloq` shows the same progress in one redrawn line.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::{EloqApi, Wait};

mod support;

const CLUSTER: &str = "watched";

#[tokio::main]
async fn main() -> ExitCode {
    support::run(watch).await
}

async fn watch(client: EloqApi) -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--delete") {
        return delete(&client).await;
    }
    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await?;
    let sku = skus.first().ok_or("no SKUs available")?;

    writeln!(io::stdout(), "Creating {CLUSTER}. If you stop this program, delete it with the option --delete.")?;
    let created = show_states(client.cluster_create(CLUSTER, "us-west-1", sku.sku_id).wait()).await;
    let credentials = created.inspect_err(|error| {
        // Without a wait, the create request itself failed.
        if error.waited().is_some() || matches!(error, eloq_sdk::Error::OutcomeUnknown { .. }) {
            eprintln!("{CLUSTER} may exist: delete it with the option --delete");
        }
    })?;
    writeln!(io::stdout(), "{CLUSTER} is connectable at {}:{}", credentials.host, credentials.port)?;
    delete(&client).await
}

async fn delete(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "Deleting {CLUSTER}.")?;
    show_states(client.cluster_delete(CLUSTER).when_deletable().wait()).await?;
    Ok(writeln!(io::stdout(), "{CLUSTER} is deleted")?)
}

/// Prints the states of a wait and returns its outcome.
async fn show_states<T: Send + 'static>(mut wait: Wait<T>) -> eloq_sdk::Result<T> {
    while let Some(state) = wait.next().await {
        println!("  {:>5.1} s  {state}", state.elapsed.as_secs_f32());
    }
    wait.await
}
