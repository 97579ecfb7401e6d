//! Logs the SDK's `tracing` spans: one for each call and one for each request, with OpenTelemetry's names.
//!
//! `cargo run --example logging` needs no account; set `ELOQ_API_KEY` to use yours. `RUST_LOG` sets the filter, as in
//! `RUST_LOG=eloq_sdk=warn`, or `RUST_LOG=debug` to include the dependencies.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::prelude::*;

mod support;

#[tokio::main]
async fn main() -> ExitCode {
    let configured = std::env::var("RUST_LOG").ok().and_then(|text| text.parse().ok());
    let filter: Targets = configured.unwrap_or_else(|| Targets::new().with_target("eloq_sdk", tracing::Level::DEBUG));
    // A line for each span when it closes, with its duration.
    let lines =
        tracing_subscriber::fmt::layer().with_span_events(FmtSpan::CLOSE).with_timer(uptime()).with_target(false);
    tracing_subscriber::registry().with(lines).with(filter).init();
    support::run(logging).await
}

async fn logging(client: EloqApi) -> Result<(), Box<dyn Error>> {
    println!("Two requests: the first cluster operation also fetches the account.");
    let clusters = client.clusters().await?;

    println!("\n{} clusters. A missing cluster:", clusters.total);
    if let Err(error) = client.cluster("no-such-cluster").await {
        println!("\nThe error:\n  {error:#}");
    }
    Ok(())
}
