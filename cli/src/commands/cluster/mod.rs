//! `eloq cluster`: create, show, watch and delete clusters.

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::failure::Result;

mod config;
mod create;
mod credentials;
mod delete;
mod get;
mod goal;
mod list;
mod operation;
mod power;
mod several;
mod wait;
mod watch;

pub(crate) use get::find;

#[derive(Debug, Args)]
pub(crate) struct ClusterArgs {
    #[command(subcommand)]
    command: ClusterCommand,
}

#[derive(Debug, Subcommand)]
enum ClusterCommand {
    /// List clusters
    List(list::ListArgs),
    /// Show clusters in detail, without their passwords
    Get(get::GetArgs),
    /// Print the changes of a cluster until Ctrl-C or until it is gone
    Watch(watch::WatchArgs),
    /// Wait until clusters are connectable, available or deleted
    Wait(wait::WaitArgs),
    /// Create a cluster
    Create(create::CreateArgs),
    /// Delete clusters and their data
    Delete(delete::DeleteArgs),
    /// Start a cluster
    Start(power::PowerArgs),
    /// Stop a cluster
    Stop(power::PowerArgs),
    /// Restart a cluster
    Restart(power::PowerArgs),
    /// Show the address, user and password of a cluster
    Credentials(credentials::CredentialsArgs),
    /// Show and apply configurations of a cluster
    Config(config::ConfigArgs),
}

pub(crate) async fn run(context: &Context, args: ClusterArgs) -> Result {
    match args.command {
        ClusterCommand::List(args) => list::run(context, args).await,
        ClusterCommand::Get(args) => get::run(context, args).await,
        ClusterCommand::Watch(args) => watch::run(context, args).await,
        ClusterCommand::Wait(args) => wait::run(context, args).await,
        ClusterCommand::Create(args) => create::run(context, args).await,
        ClusterCommand::Delete(args) => delete::run(context, args).await,
        ClusterCommand::Start(args) => power::run(context, power::Action::Start, args).await,
        ClusterCommand::Stop(args) => power::run(context, power::Action::Stop, args).await,
        ClusterCommand::Restart(args) => power::run(context, power::Action::Restart, args).await,
        ClusterCommand::Credentials(args) => credentials::run(context, args).await,
        ClusterCommand::Config(args) => config::run(context, args).await,
    }
}
