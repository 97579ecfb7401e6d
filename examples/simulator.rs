//! Runs the simulator in the foreground, for a first try and for clients in other languages.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use eloq_sdk::Error;
use eloq_sdk::simulator::{Simulator, SimulatorBuilder};

const HELP: &str = "\
Runs a simulated EloqCloud on 127.0.0.1 until you press Ctrl-C.

Usage: cargo run --example simulator -- [options]

  --port PORT             port to listen on (default 0: any free port)
  --key KEY               API key to accept (default eloq-simulator-key)
  --provisioning SECONDS  time from create to available (default 1; fractions are allowed)
  --clusters N            start with N available clusters, cluster-1 to cluster-N (default 0)
  --limit N|none          clusters that the free plan allows (default 3)
  --redis                 run the redis-server on PATH for each EloqKV cluster
  --help                  print this help
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let builder = match parse(std::env::args().skip(1)) {
        Ok(Some(builder)) => builder,
        Ok(None) => return exit_code(io::stdout().write_all(HELP.as_bytes())),
        Err(message) => {
            print_error(&format!("{message} (--help lists the options)"));
            return ExitCode::from(2);
        }
    };
    let simulator = match builder.start().await {
        Ok(simulator) => simulator,
        Err(error) => {
            print_error(&start_error(&error));
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = print_settings(&simulator) {
        return exit_code(Err(error));
    }
    simulator.run_until_stopped().await;
    ExitCode::SUCCESS
}

/// Returns the settings, or `None` for `--help`.
fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<SimulatorBuilder>, String> {
    let mut builder = Simulator::builder();
    while let Some(flag) = args.next() {
        if flag == "--help" || flag == "-h" {
            return Ok(None);
        }
        if flag == "--redis" {
            builder = builder.redis_server("redis-server");
            continue;
        }
        let known = ["--port", "--key", "--provisioning", "--clusters", "--limit"];
        if !known.contains(&flag.as_str()) {
            return Err(format!("unknown option {flag:?}"));
        }
        let value = args.next().ok_or_else(|| format!("{flag} needs a value"))?;
        let invalid = || format!("invalid value for {flag}: {value:?}");
        builder = match flag.as_str() {
            "--port" => builder.port(value.parse().map_err(|_| invalid())?),
            "--key" => builder.api_key(value),
            "--provisioning" => {
                let seconds = value.parse().map_err(|_| invalid())?;
                builder.provisioning(Duration::try_from_secs_f64(seconds).map_err(|_| invalid())?)
            }
            "--clusters" => {
                let count: u16 = value.parse().map_err(|_| invalid())?;
                (1..=count).fold(builder, |builder, number| builder.cluster(format!("cluster-{number}")))
            }
            _ if value == "none" => builder.cluster_limit(None),
            _ => builder.cluster_limit(Some(value.parse().map_err(|_| invalid())?)),
        };
    }
    Ok(Some(builder))
}

fn print_settings(simulator: &Simulator) -> io::Result<()> {
    let (url, key) = (simulator.base_url(), simulator.api_key());
    let mut out = io::stdout().lock();
    writeln!(out, "EloqCloud simulator on {url}")?;
    writeln!(out)?;
    writeln!(out, "Environment:")?;
    writeln!(out, "  export ELOQ_API_KEY='{}'", key.replace('\'', r"'\''"))?;
    writeln!(out, "  export ELOQ_BASE_URL='{url}'")?;
    writeln!(out, "Rust:")?;
    writeln!(out, "  EloqApi::from_key_and_url({key:?}, {url:?})?")?;
    writeln!(out, "Python:")?;
    writeln!(out, "  EloqAPI.from_key_and_url({key:?}, {url:?})")?;
    writeln!(out)?;
    writeln!(out, "Stop with Ctrl-C.")?;
    out.flush()
}

/// Omits the setting's name `simulator`, which `print_error` prints too.
fn start_error(error: &Error) -> String {
    match error {
        Error::Config { setting, reason, .. } if setting == "simulator" => reason.clone(),
        other => format!("{other:#}"),
    }
}

fn exit_code(written: io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn print_error(message: &str) {
    // If stderr cannot be written, the exit status still shows the failure.
    let _ = writeln!(io::stderr(), "simulator: {message}");
}
