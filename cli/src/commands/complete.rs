//! What the shell offers for arguments: names of clusters, projects and profiles. Silent on any failure.

mod cache;

use std::ffi::{OsStr, OsString};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::FromArgMatches as _;
use clap_complete::CompletionCandidate;
use serde::{Deserialize, Serialize};

use self::cache::Cache;
use crate::cli::{Globals, command};
use crate::context::Context;
use crate::failure::Result;
use crate::settings::Settings;

/// How long the service may take. With the start of this program, an answer takes less than 1 second.
const LIMIT: Duration = Duration::from_millis(700);

/// A name that the service knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Candidate {
    name: String,
    help: String,
}

/// What the service is asked for.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Clusters,
    Projects,
}

/// Completes the name of a cluster: `#[arg(add = ArgValueCompleter::new(complete::clusters))]`.
pub(crate) fn clusters(current: &OsStr) -> Vec<CompletionCandidate> {
    offer(current, from_service(Kind::Clusters))
}

/// Completes the name of a project.
pub(crate) fn projects(current: &OsStr) -> Vec<CompletionCandidate> {
    offer(current, from_service(Kind::Projects))
}

/// Completes the name of a profile.
pub(crate) fn profiles(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = Settings::read(&globals()).and_then(|settings| settings.profile_names());
    let candidate = |name| Candidate { name, help: String::new() };
    offer(current, names.unwrap_or_default().into_iter().map(candidate).collect())
}

fn offer(current: &OsStr, candidates: Vec<Candidate>) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else {
        return Vec::new();
    };
    let fitting = candidates.into_iter().filter(|Candidate { name, .. }| name.starts_with(current) && is_plain(name));
    let offered = fitting.map(|Candidate { name, help }| {
        let help = if help.is_empty() { None } else { Some(crate::output::printable(&help).into_owned().into()) };
        CompletionCandidate::new(name).help(help)
    });
    offered.collect()
}

/// Whether a shell takes the name as one word. Others are not offered: the shell inserts a name without quotes.
fn is_plain(name: &str) -> bool {
    !name.starts_with('-') && name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

/// Names from the cache, or from the service within the limit, or else from an older cache.
fn from_service(kind: Kind) -> Vec<Candidate> {
    let globals = globals();
    let cache = Settings::read(&globals).ok().and_then(|settings| Cache::of(&settings, &globals, kind));
    if let Some(fresh) = cache.as_ref().and_then(Cache::fresh) {
        return fresh;
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(fetch(globals, kind)));
    match receiver.recv_timeout(LIMIT) {
        Ok(Ok(candidates)) => {
            if let Some(cache) = cache {
                cache.write(&candidates);
            }
            candidates
        }
        _ => cache.and_then(|cache| cache.stale()).unwrap_or_default(),
    }
}

fn fetch(globals: Globals, kind: Kind) -> Result<Vec<Candidate>> {
    let context = Context::new(globals)?;
    crate::cli::runtime()?.block_on(async {
        let mut candidates = Vec::new();
        match kind {
            Kind::Clusters => {
                let mut clusters = context.client().await?.clusters().stream();
                while let Some(cluster) = clusters.next().await.transpose()? {
                    let help = format!("{}, {}", cluster.module_type, cluster.status);
                    candidates.push(Candidate { name: cluster.cluster_name, help });
                }
            }
            Kind::Projects => {
                for project in context.account_client()?.projects().await? {
                    let help = format!("project {}", project.project_id);
                    candidates.push(Candidate { name: project.project_name, help });
                }
            }
        }
        Ok(candidates)
    })
}

/// The global options of the command line that is being completed: what follows `--`.
fn globals() -> Globals {
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let matches = command().ignore_errors(true).try_get_matches_from(words);
    matches.ok().and_then(|matches| Globals::from_arg_matches(&matches).ok()).unwrap_or_default()
}
