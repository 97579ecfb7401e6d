//! `eloq cluster credentials`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use eloq_sdk::ClusterCredentials;
use eloq_sdk::schema::{ClusterStatus, ElbState, ModuleType};
use serde::Serialize;

use crate::commands::complete;
use crate::context::Context;
use crate::failure::Result;
use crate::output::Columns;

const COLUMNS: Columns = &[
    ("cluster_name", "NAME"),
    ("host", "HOST"),
    ("port", "PORT"),
    ("username", "USER"),
    ("password", "PASSWORD"),
    ("status", "STATUS"),
];

#[derive(Debug, Args)]
pub(crate) struct CredentialsArgs {
    /// Name of the cluster
    #[arg(add = ArgValueCompleter::new(complete::clusters))]
    name: String,
    /// Show the password
    #[arg(long)]
    show_password: bool,
}

/// Credentials with their password.
#[derive(Serialize)]
struct Exposed<'a> {
    cluster_name: &'a str,
    username: &'a str,
    password: &'a str,
    host: &'a str,
    port: u16,
    status: &'a ClusterStatus,
    module_type: &'a ModuleType,
    elb_state: &'a ElbState,
}

impl<'a> Exposed<'a> {
    fn new(credentials: &'a ClusterCredentials) -> Self {
        Self {
            cluster_name: &credentials.cluster_name,
            username: &credentials.username,
            password: credentials.password.expose(),
            host: &credentials.host,
            port: credentials.port,
            status: &credentials.status,
            module_type: &credentials.module_type,
            elb_state: &credentials.elb_state,
        }
    }
}

pub(crate) async fn run(context: &Context, args: CredentialsArgs) -> Result {
    let credentials = context.client().await?.cluster_credentials(&args.name).await?;
    match args.show_password {
        true => context.printer.object(COLUMNS, &Exposed::new(&credentials)),
        false => context.printer.object(COLUMNS, &credentials),
    }
}
