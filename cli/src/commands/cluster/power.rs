//! `eloq cluster start`, `stop` and `restart`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use eloq_sdk::schema::ClusterStatus;

use super::goal::{self, Goal, Wait};
use super::operation::Operation;
use crate::commands::complete;
use crate::context::Context;
use crate::failure::Result;
use crate::progress::Progress;

#[derive(Debug, Args)]
pub(crate) struct PowerArgs {
    /// Name of the cluster
    #[arg(add = ArgValueCompleter::new(complete::clusters))]
    name: String,
    /// Wait until it is connectable, or idle after a stop
    #[arg(long)]
    wait: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Start,
    Stop,
    Restart,
}

pub(crate) async fn run(context: &Context, action: Action, args: PowerArgs) -> Result {
    let client = context.client().await?;
    let name = args.name.as_str();
    let mut progress = Progress::new(&context.globals);
    context.set_next(context.command_line(&["cluster", "get", name]));
    let (accepted, result) = match action {
        Action::Start => ("starting", progress.during(client.start_cluster(name)).await),
        Action::Stop => ("stopping", progress.during(client.stop_cluster(name)).await),
        Action::Restart => ("restarting", progress.during(client.restart_cluster(name)).await),
    };
    let mut operation = Operation::of(name, accepted, result)?;
    if args.wait {
        // The outcome is what is known: the service does not show whether a restart has begun. The vendor does not say which status
        // a stopped cluster has; the simulator takes this one.
        let (goal, reached) = match action {
            Action::Start | Action::Restart => (Goal::Connectable, "connectable"),
            Action::Stop => (Goal::Status(ClusterStatus::Idle), "idle"),
        };
        let next = goal::command(context, &[name], &goal);
        context.set_next(&next);
        let wait = Wait { client: &client, name, goal: &goal, limit: context.timeout(), ping: false };
        let failed =
            |error| goal::failure(error, &next).context(&format!("the service accepted the request for {name:?}, but"));
        operation.state = wait.run(&mut progress).await.map_err(failed)?;
        operation.outcome = reached;
    }
    drop(progress);
    operation.print(context)
}
