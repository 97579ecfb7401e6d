//! The client that a careful user writes without this crate: with timeouts, checks of status and code, and the same structs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eloq_sdk::schema::{ClusterList, ClusterListItem, DescClusterDto, Envelope, UserOrgInfoDto};
use futures_util::stream::{self, StreamExt};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Certificate, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::Outcome;

const PER_PAGE: usize = 50;

/// Fails only if the process already has a provider.
pub(crate) fn install_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) fn authorization(key: &str) -> Outcome<HeaderValue> {
    let mut authorization = HeaderValue::from_str(key)?;
    authorization.set_sensitive(true);
    Ok(authorization)
}

/// The ids of the organization and its first project.
pub(crate) fn account(info: Envelope<UserOrgInfoDto>) -> Outcome<(i64, i64)> {
    let org = info.data.ok_or("no account")?.org_info;
    Ok((org.org_id, org.projects.first().ok_or("no project")?.project_id))
}

pub(crate) fn data<T>(envelope: Envelope<T>) -> Outcome<T> {
    if !envelope.is_success() {
        return Err(envelope.message.into());
    }
    envelope.data.ok_or_else(|| "no data".into())
}

#[derive(Clone)]
pub struct Hand {
    client: reqwest::Client,
    base: Arc<str>,
    authorization: HeaderValue,
    org_id: i64,
    project_id: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Create<'c> {
    cluster_name: &'c str,
    region: &'c str,
    sku_id: i64,
}

impl Hand {
    /// Fetches the account. `pem` is a certificate authority to trust besides those of the platform.
    pub async fn connect(base: &str, key: &str, pem: Option<&str>) -> Outcome<Self> {
        install_provider();
        let mut builder = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none());
        if let Some(pem) = pem {
            builder = builder.tls_certs_merge([Certificate::from_pem(pem.as_bytes())?]);
        }
        let client = builder.build()?;
        let authorization = authorization(key)?;
        let url = format!("{base}org-info");
        let response = client.get(url).header(AUTHORIZATION, authorization.clone()).send().await?.error_for_status()?;
        let (org_id, project_id) = account(response.json().await?)?;
        Ok(Self { client, base: base.into(), authorization, org_id, project_id })
    }

    fn url(&self, rest: std::fmt::Arguments<'_>) -> String {
        let Self { base, org_id, project_id, .. } = self;
        format!("{base}orgs/{org_id}/projects/{project_id}/clusters{rest}")
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Outcome<T> {
        let request = request.header(AUTHORIZATION, self.authorization.clone());
        data(request.send().await?.error_for_status()?.json().await?)
    }

    pub async fn cluster(&self, name: &str) -> Outcome<DescClusterDto> {
        let Self { client, base, authorization, org_id, project_id } = self;
        let url = format!("{base}orgs/{org_id}/projects/{project_id}/clusters/{name}");
        let request = client.get(url).header(AUTHORIZATION, authorization.clone());
        data(request.send().await?.error_for_status()?.json().await?)
    }

    pub async fn page(&self, number: usize) -> Outcome<ClusterList> {
        let url = self.url(format_args!("?page={number}&perPage={PER_PAGE}"));
        self.send(self.client.get(url)).await
    }

    /// All pages, one after the other.
    pub async fn list(&self) -> Outcome<Vec<ClusterListItem>> {
        let mut all = Vec::new();
        for number in 1.. {
            let page = self.page(number).await?;
            let is_short = page.cluster_list.len() < PER_PAGE;
            all.extend(page.cluster_list);
            if is_short || i64::try_from(all.len())? >= page.total {
                break;
            }
        }
        Ok(all)
    }

    /// Creates a cluster, polls until it is connectable, and decodes its credentials.
    pub async fn create(&self, name: &str, region: &str, sku_id: i64, interval: Duration) -> Outcome<(String, String)> {
        let request = self.client.post(self.url(format_args!(""))).json(&Create { cluster_name: name, region, sku_id });
        let request = request.header(AUTHORIZATION, self.authorization.clone());
        let created: Envelope<serde::de::IgnoredAny> = request.send().await?.error_for_status()?.json().await?;
        if !created.is_success() {
            return Err(created.message.into());
        }
        loop {
            let cluster = self.cluster(name).await?;
            if cluster.is_connectable() {
                let password = STANDARD.decode(cluster.admin_password.expose())?;
                return Ok((String::from_utf8(STANDARD.decode(&cluster.admin_user)?)?, String::from_utf8(password)?));
            }
            sleep(interval).await;
        }
    }

    /// Describes every cluster, with at most `concurrency` calls at the same time.
    pub async fn describe_all(&self, concurrency: usize) -> Outcome<Vec<(ClusterListItem, Outcome<DescClusterDto>)>> {
        let calls = stream::iter(self.list().await?).map(|cluster| async move {
            let described = self.cluster(&cluster.cluster_name).await;
            (cluster, described)
        });
        Ok(calls.buffer_unordered(concurrency).collect().await)
    }

    /// The desired clusters that do not exist, and those that exist and are not desired.
    pub async fn plan(&self, desired: &[String]) -> Outcome<(Vec<String>, Vec<ClusterListItem>)> {
        let listed = self.list().await?.into_iter().map(|cluster| (cluster.cluster_name.clone(), cluster));
        let mut listed: HashMap<String, ClusterListItem> = listed.collect();
        let missing = desired.iter().filter(|name| listed.remove(*name).is_none()).cloned().collect();
        Ok((missing, listed.into_values().collect()))
    }

    /// Lists again and again, and compares with the list before, until a list fails. Returns how many changes there were.
    pub async fn watch(&self, interval: Duration, lists: usize) -> Outcome<usize> {
        let mut known: HashMap<String, ClusterListItem> = HashMap::new();
        let mut changes = 0;
        for _ in 0..lists {
            let Ok(listed) = self.list().await else { break };
            let listed: HashMap<_, _> = listed.into_iter().map(|each| (each.cluster_name.clone(), each)).collect();
            changes += known.keys().filter(|name| !listed.contains_key(*name)).count();
            changes += listed.iter().filter(|(name, cluster)| known.get(*name) != Some(*cluster)).count();
            known = listed;
            sleep(interval).await;
        }
        Ok(changes)
    }

    /// Calls that the service answers with an error, with a wait between each two.
    pub async fn fail(&self, name: &str, calls: usize, wait: Duration) -> Outcome<()> {
        for call in 0..calls {
            if call > 0 {
                sleep(wait).await;
            }
            let request = self.client.get(self.url(format_args!("/{name}")));
            let response = request.header(AUTHORIZATION, self.authorization.clone()).send().await?;
            let status = response.status();
            let envelope: Envelope<serde::de::IgnoredAny> = response.json().await?;
            if status != StatusCode::SERVICE_UNAVAILABLE || envelope.is_success() {
                return Err(format!("unexpected status {status}").into());
            }
        }
        Ok(())
    }
}
