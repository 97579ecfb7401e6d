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
    /// Wait until it is connectable, or stopped
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
    let (accepted, done, result) = match action {
        Action::Start => ("starting", "started", progress.during(client.start_cluster(name)).await),
        Action::Stop => ("stopping", "stopped", progress.during(client.stop_cluster(name)).await),
        Action::Restart => ("restarting", "restarted", progress.during(client.restart_cluster(name)).await),
    };
    let mut operation = Operation::of(name, accepted, result)?;
    if args.wait {
        // The vendor does not say which status a stopped cluster has; the simulator takes this one.
        let goal = match action {
            Action::Start | Action::Restart => Goal::Connectable,
            Action::Stop => Goal::Status(ClusterStatus::Idle),
        };
        let next = goal::command(context, &[name], &goal);
        context.set_next(&next);
        let wait = Wait { client: &client, name, goal: &goal, limit: context.timeout(), ping: false };
        let failed =
            |error| goal::failure(error, &next).context(&format!("the service accepted the request for {name:?}, but"));
        operation.state = wait.run(&mut progress).await.map_err(failed)?;
        operation.outcome = done;
    }
    drop(progress);
    operation.print(context)
}
