//! Runs an example against EloqCloud if `ELOQ_API_KEY` is set, and against the embedded simulator if it is not.

mod report;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use eloq_sdk::EloqApi;
use eloq_sdk::simulator::Simulator;

/// Runs the example; a failure is one line on stderr and a status that is not zero.
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
    println!("ELOQ_API_KEY is not set: this talks to the embedded simulator, not to EloqCloud.\n");
    // Quick, but not so quick that there is nothing to wait for.
    let simulator =
        Simulator::builder().cluster("orders").cluster("sessions").provisioning(Duration::from_millis(1500));
    let simulator = simulator.start().await?;
    example(simulator.client()).await
}
