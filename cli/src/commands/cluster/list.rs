//! `eloq cluster list`.

use clap::{Args, value_parser};
use eloq_sdk::schema::{ClusterListItem, ClusterStatus, EloqModule};
use eloq_sdk::{EloqApi, Scope};
use serde::Serialize;

use super::several;
use crate::commands::sku::parse_module;
use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::output::{Columns, Rows, warn};

const COLUMNS: Columns = &[
    ("cluster_name", "NAME"),
    ("status", "STATUS"),
    ("module_type", "MODULE"),
    ("cloud_provider", "CLOUD"),
    ("region", "REGION"),
    ("sku_name", "SKU"),
    ("create_at", "CREATED"),
];
const COLUMNS_WITH_PROJECT: Columns = &[
    ("cluster_name", "NAME"),
    ("project_name", "PROJECT"),
    ("status", "STATUS"),
    ("module_type", "MODULE"),
    ("cloud_provider", "CLOUD"),
    ("region", "REGION"),
    ("sku_name", "SKU"),
    ("create_at", "CREATED"),
];

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// List the clusters of all projects, each with its project
    #[arg(long)]
    all_projects: bool,
    /// Only clusters with this status, or one of several separated by commas
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<ClusterStatus>,
    /// Only clusters of this database: kv, doc or sql
    #[arg(long, value_name = "MODULE", value_parser = parse_module)]
    module: Option<EloqModule>,
    /// Only clusters in this region
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// List at most this many clusters
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    limit: Option<u64>,
}

/// A cluster with its project.
#[derive(Serialize)]
struct InProject {
    #[serde(flatten)]
    cluster: ClusterListItem,
    project_id: i64,
    project_name: String,
}

impl InProject {
    fn new(cluster: ClusterListItem, project: Scope) -> Self {
        Self { cluster, project_id: project.project_id, project_name: project.project_name }
    }
}

impl ListArgs {
    fn matches(&self, cluster: &ClusterListItem) -> bool {
        (self.status.is_empty() || self.status.contains(&cluster.status))
            && self.module.as_ref().is_none_or(|module| *module == EloqModule::from(cluster.module_type.clone()))
            && self.region.as_ref().is_none_or(|region| *region == cluster.region)
    }

    /// Warns of values that match nothing if they are mistyped.
    fn check(&self, context: &Context) -> Result {
        if self.all_projects && context.globals.project.is_some() {
            return Err(Failure::usage("--all-projects and --project exclude each other"));
        }
        for status in self.status.iter().filter(|status| matches!(status, ClusterStatus::Unknown(_))) {
            warn(&context.globals, &format!("this version does not know the status {status}"));
        }
        if let Some(module @ EloqModule::Unknown(_)) = &self.module {
            warn(&context.globals, &format!("this version does not know the database {module}"));
        }
        Ok(())
    }
}

pub(crate) async fn run(context: &Context, args: ListArgs) -> Result {
    args.check(context)?;
    let client = context.client().await?;
    if args.all_projects { list_all(context, &client, &args).await } else { list(context, &client, &args).await }
}

async fn list(context: &Context, client: &EloqApi, args: &ListArgs) -> Result {
    let mut rows = Limited { rows: context.printer.rows(COLUMNS), left: args.limit };
    let mut clusters = client.clusters().stream();
    while let Some(cluster) = clusters.next().await.transpose()? {
        if args.matches(&cluster) && rows.push(&cluster)?.is_full() {
            break;
        }
    }
    rows.rows.finish()
}

async fn list_all(context: &Context, client: &EloqApi, args: &ListArgs) -> Result {
    let mut rows = Limited { rows: context.printer.rows(COLUMNS_WITH_PROJECT), left: args.limit };
    let mut clusters = client.clusters().all_projects();
    let (mut failed, mut listed) = (Vec::new(), false);
    while let Some(each) = clusters.next().await.transpose()? {
        match each.result {
            Ok(cluster) => {
                listed = true;
                if args.matches(&cluster) && rows.push(&InProject::new(cluster, each.project))?.is_full() {
                    break;
                }
            }
            Err(error) => failed.push((each.project.project_name, Failure::from(error))),
        }
    }
    let printed = if listed || failed.is_empty() { rows.rows.finish() } else { Ok(()) };
    several::summarize(failed, listed, "project", "listed")?;
    printed
}

/// Rows up to a limit.
struct Limited<'p> {
    rows: Rows<'p>,
    left: Option<u64>,
}

impl Limited<'_> {
    fn push(&mut self, row: &impl Serialize) -> Result<&Self> {
        self.rows.push(row)?;
        self.left = self.left.map(|left| left.saturating_sub(1));
        Ok(self)
    }

    fn is_full(&self) -> bool {
        self.left == Some(0)
    }
}
