//! Watches the clusters of all projects: prints what exists, and then a line for each change.
//!
//! `cargo run --example watch_all` needs no account; set `ELOQ_API_KEY` to use yours. It ends after 5 seconds. Options come after
//! `--`: `--follow` watches until Ctrl-C; `--state FILE` stores what is known, and prints only what changed since the last run.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use eloq_sdk::simulator::Simulator;
use eloq_sdk::{ClusterSnapshot, EloqApi};
use tokio::time::{Instant, sleep, sleep_until};

const DURATION: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Options {
    follow: bool,
    state: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    report::report(run().await)
}

async fn watch(client: &EloqApi, options: &Options) -> Result<(), Box<dyn Error>> {
    let mut watch = client.watch_clusters().all_projects();
    if !options.follow {
        watch = watch.poll_interval(DURATION / 10);
    }
    if let Some(known) = options.state.as_deref().map(load).transpose()?.flatten() {
        watch = watch.resume_from(known);
    }
    let end = Instant::now() + DURATION;
    loop {
        tokio::select! {
            each = watch.next() => {
                // An `Err` of the stream is its end; one of a project can pass, and the watch continues.
                let Some(each) = each.transpose()? else { break };
                let project = each.project.project_name;
                match each.result {
                    Ok(change) => writeln!(io::stdout(), "{project}  {change}")?,
                    Err(error) => eprintln!("{project}  {error:#}"),
                }
            }
            () = sleep_until(end), if !options.follow => break,
            stopped = tokio::signal::ctrl_c() => break stopped?,
        }
    }
    if let Some(file) = &options.state {
        fs::write(file, serde_json::to_string(watch.snapshot())?)?;
    }
    Ok(())
}

/// What an earlier run knew; `None` for the first.
fn load(file: &Path) -> Result<Option<ClusterSnapshot>, Box<dyn Error>> {
    match fs::read(file) {
        Ok(stored) => Ok(Some(serde_json::from_slice(&stored)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What others do meanwhile, in the simulator.
async fn change(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    sleep(DURATION / 5).await;
    client.with_project(148).cluster_create("reports", "us-west-1", 101).await.into_result()?;
    client.cluster_delete("sessions").await.into_result()?;
    Ok(())
}

fn parse_options() -> Result<Options, String> {
    let (mut options, mut arguments) = (Options::default(), std::env::args().skip(1));
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--follow" => options.follow = true,
            "--state" => options.state = Some(arguments.next().ok_or("--state needs a file")?.into()),
            _ => return Err(format!("unknown option {argument:?}; the options are --follow and --state FILE")),
        }
    }
    Ok(options)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let options = parse_options()?;
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return watch(&EloqApi::from_environ()?, &options).await;
    }
    writeln!(io::stdout(), "ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.\n")?;
    let simulator = Simulator::builder().cluster("orders").cluster("sessions").project(148, "staging");
    let simulator = simulator.provisioning(DURATION / 4).deleting(DURATION / 4).start().await?;
    let client = simulator.client();
    let (watched, changed) = tokio::join!(watch(&client, &options), change(&client));
    watched.and(changed)
}
