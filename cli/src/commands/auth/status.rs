//! `eloq auth status`: where the API key is from, and whether it works.

use clap::Args;
use eloq_sdk::schema::SimpleProjectInfo;
use eloq_sdk::{EloqApi, ErrorKind, Scope};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Columns;
use crate::settings::effective::{KeySource, client_base_url};

pub(super) const COLUMNS: Columns = &[
    ("profile", "PROFILE"),
    ("key_origin", "KEY FROM"),
    ("base_url", "SERVICE"),
    ("verified", "VERIFIED"),
    ("user_name", "USER"),
    ("email", "EMAIL"),
    ("org_id", "ORGANIZATION ID"),
    ("org_name", "ORGANIZATION"),
    ("project_id", "PROJECT ID"),
    ("project_name", "PROJECT"),
    ("projects.project_name", "PROJECTS"),
];

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Send nothing: only show where the key is from
    #[arg(long)]
    offline: bool,
}

/// A key, and the account that it belongs to.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    pub(super) profile: String,
    /// `variable`, `command` or `file`.
    pub(super) key_source: &'static str,
    pub(super) key_origin: String,
    pub(super) base_url: String,
    /// Whether the service accepted the key just now.
    pub(super) verified: bool,
    #[serde(flatten)]
    pub(super) account: Account,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Account {
    user_name: Option<String>,
    email: Option<String>,
    org_id: Option<i64>,
    org_name: Option<String>,
    /// The project of cluster commands.
    project_id: Option<i64>,
    project_name: Option<String>,
    projects: Option<Vec<SimpleProjectInfo>>,
}

pub(super) async fn run(context: &Context, args: StatusArgs) -> Result {
    let settings = &context.settings;
    // Fails if there is no key.
    let client = context.account_client()?;
    let Some(source) = settings.key_source()? else {
        return Err(Failure::config("there is no API key"));
    };
    let mut status = Status {
        profile: settings.profile_name.clone(),
        key_source: source.kind(),
        key_origin: source.origin(),
        base_url: client_base_url(&client),
        verified: !args.offline,
        account: Account::default(),
    };
    if !args.offline {
        status.account = account(context, client).await.map_err(|failure| refused(failure, &source))?;
    }
    context.printer.object(COLUMNS, &status)
}

/// Asks the service whom the key belongs to, and checks the organization and the project of the settings.
pub(super) async fn account(context: &Context, client: EloqApi) -> Result<Account> {
    let user = client.info().await?;
    let scope = scope(context, client).await?;
    Ok(Account {
        user_name: Some(user.user_name),
        email: Some(user.email),
        org_id: Some(user.org_info.org_id),
        org_name: Some(user.org_info.org_name),
        project_id: scope.as_ref().map(|scope| scope.project_id),
        project_name: scope.map(|scope| scope.project_name),
        projects: Some(user.org_info.projects),
    })
}

/// The project of cluster commands; `None` if the account has none and the settings name none.
async fn scope(context: &Context, client: EloqApi) -> Result<Option<Scope>> {
    let client = context.with_named_project(client).await?;
    match client.scope().await {
        Ok(scope) => Ok(Some(scope)),
        Err(error) if error.kind() == ErrorKind::NoProject && context.settings.project().text().is_none() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn refused(failure: Failure, source: &KeySource<'_>) -> Failure {
    if failure.exit() != Exit::Refused {
        return failure;
    }
    let origin = source.origin();
    failure.hint(match source {
        KeySource::Variable(_) => format!("the key is from the variable {origin}"),
        KeySource::Command(_) => format!("the key is from the api_key_command {origin:?}"),
        KeySource::File { .. } => format!("the key is from {origin}: `eloq auth login` stores another one"),
    })
}
