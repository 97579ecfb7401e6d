//! `eloq project`: the projects of the account, and the one of a profile.

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;
use eloq_sdk::schema::SimpleProjectInfo;
use serde::Serialize;

use crate::commands::complete;
use crate::context::{Context, project_by_name};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{Columns, warn};
use crate::settings::config_file::{self, Profile};
use crate::settings::store::Store;
use crate::settings::variable;

const COLUMNS: Columns = &[("project_id", "ID"), ("project_name", "NAME"), ("create_at", "CREATED")];
const USE_COLUMNS: Columns = &[("project_id", "ID"), ("project_name", "NAME"), ("profile", "PROFILE")];

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    #[command(subcommand)]
    command: ProjectCommand,
}

#[derive(Debug, Subcommand)]
enum ProjectCommand {
    /// List the projects
    List,
    /// Store a project in the profile, for commands without --project
    Use {
        /// Id or name of the project
        #[arg(add = ArgValueCompleter::new(complete::projects), value_name = "ID")]
        id: String,
    },
}

pub(crate) async fn run(context: &Context, args: ProjectArgs) -> Result {
    let projects = context.account_client()?.projects().await?;
    match args.command {
        ProjectCommand::List => {
            let mut rows = context.printer.rows(COLUMNS);
            for project in &projects {
                rows.push(project)?;
            }
            rows.finish()
        }
        ProjectCommand::Use { id } => use_project(context, find(&projects, &id)?).await,
    }
}

fn find<'p>(projects: &'p [SimpleProjectInfo], wanted: &str) -> Result<&'p SimpleProjectInfo> {
    let by_id = |id: i64| projects.iter().find(|project| project.project_id == id);
    if let Some(project) = wanted.parse().ok().and_then(by_id) {
        return Ok(project);
    }
    project_by_name(projects, wanted)?.ok_or_else(|| {
        Failure::new(Exit::NotFound, "NotFound", format!("there is no project {wanted:?}"))
            .hint("`eloq project list` lists the projects")
    })
}

async fn use_project(context: &Context, project: &SimpleProjectInfo) -> Result {
    #[derive(Serialize)]
    struct Used<'p> {
        profile: &'p str,
        project_id: i64,
        project_name: &'p str,
    }

    let settings = &context.settings;
    let profile = &settings.profile_name;
    let changes = Profile { project: Some(project.project_id.to_string()), ..Profile::default() };
    config_file::set_profile(&Store::open(&settings.directory).await?, profile, &changes)?;
    if variable("ELOQ_PROJECT_ID").is_some_and(|other| other.trim() != project.project_id.to_string()) {
        warn(&context.globals, "ELOQ_PROJECT_ID is set and takes precedence over the project of the profile");
    }
    let (project_id, project_name) = (project.project_id, &*project.project_name);
    context.printer.object(USE_COLUMNS, &Used { profile, project_id, project_name })
}
