//! The compared clients: this crate's, a hand-written one on reqwest and serde, and a bare socket.

#![allow(clippy::disallowed_methods, reason = "a separate program reads its environment")]

pub mod blocking;
pub mod calls;
pub mod hand;
pub mod process;
pub mod proxy;
pub mod replay;
pub mod work;

use std::env;
use std::error::Error;
use std::fs;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::DescClusterDto;
use tokio::task::JoinSet;

use hand::Hand;

/// The cluster that every call describes.
pub const CLUSTER: &str = "cluster-1";

pub type Failure = Box<dyn Error + Send + Sync>;
pub type Outcome<T> = Result<T, Failure>;

/// Where the service is, from the environment that `run.py` sets.
#[derive(Clone)]
pub struct Service {
    pub base: String,
    pub key: String,
    pub tls: Option<Tls>,
}

/// The same service behind TLS.
#[derive(Clone)]
pub struct Tls {
    pub base: String,
    /// The certificate authority.
    pub pem: String,
}

impl Service {
    pub fn from_environ() -> Outcome<Self> {
        let tls = match (env::var("ELOQ_TLS_URL"), env::var("ELOQ_TLS_CA")) {
            (Ok(base), Ok(file)) => Some(Tls { base, pem: fs::read_to_string(file)? }),
            _ => None,
        };
        Ok(Self { base: env::var("ELOQ_BASE_URL")?, key: env::var("ELOQ_API_KEY")?, tls })
    }
}

/// Either client.
#[derive(Clone)]
pub enum Client {
    Sdk(EloqApi),
    Hand(Hand),
}

impl Client {
    /// Connects `sdk` or `hand` to a service, and fetches the account.
    pub async fn connect(which: &str, base: &str, key: &str) -> Outcome<Self> {
        Ok(match which {
            "sdk" => Self::Sdk(EloqApi::builder().api_key(key).base_url(base).connect().await?),
            "hand" => Self::Hand(Hand::connect(base, key, None).await?),
            other => return Err(format!("unknown client {other}: use sdk or hand").into()),
        })
    }

    pub async fn describe(&self) -> Outcome<DescClusterDto> {
        match self {
            Self::Sdk(client) => Ok(client.cluster(CLUSTER).await?),
            Self::Hand(client) => client.cluster(CLUSTER).await,
        }
    }

    /// Makes `calls` calls, divided among `tasks` tasks.
    pub async fn describe_many(&self, calls: usize, tasks: usize) -> Outcome<()> {
        if tasks == 1 {
            for _ in 0..calls {
                self.describe().await?;
            }
            return Ok(());
        }
        let mut set = JoinSet::new();
        for _ in 0..tasks {
            let client = self.clone();
            set.spawn(async move {
                for _ in 0..calls / tasks {
                    client.describe().await?;
                }
                Ok::<_, Failure>(())
            });
        }
        while let Some(done) = set.join_next().await {
            done??;
        }
        Ok(())
    }
}
