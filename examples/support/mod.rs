//! Runs an example against EloqCloud if `ELOQ_API_KEY` is set, otherwise against the embedded simulator.

mod report;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use eloq_sdk::EloqApi;
use eloq_sdk::simulator::Simulator;

/// Runs the example; prints an error as one line to stderr and exits with a non-zero status.
pub(crate) async fn run(example: impl AsyncFnOnce(EloqApi) -> Result<(), Box<dyn Error>>) -> ExitCode {
    report::report(choose_service(example).await)
}

async fn choose_service(
    example: impl AsyncFnOnce(EloqApi) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let key = std::env::var_os("ELOQ_API_KEY").unwrap_or_default();
    if !key.to_string_lossy().trim().is_empty() {
        return example(EloqApi::from_environ()?).await;
    }
    println!("ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.\n");
    // Slow enough that the examples show progress.
    let simulator =
        Simulator::builder().cluster("orders").cluster("sessions").provisioning(Duration::from_millis(1500));
    let simulator = simulator.start().await?;
    example(simulator.client()).await
}
