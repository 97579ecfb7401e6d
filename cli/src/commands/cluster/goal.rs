//! What to wait for, and the wait for it.

use std::fmt;
use std::time::Duration;

use eloq_sdk::schema::{ClusterStatus, DescClusterDto};
use eloq_sdk::{ClusterCredentials, EloqApi, Error};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Columns;
use crate::progress::Progress;

/// The state that a command waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    Connectable,
    Available,
    Deleted,
    Status(ClusterStatus),
}

/// Parses what `--for` takes.
pub(super) fn parse(text: &str) -> Result<Goal, String> {
    match text {
        "connectable" => Ok(Goal::Connectable),
        "available" => Ok(Goal::Available),
        "deleted" => Ok(Goal::Deleted),
        _ => match text.strip_prefix("status=").filter(|status| !status.is_empty()) {
            Some(status) => Ok(Goal::Status(status.into())),
            None => Err("the goals are connectable, available, deleted and status=STATUS".to_owned()),
        },
    }
}

/// Parses what `--wait` of a create takes.
pub(super) fn parse_created(text: &str) -> Result<Goal, String> {
    match parse(text) {
        Ok(goal @ (Goal::Connectable | Goal::Available)) => Ok(goal),
        _ => Err("a new cluster becomes connectable or available".to_owned()),
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connectable => f.write_str("connectable"),
            Self::Available => f.write_str("available"),
            Self::Deleted => f.write_str("deleted"),
            Self::Status(status) => write!(f, "status={status}"),
        }
    }
}

/// What a cluster was when it reached the goal.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reached {
    pub(super) status: Option<ClusterStatus>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
}

impl From<ClusterCredentials> for Reached {
    fn from(cluster: ClusterCredentials) -> Self {
        Self::at(cluster.status, cluster.host, cluster.port)
    }
}

impl From<DescClusterDto> for Reached {
    fn from(cluster: DescClusterDto) -> Self {
        Self::at(cluster.status, cluster.elb_addr, cluster.elb_port)
    }
}

impl From<()> for Reached {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl Reached {
    /// A load balancer without an address has an empty host and port 0.
    fn at(status: ClusterStatus, host: String, port: u16) -> Self {
        let host = Some(host).filter(|host| !host.is_empty());
        Self { status: Some(status), host, port: Some(port).filter(|port| *port != 0) }
    }
}

/// A cluster that has reached a goal.
#[derive(Debug, Serialize)]
pub(super) struct Waited {
    pub(super) cluster_name: String,
    pub(super) reached: String,
    #[serde(flatten)]
    pub(super) state: Reached,
}

pub(super) const COLUMNS: Columns =
    &[("cluster_name", "NAME"), ("reached", "REACHED"), ("status", "STATUS"), ("host", "HOST"), ("port", "PORT")];

/// A wait for one cluster.
pub(super) struct Wait<'c> {
    pub(super) client: &'c EloqApi,
    pub(super) name: &'c str,
    pub(super) goal: &'c Goal,
    pub(super) limit: Duration,
    /// Whether the database has to accept a connection, too.
    pub(super) ping: bool,
}

impl Wait<'_> {
    /// Waits and shows the states.
    pub(super) async fn run(self, progress: &mut Progress) -> Result<Reached, Error> {
        let Self { client, name, goal, limit, ping } = self;
        let wait = client.wait_for_cluster(name);
        match goal {
            Goal::Connectable => {
                let wait = wait.connectable().max_wait(limit);
                let wait = if ping { wait.ping() } else { wait };
                progress.follow(name, wait).await.map(Reached::from)
            }
            Goal::Available => progress.follow(name, wait.available().max_wait(limit)).await.map(Reached::from),
            Goal::Deleted => progress.follow(name, wait.deleted().max_wait(limit)).await.map(Reached::from),
            Goal::Status(status) => {
                let status = status.clone();
                let wait = wait.status(move |found| *found == status).max_wait(limit);
                progress.follow(name, wait).await.map(Reached::from)
            }
        }
    }
}

/// The command that waits for a goal.
pub(super) fn command(context: &Context, names: &[&str], goal: &Goal) -> String {
    let goal = goal.to_string();
    context.command_line(&[&["cluster", "wait"], names, &["--for", &goal]].concat())
}

/// The failure of a wait, which `next` continues if it can still succeed.
pub(super) fn failure(error: Error, next: &str) -> Failure {
    let failure = Failure::from(error);
    match failure.exit() {
        Exit::TimedOut => failure.hint("the cluster may still get there: wait again, or raise --timeout").next(next),
        Exit::Unreachable | Exit::RateLimited | Exit::Other => failure.next(next),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_read_as_they_are_written() {
        for text in ["connectable", "available", "deleted", "status=idle", "status=new-status"] {
            assert_eq!(parse(text).map(|goal| goal.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "status=", "ready", "Available"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse_created("available").is_ok() && parse_created("deleted").is_err());
    }
}
