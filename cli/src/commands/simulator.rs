//! `eloq simulator`: a simulated EloqCloud, until Ctrl-C.

use std::time::Duration;

use clap::Args;
use eloq_sdk::Error;
use eloq_sdk::simulator::{Fault, Simulator, SimulatorBuilder};
use serde::Serialize;

use crate::context::{Context, quote};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{Columns, Format};

const COLUMNS: Columns = &[("base_url", "BASE URL"), ("api_key", "API KEY")];

#[derive(Debug, Args)]
pub(crate) struct SimulatorArgs {
    /// Port to listen on; any free one by default
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Projects of the account, the first with id 147
    #[arg(long, value_name = "N", default_value_t = 1)]
    projects: u16,
    /// Available clusters at the start, cluster-1 to cluster-N
    #[arg(long, value_name = "N", default_value_t = 0)]
    clusters: u16,
    /// Clusters that the plan allows: a number, or none for no limit
    #[arg(long, value_name = "N|none", default_value = "3", value_parser = Limit::parse)]
    limit: Limit,
    /// Time from create to available, as in 500ms
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    provisioning: Duration,
    /// Delay of every response
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    latency: Duration,
    /// Run the redis-server on PATH for each EloqKV cluster
    #[arg(long)]
    redis: bool,
    /// Send empty lists as null
    #[arg(long)]
    null_lists: bool,
    /// Send a new field in every object
    #[arg(long)]
    extra_fields: bool,
    /// Send new values of status, module, cloud, SKU type and load balancer state
    #[arg(long)]
    unknown_values: bool,
    /// Fault, as in list_clusters:503:2 or create_cluster:lost; can be repeated
    #[arg(long, value_name = "OPERATION:FAULT[:TIMES]", value_parser = parse_fault)]
    fault: Vec<Fault>,
}

#[derive(Clone, Copy, Debug)]
struct Limit(Option<usize>);

impl Limit {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self(None)),
            number => number.parse().map(|number| Self(Some(number))).map_err(|_| "is not a number or none".to_owned()),
        }
    }
}

fn parse_fault(text: &str) -> Result<Fault, String> {
    text.parse().map_err(|error: Error| error.message().to_owned())
}

/// What clients of the simulator need.
#[derive(Serialize)]
struct Access<'a> {
    base_url: &'a str,
    /// No secret: it opens nothing but this simulator.
    api_key: &'a str,
}

pub(crate) async fn run(context: &Context, args: SimulatorArgs) -> Result {
    let simulator = builder(&args).start().await.map_err(|error| {
        // `Config` names the setting "simulator", which the reader knows.
        Failure::new(Exit::Other, "Simulator", format!("the simulator does not start: {}", error.message()))
    })?;
    args.fault.into_iter().for_each(|fault| simulator.inject(fault));
    let access = Access { base_url: simulator.base_url(), api_key: simulator.api_key() };
    match context.printer.format() {
        Format::Table if context.globals.columns.is_none() => context.printer.text(&text(&access))?,
        _ => context.printer.object(COLUMNS, &access)?,
    }
    simulator.run_until_stopped().await;
    Ok(())
}

fn builder(args: &SimulatorArgs) -> SimulatorBuilder {
    let mut builder = (1..=args.projects).fold(Simulator::builder().no_projects(), |builder, number| {
        builder.project(146 + i64::from(number), format!("project{number}"))
    });
    builder = (1..=args.clusters).fold(builder, |builder, number| builder.cluster(format!("cluster-{number}")));
    if args.redis {
        builder = builder.redis_server("redis-server");
    }
    builder
        .port(args.port)
        .cluster_limit(args.limit.0)
        .provisioning(args.provisioning)
        .latency(args.latency)
        .null_lists(args.null_lists)
        .extra_fields(args.extra_fields)
        .unknown_values(args.unknown_values)
}

fn text(access: &Access<'_>) -> String {
    let (url, key) = (quote(access.base_url), quote(access.api_key));
    format!(
        "EloqCloud simulator on {}

In another terminal:
  export ELOQ_API_KEY={key}
  export ELOQ_BASE_URL={url}
  eloq cluster list

Or as a profile:
  echo {key} | eloq auth login --profile simulator --base-url {url} --api-key-stdin
  eloq --profile simulator cluster list

Stop with Ctrl-C.
",
        access.base_url
    )
}
