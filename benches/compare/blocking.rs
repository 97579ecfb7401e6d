//! The blocking clients: this crate's, and a hand-written one on reqwest's own `blocking`.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use eloq_sdk::blocking::EloqApi;
use eloq_sdk::schema::{DescClusterDto, Envelope, UserOrgInfoDto};
use reqwest::header::{AUTHORIZATION, HeaderValue};

use crate::{CLUSTER, Outcome, hand};

#[derive(Clone)]
pub struct BlockingHand {
    client: reqwest::blocking::Client,
    base: Arc<str>,
    authorization: HeaderValue,
    org_id: i64,
    project_id: i64,
}

impl BlockingHand {
    pub fn connect(base: &str, key: &str) -> Outcome<Self> {
        hand::install_provider();
        let client = reqwest::blocking::Client::builder()
            .timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let authorization = hand::authorization(key)?;
        let url = format!("{base}org-info");
        let response = client.get(url).header(AUTHORIZATION, authorization.clone()).send()?.error_for_status()?;
        let (org_id, project_id) = hand::account(response.json::<Envelope<UserOrgInfoDto>>()?)?;
        Ok(Self { client, base: base.into(), authorization, org_id, project_id })
    }

    pub fn cluster(&self, name: &str) -> Outcome<DescClusterDto> {
        let Self { client, base, authorization, org_id, project_id } = self;
        let url = format!("{base}orgs/{org_id}/projects/{project_id}/clusters/{name}");
        let request = client.get(url).header(AUTHORIZATION, authorization.clone());
        hand::data(request.send()?.error_for_status()?.json()?)
    }
}

/// Either client.
#[derive(Clone)]
pub enum Blocking {
    Sdk(EloqApi),
    Hand(BlockingHand),
}

impl Blocking {
    pub fn connect(which: &str, base: &str, key: &str) -> Outcome<Self> {
        Ok(match which {
            "sdk" => Self::Sdk(EloqApi::builder().api_key(key).base_url(base).connect()?),
            "hand" => Self::Hand(BlockingHand::connect(base, key)?),
            other => return Err(format!("unknown client {other}: use sdk or hand").into()),
        })
    }

    fn describe(&self) -> Outcome<DescClusterDto> {
        match self {
            Self::Sdk(client) => Ok(client.cluster(CLUSTER)?),
            Self::Hand(client) => client.cluster(CLUSTER),
        }
    }

    /// Makes `calls` calls, divided among `threads` threads.
    pub fn describe_many(&self, calls: usize, threads: usize) -> Outcome<()> {
        let some = |calls: usize| (0..calls).try_for_each(|_| self.describe().map(drop));
        if threads == 1 {
            return some(calls);
        }
        thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(move || some(calls / threads))).collect();
            threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread panicked")?)
        })
    }
}
