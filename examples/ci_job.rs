//! A job of a CI server: a temporary cluster for the tests, which is deleted at the end, after a failure, and after Ctrl-C.
//!
//! Needs the feature `blocking`. `cargo run --example ci_job` needs no account; set `ELOQ_API_KEY` to use yours.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use eloq_sdk::blocking::{EloqApi, StopHandle};
use eloq_sdk::simulator::Simulator;
use eloq_sdk::{ClusterCredentials, ClusterSpec};
use tokio::runtime::Builder;

/// For the creation of the cluster.
const MAX_WAIT: Duration = Duration::from_secs(10 * 60);

fn main() -> ExitCode {
    report::report(run())
}

fn job(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    // Two jobs at the same time need two clusters.
    let spec = ClusterSpec::new(format!("ci-{}", std::process::id()), "us-west-1", 101);
    println!("Creating {}", spec.cluster_name());
    let creating = client.temporary_cluster(spec).max_wait(MAX_WAIT);
    let stop = creating.stop_handle();
    stop_at_ctrl_c(stop.clone())?;
    let cluster = creating.send()?;

    // An error that returns here deletes the cluster, and so does a panic.
    run_tests(cluster.credentials(), &stop)?;

    cluster.delete()?;
    println!("Deleted");
    Ok(())
}

fn run_tests(credentials: &ClusterCredentials, stop: &StopHandle) -> Result<(), Box<dyn Error>> {
    for test in ["reads", "writes"] {
        if stop.is_stopped() {
            return Err("interrupted".into());
        }
        println!("Testing {test} with {}:{}", credentials.host, credentials.port);
    }
    Ok(())
}

/// Ends the creation at once, and the tests before the next one. What was created by then is deleted.
fn stop_at_ctrl_c(stop: StopHandle) -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            eprintln!("Ctrl-C: deleting the cluster");
            stop.stop();
        }
    });
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return job(&EloqApi::from_environ()?);
    }
    println!("ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.\n");
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let simulator = runtime.block_on(Simulator::builder().start())?;
    job(&EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url())?)
}
