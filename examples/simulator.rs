//! Runs the simulator in the foreground, for a first try and for clients in other languages.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use eloq_sdk::Error;
use eloq_sdk::simulator::{Fault, Simulator, SimulatorBuilder};

const HELP: &str = "\
Runs a simulated EloqCloud on 127.0.0.1 until you press Ctrl-C. It serves its document at /openapi.yaml.

Usage: cargo run --example simulator -- [options]

  --port PORT             port to listen on (default 0: any free port)
  --key KEY               API key to accept (default eloq-simulator-key)
  --projects N            projects of the account, the first with id 147 (default 1)
  --clusters N            start with N available clusters, cluster-1 to cluster-N (default 0)
  --limit N|none          clusters that the free plan allows (default 3)
  --provisioning SECONDS  time from create to available (default 1; fractions are allowed)
  --latency SECONDS       delay of every response (default 0; fractions are allowed)
  --redis                 run the redis-server on PATH for each EloqKV cluster

What a service can send, for tests of clients:

  --null-lists            empty lists as null
  --extra-fields          a new field in every object
  --unknown-values        new values of status, module, cloud, SKU type and load balancer state
  --fault OPERATION:FAULT[:TIMES]
                          a fault for requests of an operationId of the document, or of any; once, TIMES times, or always;
                          can be repeated. FAULT is an HTTP status, or one of
                            drop      the connection closes, the request is not applied
                            lost      the connection closes, the request is applied
                            truncate  the body ends after 20 bytes
                            code200   HTTP 200 with an error in the envelope, and null data
                            absent200 the same without data
                            html502   a gateway's page
                            empty503  no body

  --help                  print this help
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return exit_code(io::stdout().write_all(HELP.as_bytes())),
        Err(message) => {
            print_error(&format!("{message} (--help lists the options)"));
            return ExitCode::from(2);
        }
    };
    let simulator = match options.builder.start().await {
        Ok(simulator) => simulator,
        Err(error) => {
            print_error(&start_error(&error));
            return ExitCode::FAILURE;
        }
    };
    options.faults.into_iter().for_each(|fault| simulator.inject(fault));
    if let Err(error) = print_settings(&simulator) {
        return exit_code(Err(error));
    }
    simulator.run_until_stopped().await;
    ExitCode::SUCCESS
}

/// What the options ask for.
struct Options {
    builder: SimulatorBuilder,
    faults: Vec<Fault>,
}

/// Returns the options, or `None` for `--help`.
fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let (mut builder, mut faults) = (Simulator::builder(), Vec::new());
    while let Some(flag) = args.next() {
        let value = |args: &mut dyn Iterator<Item = String>| {
            args.next().ok_or_else(|| format!("{flag} needs a value")).map(|value| Value { flag: flag.clone(), value })
        };
        builder = match flag.as_str() {
            "--help" | "-h" => return Ok(None),
            "--redis" => builder.redis_server("redis-server"),
            "--null-lists" => builder.null_lists(true),
            "--extra-fields" => builder.extra_fields(true),
            "--unknown-values" => builder.unknown_values(true),
            "--port" => builder.port(value(&mut args)?.parse()?),
            "--key" => builder.api_key(value(&mut args)?.value),
            "--provisioning" => builder.provisioning(value(&mut args)?.seconds()?),
            "--latency" => builder.latency(value(&mut args)?.seconds()?),
            "--projects" => projects(builder, value(&mut args)?.parse()?),
            "--clusters" => {
                let count: u16 = value(&mut args)?.parse()?;
                (1..=count).fold(builder, |builder, number| builder.cluster(format!("cluster-{number}")))
            }
            "--limit" => {
                let limit = value(&mut args)?;
                builder.cluster_limit(if limit.value == "none" { None } else { Some(limit.parse()?) })
            }
            "--fault" => {
                let fault = value(&mut args)?;
                faults.push(fault.parse()?);
                builder
            }
            _ => return Err(format!("unknown option {flag:?}")),
        };
    }
    Ok(Some(Options { builder, faults }))
}

/// The value of an option.
struct Value {
    flag: String,
    value: String,
}

impl Value {
    fn parse<T: FromStr>(&self) -> Result<T, String> {
        self.value.parse().map_err(|_| self.invalid())
    }

    fn seconds(&self) -> Result<Duration, String> {
        Duration::try_from_secs_f64(self.parse()?).map_err(|_| self.invalid())
    }

    fn invalid(&self) -> String {
        format!("invalid value for {}: {:?}", self.flag, self.value)
    }
}

fn projects(builder: SimulatorBuilder, count: u16) -> SimulatorBuilder {
    let numbers = 1..i64::from(count) + 1;
    numbers.fold(builder.no_projects(), |builder, number| builder.project(146 + number, format!("project{number}")))
}

fn print_settings(simulator: &Simulator) -> io::Result<()> {
    // Many generated clients append `/org-info`.
    let (url, key) = (simulator.base_url().trim_end_matches('/'), simulator.api_key());
    let mut out = io::stdout().lock();
    writeln!(out, "EloqCloud simulator on {url}")?;
    writeln!(out)?;
    writeln!(out, "Environment:")?;
    writeln!(out, "  export ELOQ_API_KEY='{}'", key.replace('\'', r"'\''"))?;
    writeln!(out, "  export ELOQ_BASE_URL='{url}'")?;
    writeln!(out, "Rust:")?;
    writeln!(out, "  EloqApi::from_key_and_url({key:?}, {url:?})?")?;
    writeln!(out, "Python:")?;
    // The vendor's SDK appends to the base URL as it is.
    writeln!(out, "  EloqAPI.from_key_and_url({key:?}, {:?})", simulator.base_url())?;
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
