//! Shows what would make the clusters of the account those of a file, and with `--yes` does it. They exist until you delete them.
//!
//! `cargo run --example plan -- examples/clusters.yaml --yes` needs no account; set `ELOQ_API_KEY` to use yours. Without a file it
//! uses `examples/clusters.yaml`. `--prune` also deletes the clusters that the file does not have.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::{DesiredState, EloqApi};

mod support;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(plan).await
}

async fn plan(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let file = arguments.iter().find(|argument| !argument.starts_with("--"));
    let text = match file {
        Some(file) => std::fs::read_to_string(file)?,
        None => include_str!("clusters.yaml").to_owned(),
    };
    let desired: DesiredState = yaml_serde::from_str(&text)?;

    let plan = client.plan(desired).prune(has("--prune")).await?;
    print!("{plan}");
    if !has("--yes") || !plan.has_changes() {
        return Ok(());
    }
    let (mut applying, mut failed) = (plan.apply().wait_until_connectable(true), 0);
    while let Some(each) = applying.next().await.transpose()? {
        println!("{each}");
        failed += usize::from(each.outcome.error().is_some());
    }
    if failed > 0 { Err(format!("{failed} clusters failed").into()) } else { Ok(()) }
}
