//! The compared clients: this crate's, and a hand-written one on reqwest and serde.

#![allow(clippy::disallowed_methods, reason = "a separate program reads its environment")]

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::{DescClusterDto, Envelope, UserOrgInfoDto};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use tokio::task::JoinSet;

/// The cluster that every call describes.
pub const CLUSTER: &str = "cluster-1";

pub type Failure = Box<dyn Error + Send + Sync>;

/// The client that a careful user writes without this crate: with timeouts, checks of status and code, and the same struct.
#[derive(Clone)]
pub struct Hand {
    client: reqwest::Client,
    base: Arc<str>,
    authorization: HeaderValue,
    org_id: i64,
    project_id: i64,
}

impl Hand {
    pub async fn connect(base: &str, key: &str) -> Result<Self, Failure> {
        // Fails only if the process already has a provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let mut authorization = HeaderValue::from_str(key)?;
        authorization.set_sensitive(true);
        let url = format!("{base}org-info");
        let response = client.get(url).header(AUTHORIZATION, authorization.clone()).send().await?.error_for_status()?;
        let info: Envelope<UserOrgInfoDto> = response.json().await?;
        let org = info.data.ok_or("no account")?.org_info;
        let project_id = org.projects.first().ok_or("no project")?.project_id;
        Ok(Self { client, base: base.into(), authorization, org_id: org.org_id, project_id })
    }

    pub async fn cluster(&self, name: &str) -> Result<DescClusterDto, Failure> {
        let Self { client, base, authorization, org_id, project_id } = self;
        let url = format!("{base}orgs/{org_id}/projects/{project_id}/clusters/{name}");
        let request = client.get(url).header(AUTHORIZATION, authorization.clone());
        let envelope: Envelope<DescClusterDto> = request.send().await?.error_for_status()?.json().await?;
        if !envelope.is_success() {
            return Err(envelope.message.into());
        }
        envelope.data.ok_or_else(|| "no data".into())
    }
}

/// Either client.
#[derive(Clone)]
pub enum Client {
    Sdk(EloqApi),
    Hand(Hand),
}

impl Client {
    /// Connects `sdk` or `hand` to the service of `ELOQ_BASE_URL`, and fetches the account.
    pub async fn connect(which: &str) -> Result<Self, Failure> {
        Self::connect_to(which, &env::var("ELOQ_BASE_URL")?, &env::var("ELOQ_API_KEY")?).await
    }

    /// Like [`connect`](Self::connect), with this base URL and key.
    pub async fn connect_to(which: &str, base: &str, key: &str) -> Result<Self, Failure> {
        Ok(match which {
            "sdk" => Self::Sdk(EloqApi::builder().api_key(key).base_url(base).connect().await?),
            "hand" => Self::Hand(Hand::connect(base, key).await?),
            other => return Err(format!("unknown client {other}: use sdk or hand").into()),
        })
    }

    pub async fn describe(&self) -> Result<DescClusterDto, Failure> {
        match self {
            Self::Sdk(client) => Ok(client.cluster(CLUSTER).await?),
            Self::Hand(client) => client.cluster(CLUSTER).await,
        }
    }

    /// Makes `calls` calls, divided among `tasks` tasks.
    pub async fn describe_many(&self, calls: usize, tasks: usize) -> Result<(), Failure> {
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
