//! `eloq org`: the organization that the API key belongs to.

use clap::Args;

use crate::context::Context;
use crate::failure::Result;
use crate::output::Columns;

const COLUMNS: Columns = &[
    ("org_id", "ID"),
    ("org_name", "NAME"),
    ("org_create_at", "CREATED"),
    ("roles", "ROLES"),
    ("projects.project_name", "PROJECTS"),
];

#[derive(Debug, Args)]
pub(crate) struct OrgArgs {}

pub(crate) async fn run(context: &Context, _args: OrgArgs) -> Result {
    let account = context.account_client()?.info().await?;
    context.printer.object(COLUMNS, &account.org_info)
}
