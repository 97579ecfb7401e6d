//! `eloq cluster wait`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use eloq_sdk::{EloqApi, Error, Waits};

use super::goal::{self, COLUMNS, Goal, Reached, Wait, Waited};
use super::several::{self, Outcome};
use crate::commands::complete;
use crate::context::Context;
use crate::failure::Result;
use crate::progress::Progress;

#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    /// Names of the clusters
    #[arg(add = ArgValueCompleter::new(complete::clusters), required = true, value_name = "NAME")]
    names: Vec<String>,
    /// What to wait for: connectable, available, deleted or status=STATUS
    #[arg(long = "for", value_name = "GOAL", value_parser = goal::parse, default_value = "connectable")]
    goal: Goal,
}

pub(crate) async fn run(context: &Context, args: WaitArgs) -> Result {
    let client = context.client().await?;
    let (names, goal) = (several::distinct(args.names), args.goal);
    let all: Vec<_> = names.iter().map(String::as_str).collect();
    context.set_next(goal::command(context, &all, &goal));
    let mut progress = Progress::new(&context.globals);
    let waited = |cluster_name: String, state| Waited { cluster_name, reached: goal.to_string(), state };
    if let [name] = &all[..] {
        let wait = Wait { client: &client, name, goal: &goal, limit: context.timeout(), ping: false };
        let reached = wait.run(&mut progress).await;
        drop(progress);
        let next = goal::command(context, &[name], &goal);
        let state = reached.map_err(|error| goal::failure(error, &next))?;
        return context.printer.object(COLUMNS, &waited((*name).to_owned(), state));
    }
    let outcomes = wait_for_all(context, &client, &names, &goal, &mut progress).await?;
    drop(progress);
    let (reached, failed) = several::split(outcomes);
    let reached: Vec<_> = reached.into_iter().map(|(name, state)| waited(name, state)).collect();
    let printed = several::print(&reached, names.len(), COLUMNS, context);
    several::summarize(failed, !reached.is_empty(), "cluster", &goal.to_string())?;
    printed
}

async fn wait_for_all(
    context: &Context,
    client: &EloqApi,
    names: &[String],
    goal: &Goal,
    progress: &mut Progress,
) -> Result<Vec<Outcome<Reached>>> {
    let waits = client.wait_for_clusters(names);
    let results = match goal {
        Goal::Connectable => collect(context, waits.connectable(), progress).await,
        Goal::Available => collect(context, waits.available(), progress).await,
        Goal::Deleted => collect(context, waits.deleted(), progress).await,
        Goal::Status(status) => {
            let status = status.clone();
            collect(context, waits.status(move |found| *found == status), progress).await
        }
    }?;
    // In the order of the names.
    let mut results = results;
    results.sort_by_cached_key(|(name, _)| names.iter().position(|each| each == name));
    let outcomes = results.into_iter().map(|(name, result)| {
        let next = goal::command(context, &[&name], goal);
        (name, result.map_err(|error| goal::failure(error, &next)))
    });
    Ok(outcomes.collect())
}

/// Collects the results of waits, and shows each as it comes.
async fn collect<T: Send + 'static + Into<Reached>>(
    context: &Context,
    waits: Waits<T>,
    progress: &mut Progress,
) -> Result<Vec<(String, Result<Reached, Error>)>, Error> {
    let mut waits = waits.max_wait(context.timeout());
    let mut results = Vec::new();
    while let Some(each) = progress.during(waits.next()).await.transpose()? {
        let what = if each.result.is_ok() { "reached" } else { "failed" };
        progress.set(format!("{}: {what}", each.cluster_name));
        results.push((each.cluster_name, each.result.map(Into::into)));
    }
    Ok(results)
}
