//! `eloq cluster delete`.

use std::collections::HashMap;

use clap::Args;
use clap_complete::ArgValueCompleter;
use eloq_sdk::EloqApi;
use eloq_sdk::schema::DescClusterDto;

use super::get;
use super::goal::Reached;
use super::operation::Operation;
use super::several::{self, Failed};
use crate::commands::complete;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::prompt;

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// Names of the clusters
    #[arg(add = ArgValueCompleter::new(complete::clusters), required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Succeed also if a cluster does not exist
    #[arg(long)]
    if_exists: bool,
    /// Wait until a cluster can be deleted, and until it is gone
    #[arg(long)]
    wait: bool,
    /// Only show what would be deleted
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(context: &Context, args: DeleteArgs) -> Result {
    if !args.dry_run {
        prompt::check(context)?;
    }
    let client = context.client().await?;
    let names = several::distinct(args.names.clone());
    let (found, absent) = look(context, &client, &names).await;
    let (absent, mut failed): (Vec<_>, Vec<_>) =
        absent.into_iter().partition(|(_, failure)| args.if_exists && failure.exit() == Exit::NotFound);
    let mut done: HashMap<String, Operation> = HashMap::new();
    done.extend(absent.into_iter().map(|(name, _)| {
        let message = "the cluster does not exist".to_owned();
        (name.clone(), Operation { cluster_name: name, outcome: "absent", message, state: Reached::default() })
    }));
    if args.dry_run {
        done.extend(found.into_iter().map(|(name, cluster)| {
            let message = "nothing was sent: this is a dry run".to_owned();
            (name.clone(), Operation { cluster_name: name, outcome: "would_delete", message, state: cluster.into() })
        }));
    } else if !found.is_empty() {
        confirm(context, &found).await?;
        let (deleted, refused) = delete(context, &client, &args, found).await;
        done.extend(deleted);
        failed.extend(refused);
    }
    let operations: Vec<_> = names.iter().filter_map(|name| done.remove(name)).collect();
    let printed = Operation::print_all(&operations, names.len(), context);
    let verb = if args.dry_run { "found" } else { "deleted" };
    // A closed pipe hides no failure.
    several::summarize(failed, !operations.is_empty(), "cluster", verb)?;
    printed
}

type Found = Vec<(String, DescClusterDto)>;

/// The clusters that exist, and why the others cannot be deleted.
async fn look(context: &Context, client: &EloqApi, names: &[String]) -> (Found, Failed) {
    let mut progress = Progress::new(&context.globals);
    let outcomes = several::for_each(names, &mut progress, None, |name| {
        let client = client.clone();
        async move { get::find(&client, &name).await }
    });
    several::split(outcomes.await)
}

async fn confirm(context: &Context, found: &Found) -> Result {
    match &found[..] {
        [(name, cluster)] => {
            let DescClusterDto { status, module_type, region, .. } = cluster;
            let question = format!("This deletes {name} ({status}, {module_type} in {region}) and all its data.");
            prompt::confirm(context, &question, name).await
        }
        several => {
            let names: Vec<_> = several.iter().map(|(name, _)| name.as_str()).collect();
            let question = format!("This deletes {} clusters and all their data: {}.", names.len(), names.join(", "));
            prompt::confirm(context, &question, &format!("delete {}", names.len())).await
        }
    }
}

/// Deletes the clusters that exist.
async fn delete(
    context: &Context,
    client: &EloqApi,
    args: &DeleteArgs,
    found: Found,
) -> (Vec<(String, Operation)>, Failed) {
    let names: Vec<_> = found.iter().map(|(name, _)| name.clone()).collect();
    context.set_next(command(context, &names));
    let mut progress = Progress::new(&context.globals);
    let (wait, limit) = (args.wait, context.timeout());
    let request = |name: &str| {
        let request = client.cluster_delete(name);
        if args.if_exists { request.if_exists() } else { request }
    };
    let outcomes = if let ([name], true) = (&names[..], wait) {
        progress.set(format!("{name}: deleting"));
        let gone = progress.follow(name, request(name).when_deletable().wait().max_wait(limit)).await;
        vec![(name.clone(), gone.map(|()| deleted(name)).map_err(Failure::from))]
    } else {
        several::for_each(&names, &mut progress, Some("done"), |name| {
            let request = request(&name);
            async move {
                match wait {
                    true => Ok(request.when_deletable().wait().max_wait(limit).await.map(|()| deleted(&name))?),
                    false => Operation::of(&name, "deleting", request.await),
                }
            }
        })
        .await
    };
    drop(progress);
    let outcomes = outcomes.into_iter().zip(found).map(|((name, outcome), (_, cluster))| {
        let outcome = outcome.map_err(|failure| explain(context, &name, failure, &cluster));
        (name, outcome)
    });
    several::split(outcomes.collect())
}

fn deleted(name: &str) -> Operation {
    let message = "the cluster is gone".to_owned();
    Operation { cluster_name: name.to_owned(), outcome: "deleted", message, state: Reached::default() }
}

/// Says how to go on after a failed deletion.
fn explain(context: &Context, name: &str, failure: Failure, cluster: &DescClusterDto) -> Failure {
    let next = command(context, &[name.to_owned()]);
    match failure.exit() {
        Exit::Refused if !cluster.status.is_deletable() => failure
            .context(&format!("the status of {name:?} is {}", cluster.status))
            .hint("only an available cluster can be deleted: --wait waits until it is, and wakes an idle one")
            .next(next),
        Exit::TimedOut => failure.hint("it may still be deleted: wait again, or raise --timeout").next(next),
        Exit::Unreachable | Exit::RateLimited | Exit::OutcomeUnknown | Exit::Other => failure.next(next),
        _ => failure,
    }
}

/// The command that deletes clusters that may be gone.
fn command(context: &Context, names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let yes: &[&str] = if context.globals.yes { &["--yes"] } else { &[] };
    context.command_line(&[&["cluster", "delete"], &names[..], &["--if-exists", "--wait"], yes].concat())
}
