//! `eloq auth`: API keys and profiles.

mod login;
mod profiles;
mod status;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::failure::Result;

#[derive(Debug, Args)]
pub(crate) struct AuthArgs {
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, Subcommand)]
enum AuthCommand {
    /// Try an API key and store it in a profile
    Login(login::LoginArgs),
    /// Show where the API key is from, and whether it works
    Status(status::StatusArgs),
    /// Remove the API key of a profile
    Logout,
    /// List the profiles
    List,
    /// Make a profile the default
    Use(profiles::UseArgs),
}

pub(crate) async fn run(context: &Context, args: AuthArgs) -> Result {
    match args.command {
        AuthCommand::Login(args) => login::run(context, args).await,
        AuthCommand::Status(args) => status::run(context, args).await,
        AuthCommand::Logout => profiles::logout(context).await,
        AuthCommand::List => profiles::list(context),
        AuthCommand::Use(args) => profiles::use_profile(context, args).await,
    }
}
