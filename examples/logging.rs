//! What the SDK tells `tracing`: a span for each call and one for each request, with OpenTelemetry's names.
//!
//! Without an account: `cargo run --example logging`. With one, set `ELOQ_API_KEY` before. `RUST_LOG` chooses what is shown,
//! as in `RUST_LOG=eloq_sdk=warn` or `RUST_LOG=debug` for the crates below as well.

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
    let chosen = std::env::var("RUST_LOG").ok().and_then(|text| text.parse().ok());
    let filter: Targets = chosen.unwrap_or_else(|| Targets::new().with_target("eloq_sdk", tracing::Level::DEBUG));
    // A line for each span when it ends, with how long it took.
    let lines =
        tracing_subscriber::fmt::layer().with_span_events(FmtSpan::CLOSE).with_timer(uptime()).with_target(false);
    tracing_subscriber::registry().with(lines).with(filter).init();
    support::run(logging).await
}

async fn logging(client: EloqApi) -> Result<(), Box<dyn Error>> {
    println!("Two requests: the first call on clusters asks for the account before.");
    let clusters = client.clusters().await?;

    println!("\n{} clusters. One that is not there:", clusters.total);
    if let Err(error) = client.cluster("no-such-cluster").await {
        println!("\nThe error itself:\n  {error}");
    }
    Ok(())
}
