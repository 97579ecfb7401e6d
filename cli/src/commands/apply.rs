//! `eloq apply`.

use clap::Args;
use eloq_sdk::{AppliedCluster, ApplyOutcome, Plan, PlannedAction};
use serde::Serialize;

use super::plan::DesiredArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{Columns, notice};
use crate::progress::Progress;
use crate::prompt::confirm;

const COLUMNS: Columns =
    &[("cluster_name", "NAME"), ("project_name", "PROJECT"), ("outcome", "OUTCOME"), ("detail", "DETAIL")];

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    desired: DesiredArgs,
    /// Wait until the clusters can be connected to
    #[arg(long)]
    wait: bool,
}

/// A result with its explanation as text.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    applied: &'a AppliedCluster,
    /// Why it is not as desired.
    detail: Option<String>,
}

pub(crate) async fn run(context: &Context, args: ApplyArgs) -> Result {
    let again = again(context, &args);
    context.set_next(&again);
    let plan = args.desired.plan(context).await?;
    notice(&context.globals, &plan.to_string());
    // The library says why; nobody is asked in vain.
    if let (true, false) = (plan.has_changes(), plan.exceeds_limit()) {
        confirm(context, &question(&plan), "yes").await.map_err(|failure| failure.next(format!("{again} --yes")))?;
    }
    let again = if context.globals.yes { format!("{again} --yes") } else { again };
    context.set_next(&again);
    let results = apply(context, &args, &plan).await?;
    finish(context, &results).map_err(|failure| failure.next(again))
}

/// Applies the plan and prints the results as they come.
async fn apply(context: &Context, args: &ApplyArgs, plan: &Plan) -> Result<Vec<AppliedCluster>> {
    let mut rows = context.printer.live_rows(COLUMNS);
    let mut progress = Progress::new(&context.globals);
    let mut results = Vec::new();
    let mut applying = plan.apply().wait_until_connectable(args.wait).max_wait(context.timeout());
    loop {
        progress.set(format!("{} of {} clusters are done", results.len(), plan.clusters.len()));
        let Some(applied) = progress.during(applying.next()).await.transpose()? else { break };
        progress.clear();
        rows.push(&Row { applied: &applied, detail: detail(&applied.outcome) })?;
        results.push(applied);
    }
    drop(progress);
    rows.finish()?;
    Ok(results)
}

fn detail(outcome: &ApplyOutcome) -> Option<String> {
    (!outcome.is_as_desired()).then(|| match outcome {
        ApplyOutcome::Failed { error } => format!("{error:#}"),
        other => other.to_string(),
    })
}

/// Success only if every cluster is as desired.
fn finish(context: &Context, results: &[AppliedCluster]) -> Result {
    let failed: Vec<_> = results.iter().filter(|applied| !applied.outcome.is_as_desired()).collect();
    let changed = |applied: &AppliedCluster| matches!(applied.outcome, ApplyOutcome::Created | ApplyOutcome::Deleted);
    if failed.is_empty() {
        notice(&context.globals, &summary(results));
        return Ok(());
    }
    let named: Vec<_> = failed.iter().map(ToString::to_string).collect();
    let message = format!("{} of {} clusters are not as desired: {}", failed.len(), results.len(), named.join("; "));
    if results.iter().any(changed) {
        return Err(Failure::partly_done(message).hint("the next run does the rest"));
    }
    let exits: Vec<_> = failed.iter().map(|applied| exit_of(&applied.outcome)).collect();
    Err(match (&*failed, exits[0]) {
        ([applied], _) if applied.outcome.error().is_some() => single(applied),
        (_, exit) if exits.iter().all(|other| *other == exit) => Failure::new(exit, "Apply", message),
        _ => Failure::partly_done(message),
    })
}

/// The failure of the only cluster that failed.
fn single(applied: &AppliedCluster) -> Failure {
    match applied.outcome.error() {
        Some(error) => Failure::from(error.clone()).context(&applied.cluster_name),
        None => Failure::partly_done(applied.to_string()),
    }
}

fn exit_of(outcome: &ApplyOutcome) -> Exit {
    outcome.error().map_or(Exit::Conflict, |error| Failure::from(error.clone()).exit())
}

/// As in `2 created, 1 deleted, 3 unchanged`.
fn summary(results: &[AppliedCluster]) -> String {
    let count = |accept: fn(&ApplyOutcome) -> bool| results.iter().filter(|each| accept(&each.outcome)).count();
    let counts = [
        (count(|outcome| matches!(outcome, ApplyOutcome::Created)), "created"),
        (count(|outcome| matches!(outcome, ApplyOutcome::Deleted)), "deleted"),
        (count(|outcome| matches!(outcome, ApplyOutcome::Unchanged | ApplyOutcome::Adopted)), "unchanged"),
    ];
    counts.map(|(count, name)| format!("{count} {name}")).join(", ")
}

fn question(plan: &Plan) -> String {
    let count = |action: PlannedAction| plan.clusters.iter().filter(|cluster| cluster.action == action).count();
    let (creates, deletes) = (count(PlannedAction::Create), count(PlannedAction::Delete));
    match (creates, deletes) {
        (_, 0) => format!("Create {creates} of the clusters? They can cost money."),
        (0, _) => format!("Delete {deletes} of the clusters with their data?"),
        _ => format!("Create {creates} clusters and delete {deletes} with their data?"),
    }
}

/// The command that does the rest.
fn again(context: &Context, args: &ApplyArgs) -> String {
    let desired = args.desired.arguments();
    let mut arguments: Vec<_> = std::iter::once("apply").chain(desired.iter().map(String::as_str)).collect();
    if args.wait {
        arguments.push("--wait");
    }
    context.command_line(&arguments)
}
