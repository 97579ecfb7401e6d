//! `eloq plan`, and what it has in common with `eloq apply`: the file and its options.

use std::path::{Path, PathBuf};

use clap::Args;
use eloq_sdk::{DesiredState, Plan};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input;
use crate::output::{Columns, Format};
use crate::progress::Progress;

const COLUMNS: Columns =
    &[("cluster_name", "NAME"), ("project_name", "PROJECT"), ("action", "ACTION"), ("status", "STATUS")];

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    desired: DesiredArgs,
    /// Exit with 14 if there is something to create or delete
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Which clusters should exist, and which of the others may be deleted.
#[derive(Debug, Args)]
pub(crate) struct DesiredArgs {
    /// File of the desired clusters: .yaml, .toml or .json; - reads YAML or JSON from stdin
    #[arg(short, long, value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Delete the clusters that the file does not have, in its projects
    #[arg(long)]
    prune: bool,
    /// Delete only clusters whose names begin with this
    #[arg(long, value_name = "PREFIX", requires = "prune")]
    prune_prefix: Option<String>,
    /// Delete only clusters of these names
    #[arg(long, value_name = "NAMES", requires = "prune", value_delimiter = ',')]
    prune_names: Option<Vec<String>>,
    /// How many clusters the account may have, in all projects
    #[arg(long, value_name = "N")]
    cluster_limit: Option<u64>,
}

impl DesiredArgs {
    /// Reads the file and what exists.
    pub(super) async fn plan(&self, context: &Context) -> Result<Plan> {
        let desired = self.read().await?;
        let client = context.client().await?;
        let mut plan = client.plan(desired).prune(self.prune);
        if let Some(prefix) = &self.prune_prefix {
            plan = plan.prune_prefix(prefix);
        }
        if let Some(names) = &self.prune_names {
            plan = plan.prune_names(names);
        }
        if let Some(limit) = self.cluster_limit {
            plan = plan.cluster_limit(limit);
        }
        let mut progress = Progress::new(&context.globals);
        progress.set("reading the clusters");
        Ok(progress.during(plan.send()).await?)
    }

    async fn read(&self) -> Result<DesiredState> {
        let file = self.file.display();
        let language = Language::of(&self.file)?;
        let text = input::read(&self.file).await?;
        language.parse(&text).map_err(|reason| {
            Failure::usage(format!("{file}: {}", reason.trim_end()))
                .hint("the file has `clusters`, each with name, region and sku, and may have `defaults`")
        })
    }

    /// The arguments that choose the same plan.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["-f".to_owned(), self.file.display().to_string()];
        if self.prune {
            arguments.push("--prune".to_owned());
        }
        arguments.extend(self.prune_prefix.iter().flat_map(|prefix| ["--prune-prefix".to_owned(), prefix.clone()]));
        arguments.extend(self.prune_names.iter().flat_map(|names| ["--prune-names".to_owned(), names.join(",")]));
        arguments.extend(self.cluster_limit.iter().flat_map(|n| ["--cluster-limit".to_owned(), n.to_string()]));
        arguments
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    /// JSON is YAML, too.
    Yaml,
    Toml,
    Json,
}

impl Language {
    fn of(path: &Path) -> Result<Self> {
        Ok(match path.extension().map(|ending| ending.to_ascii_lowercase()) {
            None => Self::Yaml,
            Some(ending) if ending == "yaml" || ending == "yml" => Self::Yaml,
            Some(ending) if ending == "toml" => Self::Toml,
            Some(ending) if ending == "json" => Self::Json,
            Some(_) => {
                return Err(Failure::usage(format!("{}: the ending names no format", path.display()))
                    .hint("the endings are .yaml, .yml, .toml and .json"));
            }
        })
    }

    fn parse(self, text: &str) -> Result<DesiredState, String> {
        match self {
            Self::Yaml => yaml_serde::from_str(text).map_err(|error| error.to_string()),
            Self::Toml => toml::from_str(text).map_err(|error| error.to_string()),
            Self::Json => serde_json::from_str(text).map_err(|error| error.to_string()),
        }
    }
}

pub(crate) async fn run(context: &Context, args: PlanArgs) -> Result {
    let plan = args.desired.plan(context).await?;
    show(context, &plan)?;
    match args.detailed_exitcode && plan.has_changes() {
        true => Err(Failure::silent(Exit::HasChanges.code())),
        false => Ok(()),
    }
}

fn show(context: &Context, plan: &Plan) -> Result {
    let printer = &context.printer;
    match printer.format() {
        Format::Table if context.globals.columns.is_none() => printer.text(&plan.to_string()),
        Format::Json | Format::Yaml if context.globals.columns.is_none() => printer.document(plan),
        _ => {
            let mut rows = printer.rows(COLUMNS);
            plan.clusters.iter().try_for_each(|cluster| rows.push(cluster))?;
            rows.finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_names_the_format() {
        let of = |name: &str| Language::of(Path::new(name)).ok();
        assert_eq!(["-", "/dev/fd/3", "a.yaml", "a.YML"].map(of), [Some(Language::Yaml); 4]);
        assert_eq!((of("a.toml"), of("a.json")), (Some(Language::Toml), Some(Language::Json)));
        assert_eq!(of("a.txt"), None);
    }
}
