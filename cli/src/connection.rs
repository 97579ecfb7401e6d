//! `Connection`: where the database of a cluster is, and with which credentials.

use eloq_sdk::schema::{DescClusterDto, ModuleType};
use eloq_sdk::{ClusterCredentials, Secret};

use crate::commands::cluster::find;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// The prefix of variables without `--prefix`.
const PREFIX: &str = "ELOQ_";

/// The address and the credentials of a cluster that can be connected to.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) module: ModuleType,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) username: String,
    pub(crate) password: Secret,
    pub(crate) url: Secret,
}

/// A variable of the environment.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: Secret,
    /// Whether the value is, or contains, the password.
    pub(crate) is_secret: bool,
}

impl Connection {
    /// Describes the cluster. Fails if it cannot be connected to now.
    pub(crate) async fn of(context: &Context, cluster: &str) -> Result<Self> {
        let description = find(&context.client().await?, cluster).await?;
        if !description.is_connectable() {
            return Err(not_connectable(context, cluster, &description));
        }
        let credentials = ClusterCredentials::try_from(description)?;
        let url = credentials.connection_url()?;
        let ClusterCredentials { username, password, host, port, module_type: module, .. } = credentials;
        // Clients take an IPv6 address without brackets.
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self { module, host, port, username, password, url })
    }

    /// The variables of `exec` and `env`. Without a prefix, the one that programs of the database usually read is among them.
    pub(crate) fn variables(self, prefix: Option<&str>) -> Vec<Variable> {
        let usual = match self.module {
            _ if prefix.is_some() => None,
            ModuleType::EloqKv => Some("REDIS_URL"),
            ModuleType::EloqDoc => Some("MONGODB_URL"),
            ModuleType::EloqSql => Some("DATABASE_URL"),
            _ => None,
        };
        let name = |suffix: &str| format!("{}{suffix}", prefix.unwrap_or(PREFIX));
        let open = |suffix, value| Variable { name: name(suffix), value: Secret::from(value), is_secret: false };
        let secret = |name, value| Variable { name, value, is_secret: true };
        let mut variables = vec![
            open("HOST", self.host),
            open("PORT", self.port.to_string()),
            open("USERNAME", self.username),
            secret(name("PASSWORD"), self.password),
            secret(name("URL"), self.url.clone()),
        ];
        variables.extend(usual.map(|usual| secret(usual.to_owned(), self.url)));
        variables
    }
}

/// Parses `--prefix`.
pub(crate) fn parse_prefix(text: &str) -> Result<String, String> {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.chars().all(valid) && !text.starts_with(|c: char| c.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("must consist of letters, digits and underscores, and not begin with a digit".to_owned())
    }
}

fn not_connectable(context: &Context, cluster: &str, description: &DescClusterDto) -> Failure {
    let DescClusterDto { status, elb_state, .. } = description;
    let message = format!("{cluster} cannot be connected to: status {status}, load balancer {elb_state}");
    if status.is_failed() {
        return Failure::new(Exit::ClusterFailed, "NotConnectable", message);
    }
    Failure::new(Exit::Other, "NotConnectable", message)
        .hint("`eloq cluster wait` waits until it can be; a stopped cluster must be started first")
        .next(context.command_line(&["cluster", "wait", cluster, "--for", "connectable"]))
}
