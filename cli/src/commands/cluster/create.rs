//! `eloq cluster create`.

use std::time::Instant;

use clap::{Args, value_parser};
use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::{
    ClusterSpec, DesiredState, Difference, EloqApi, EnsureOutcome, Error, PlannedAction, Sku, SkuDescription,
};
use serde::Serialize;

use super::goal::{self, Goal, Reached, Wait};
use crate::commands::sku::parse_module;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Columns;
use crate::progress::Progress;

const COLUMNS: Columns = &[
    ("cluster_name", "NAME"),
    ("outcome", "OUTCOME"),
    ("region", "REGION"),
    ("zone", "ZONE"),
    ("sku", "SKU"),
    ("status", "STATUS"),
    ("host", "HOST"),
    ("port", "PORT"),
    ("message", "MESSAGE"),
];

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Name of the cluster
    name: String,
    /// Region, as in us-west-1
    #[arg(long)]
    region: String,
    /// Zone, as in us-west-1a; any by default
    #[arg(long)]
    zone: Option<String>,
    /// Id of the SKU: see `eloq sku list`
    #[arg(long, value_name = "ID", value_parser = value_parser!(i64).range(0..))]
    #[arg(required_unless_present = "sku_type", conflicts_with = "sku_type")]
    sku: Option<i64>,
    #[command(flatten)]
    described: DescribedSku,
    /// Succeed also if the cluster exists and is the same
    #[arg(long)]
    if_not_exists: bool,
    /// Wait until it is connectable, or available
    #[arg(long, value_name = "GOAL", num_args = 0..=1, require_equals = true, default_missing_value = "connectable")]
    #[arg(value_parser = goal::parse_created)]
    wait: Option<Goal>,
    /// Wait also until the database accepts a TCP connection
    #[arg(long)]
    ping: bool,
    /// Only show what would be created
    #[arg(long)]
    dry_run: bool,
}

/// What the SKU is: exactly one has to match.
#[derive(Debug, Args)]
struct DescribedSku {
    /// Type of the SKU, in place of its id: serverless or dedicated
    #[arg(long = "type", value_name = "TYPE", requires_all = ["module", "cloud"])]
    sku_type: Option<SkuType>,
    /// Database: kv, doc or sql
    #[arg(long, value_name = "MODULE", value_parser = parse_module, requires = "sku_type")]
    module: Option<EloqModule>,
    /// Cloud provider, as in aws or gcp
    #[arg(long, value_name = "CLOUD", requires = "sku_type")]
    cloud: Option<CloudProvider>,
    /// Name of the SKU, if several match
    #[arg(long, value_name = "NAME", requires = "sku_type")]
    sku_name: Option<String>,
    /// CPU cores of a node, if several SKUs match
    #[arg(long, value_name = "CORES", requires = "sku_type")]
    cpu: Option<f64>,
    /// Memory of a node in Mi, if several SKUs match
    #[arg(long, value_name = "MI", requires = "sku_type")]
    memory_mi: Option<f64>,
    /// Number of nodes, if several SKUs match
    #[arg(long, value_name = "NODES", requires = "sku_type")]
    replicas: Option<u32>,
}

impl CreateArgs {
    fn spec(&self) -> Result<ClusterSpec> {
        let sku = match (self.sku, self.described.description()) {
            (Some(id), _) => Sku::from(id),
            (None, Some(description)) => description.into(),
            (None, None) => return Err(Failure::usage("give --sku ID, or --type, --module and --cloud")),
        };
        let spec = ClusterSpec::new(&self.name, &self.region, sku);
        Ok(match &self.zone {
            Some(zone) => spec.zone(zone),
            None => spec,
        })
    }

    /// The goal of the wait, if there is one.
    fn goal(&self) -> Result<Option<&Goal>> {
        match &self.wait {
            Some(Goal::Connectable) => Ok(self.wait.as_ref()),
            _ if self.ping => Err(Failure::usage("--ping needs --wait, or --wait=connectable")),
            other => Ok(other.as_ref()),
        }
    }

    /// The command that does the rest, whether the cluster exists or not.
    fn repeated(&self, context: &Context) -> String {
        let mut words = vec!["cluster".to_owned(), "create".to_owned(), self.name.clone()];
        let described = &self.described;
        let options = [
            ("--region", Some(self.region.clone())),
            ("--zone", self.zone.clone()),
            ("--sku", self.sku.map(|id| id.to_string())),
            ("--type", described.sku_type.as_ref().map(ToString::to_string)),
            ("--module", described.module.as_ref().map(ToString::to_string)),
            ("--cloud", described.cloud.as_ref().map(ToString::to_string)),
            ("--sku-name", described.sku_name.clone()),
            ("--cpu", described.cpu.map(|cores| cores.to_string())),
            ("--memory-mi", described.memory_mi.map(|memory| memory.to_string())),
            ("--replicas", described.replicas.map(|nodes| nodes.to_string())),
        ];
        words.extend(options.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?])).flatten());
        words.push("--if-not-exists".to_owned());
        words.extend(self.wait.as_ref().map(|goal| format!("--wait={goal}")));
        words.extend(self.ping.then(|| "--ping".to_owned()));
        context.command_line(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl DescribedSku {
    fn description(&self) -> Option<SkuDescription> {
        let (sku_type, module, cloud) = (self.sku_type.clone()?, self.module.clone()?, self.cloud.clone()?);
        let mut description = SkuDescription::new(sku_type, module, cloud);
        if let Some(name) = &self.sku_name {
            description = description.name(name);
        }
        if let Some(cores) = self.cpu {
            description = description.cpu(cores);
        }
        if let Some(memory) = self.memory_mi {
            description = description.memory_mi(memory);
        }
        if let Some(nodes) = self.replicas {
            description = description.replicas(nodes);
        }
        Some(description)
    }
}

/// The result of the command.
#[derive(Serialize)]
struct Created<'a> {
    cluster_name: &'a str,
    /// `created`, `existed`, `reconciled` or `would_create`.
    outcome: &'static str,
    message: String,
    region: &'a str,
    zone: Option<&'a str>,
    sku: &'a Sku,
    #[serde(flatten)]
    state: Reached,
}

pub(crate) async fn run(context: &Context, args: CreateArgs) -> Result {
    let (spec, goal) = (args.spec()?, args.goal()?);
    let client = context.client().await?;
    let start = Instant::now();
    let mut progress = Progress::new(&context.globals);
    let (outcome, message) = if args.dry_run {
        progress.during(dry_run(&client, &spec, args.if_not_exists)).await?
    } else {
        let repeated = args.repeated(context);
        context.set_next(&repeated);
        progress.set(format!("{}: creating", args.name));
        let created = progress.during(create(&client, &spec, args.if_not_exists)).await;
        created.map_err(|failure| match failure.exit() {
            Exit::OutcomeUnknown | Exit::TimedOut | Exit::Unreachable => failure.next(repeated),
            _ => failure,
        })?
    };
    let mut state = Reached::default();
    if let Some(goal) = goal.filter(|_| !args.dry_run) {
        let next = goal::command(context, &[&args.name], goal);
        context.set_next(&next);
        let limit = context.timeout().saturating_sub(start.elapsed());
        let wait = Wait { client: &client, name: &args.name, goal, limit, ping: args.ping };
        state = wait.run(&mut progress).await.map_err(|error| {
            let what = if outcome == "existed" { "exists" } else { "was created" };
            goal::failure(error, &next).context(&format!("the cluster {:?} {what}, but", args.name))
        })?;
    }
    drop(progress);
    let (cluster_name, region, zone, sku) = (spec.cluster_name(), spec.region(), spec.required_zone(), spec.sku());
    context.printer.object(COLUMNS, &Created { cluster_name, outcome, message, region, zone, sku, state })
}

/// Creates the cluster, and returns the outcome and a message.
async fn create(client: &EloqApi, spec: &ClusterSpec, if_not_exists: bool) -> Result<(&'static str, String)> {
    if if_not_exists {
        return match client.ensure_cluster(spec.clone()).await? {
            EnsureOutcome::Created => Ok(("created", "Cluster created successfully".to_owned())),
            EnsureOutcome::Adopted => Ok(("existed", "the cluster exists and is as asked for".to_owned())),
            EnsureOutcome::Mismatch(differences) => Err(differs(spec, &differences)),
            _ => Err(Failure::new(Exit::Other, "Other", "the outcome is of a kind that this version does not know")),
        };
    }
    let sku_id = match spec.sku() {
        Sku::Id(id) => *id,
        Sku::Described(description) => client.find_sku(description.clone()).await?.sku_id,
        _ => return Err(Failure::usage("the SKU is of a kind that this version does not know")),
    };
    let create = client.cluster_create(spec.cluster_name(), spec.region(), sku_id);
    let create = match spec.required_zone() {
        Some(zone) => create.zone(zone),
        None => create,
    };
    let result = create.await;
    let outcome = if result.is_reconciled() { "reconciled" } else { "created" };
    match result.into_result() {
        Ok(message) => Ok((outcome, message)),
        Err(error @ Error::Conflict { .. }) => {
            Err(Failure::from(error)
                .hint("choose another name, or accept the cluster if it is the same: --if-not-exists"))
        }
        Err(error) => Err(error.into()),
    }
}

/// Says what `create` would do, by reads only.
async fn dry_run(client: &EloqApi, spec: &ClusterSpec, if_not_exists: bool) -> Result<(&'static str, String)> {
    let plan = client.plan(DesiredState::new([spec.clone()])).await?;
    let planned = plan.clusters.iter().find(|planned| planned.cluster_name == spec.cluster_name());
    match planned.map(|planned| &planned.action) {
        Some(PlannedAction::Create) => Ok(("would_create", "nothing was sent: this is a dry run".to_owned())),
        Some(PlannedAction::Keep) if if_not_exists => {
            Ok(("existed", "the cluster exists and is as asked for".to_owned()))
        }
        Some(PlannedAction::Differs(differences)) => Err(differs(spec, differences)),
        _ => Err(Failure::new(Exit::Conflict, "Conflict", format!("the cluster {:?} exists", spec.cluster_name()))
            .hint("choose another name, or accept the cluster if it is the same: --if-not-exists")),
    }
}

/// The failure of a cluster that exists with another spec.
fn differs(spec: &ClusterSpec, differences: &[Difference]) -> Failure {
    let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
    let name = spec.cluster_name();
    let message = format!("the cluster {name:?} exists and differs: its {}", differences.join(", its "));
    Failure::new(Exit::Conflict, "Conflict", message)
        .hint("nothing was changed: choose another name, or delete the cluster")
}
