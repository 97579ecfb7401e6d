//! `EloqApi`: the documented operations, one short method each.

mod calls;

use std::fmt;
use std::sync::Arc;

use crate::builder::EloqApiBuilder;
use crate::bulk::ForAll;
use crate::classify::required;
use crate::context::Context;
use crate::credentials::ClusterCredentials;
use crate::ensure::Ensured;
use crate::raw::{self, ClientInfo};
use crate::request::{ClusterCreate, ClusterDelete, Clusters};
use crate::schema::{
    CloudProvider, ClusterName, DescClusterDto, EloqModule, SimpleOrgInfo, SimpleProjectInfo, SkuInfo, SkuType,
    UserOrgInfoDto,
};
use crate::spec::ClusterSpec;
use crate::transport::{self, ORG_INFO, call};
use crate::version::{self, VersionCheck};
use crate::wait::WaitForCluster;
use crate::{Error, Result, Secret, ensure, find};

/// The client of EloqCloud's control plane.
///
/// Clones are cheap and share connections, credential and context; make one and hand it around. The organization and the
/// project that cluster operations need are asked for once, with the first of them.
///
/// ```no_run
/// # async fn example() -> eloq_sdk::Result<()> {
/// use eloq_sdk::EloqApi;
///
/// let client = EloqApi::from_environ()?;
/// let account = client.info().await?;
/// println!("{}", account.org_info.org_name);
/// for cluster in client.clusters().await?.cluster_list {
///     println!("{}: {}", cluster.cluster_name, cluster.status);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Every call that asks the service fails with an [`Error`](crate::Error) that is [`Authentication`], [`Permission`],
/// [`RateLimit`] or [`Server`] when the service says so, [`Connect`], [`Timeout`] or [`Protocol`] when the network or a gateway
/// does, and [`Decode`] when the answer has another form. Calls on clusters can add [`NoProject`] and [`InvalidInput`]; the
/// methods below name only what is special to them.
///
/// [`Authentication`]: crate::Error::Authentication
/// [`Permission`]: crate::Error::Permission
/// [`RateLimit`]: crate::Error::RateLimit
/// [`Server`]: crate::Error::Server
/// [`Connect`]: crate::Error::Connect
/// [`Timeout`]: crate::Error::Timeout
/// [`Protocol`]: crate::Error::Protocol
/// [`Decode`]: crate::Error::Decode
/// [`NoProject`]: crate::Error::NoProject
/// [`InvalidInput`]: crate::Error::InvalidInput
#[derive(Clone)]
#[doc(alias = "EloqAPI")]
pub struct EloqApi {
    raw: Arc<raw::Client>,
    /// The same for the calls of this client: `transport` holds them to their time.
    untimed: Arc<raw::Client>,
    context: Context,
}

impl EloqApi {
    pub(crate) fn new(raw: raw::Client, context: Context) -> Self {
        let untimed = raw::Client { inner: raw.inner.clone().untimed(), ..raw.clone() };
        Self { raw: Arc::new(raw), untimed: Arc::new(untimed), context }
    }

    /// Reads the API key from `ELOQ_API_KEY`, and the base URL from `ELOQ_BASE_URL` if it is set; the other variables are in the
    /// table of [`EloqApiBuilder`]. Nothing is sent.
    ///
    /// ```no_run
    /// # fn main() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::EloqApi::from_environ()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if the key is not set or a value cannot be used.
    pub fn from_environ() -> Result<Self> {
        Self::builder().build()
    }

    /// Uses this API key, at the address from `ELOQ_BASE_URL` or else that of production. Nothing is sent.
    ///
    /// ```
    /// # fn main() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::EloqApi::from_key("your-api-key")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if the key cannot be one.
    pub fn from_key(key: impl Into<Secret>) -> Result<Self> {
        Self::builder().api_key(key).build()
    }

    /// Uses this API key at this address, with or without `/api/v1` and the final slash. Nothing is sent.
    ///
    /// ```
    /// # fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::EloqApi;
    ///
    /// let client = EloqApi::from_key_and_url("your-api-key", "https://api-prod.eloqdata.com")?;
    /// let in_the_clear = EloqApi::from_key_and_url("your-api-key", "http://api-prod.eloqdata.com");
    /// assert!(in_the_clear.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if the key cannot be one, or the URL is not an https URL (or http to loopback).
    pub fn from_key_and_url(key: impl Into<Secret>, url: impl Into<String>) -> Result<Self> {
        Self::builder().api_key(key).base_url(url).build()
    }

    /// A builder, for everything that can be set.
    ///
    /// ```
    /// # fn main() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::EloqApi::builder().api_key("your-api-key").project_id(147).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> EloqApiBuilder {
        EloqApiBuilder::default()
    }

    /// The generated client below this one, for what this one does not offer. It shares connections, credential and limits.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let request = client.raw().list_skus().eloq_module("eloqdoc").cloud_provider("gcp").type_("dedicated");
    /// let envelope = request.send().await.map(|reply| reply.into_inner());
    /// # }
    /// ```
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }

    /// A clone that works on another project, over the same connections.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// for project in client.projects().await? {
    ///     let clusters = client.with_project(project.project_id).clusters().await?;
    ///     println!("{}: {} clusters", project.project_name, clusters.total);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_project(&self, project_id: i64) -> Self {
        Self { context: self.context.with_project(project_id), ..self.clone() }
    }

    /// Asks the service whether this version of the SDK still fits it. The answer brings the account along, so that the first
    /// call on clusters need not ask. A version that does not fit is warned of through `tracing`.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// use eloq_sdk::VersionCheck;
    ///
    /// if client.check_version().await == VersionCheck::Incompatible {
    ///     eprintln!("this program is too old for the service");
    /// }
    /// # }
    /// ```
    pub async fn check_version(&self) -> VersionCheck {
        self.check().await.0
    }

    /// The same, and why nothing is known if that is so.
    pub(crate) async fn check(&self) -> (VersionCheck, Option<Error>) {
        version::check(&self.raw, &self.context).await
    }

    /// Closes this client and its clones: later calls answer [`Error::Closed`](crate::Error::Closed), calls under way finish,
    /// idle connections are closed. Dropping the last clone does the same without ceremony.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// client.close();
    /// assert!(matches!(client.info().await, Err(eloq_sdk::Error::Closed)));
    /// # }
    /// ```
    pub fn close(&self) {
        self.raw.inner().connections.close();
    }

    /// The user behind the credential, with the organization and its projects. One request, every time.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let account = client.info().await?;
    /// println!("{} <{}>, {}", account.user_name, account.email, account.org_info.roles.join(", "));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [the type](Self#errors).
    pub async fn info(&self) -> Result<UserOrgInfoDto> {
        let info = required(ORG_INFO.id, call(&self.untimed, ORG_INFO, |raw| raw.org_info().send()).await?)?;
        self.context.learn(&info);
        Ok(info)
    }

    /// The organization, by name and number. One request, every time.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let org = client.org().await?;
    /// println!("{} is number {}", org.org_name, org.org_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [the type](Self#errors).
    pub async fn org(&self) -> Result<SimpleOrgInfo> {
        Ok(self.info().await?.org_info.into())
    }

    /// The projects of the organization, possibly none. One request, every time.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// for project in client.projects().await? {
    ///     println!("{}: {}", project.project_id, project.project_name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [the type](Self#errors).
    pub async fn projects(&self) -> Result<Vec<SimpleProjectInfo>> {
        Ok(self.info().await?.org_info.projects)
    }

    /// One page of the project's clusters: the first, of 20, if nothing else is said. [`stream`](Clusters::stream) gives those of
    /// all pages.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let first = client.clusters().await?;
    /// let second = client.clusters().page(2).per_page(50).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn clusters(&self) -> Clusters {
        Clusters::new(self.clone())
    }

    /// Everything about every cluster of the project, several asked for at a time.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let mut described = client.describe_all();
    /// while let Some(each) = described.next().await.transpose()? {
    ///     println!("{}: {:?}", each.cluster.cluster_name, each.result.map(|cluster| cluster.elb_state));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn describe_all(&self) -> ForAll<DescClusterDto> {
        ForAll::new(self.clone(), |client, name| Box::pin(async move { client.cluster(name).await }))
    }

    /// The credentials of every cluster of the project, several asked for at a time.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let all = client.credentials_for_all().await?;
    /// let urls = all.iter().filter_map(|each| each.result.as_ref().ok()?.connection_url().ok());
    /// println!("{} clusters can be connected to", urls.count());
    /// # Ok(())
    /// # }
    /// ```
    pub fn credentials_for_all(&self) -> ForAll<ClusterCredentials> {
        ForAll::new(self.clone(), |client, name| Box::pin(async move { client.cluster_credentials(name).await }))
    }

    /// Everything about one cluster.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let cluster = client.cluster("my-cluster").await?;
    /// println!("{} in {}, {} CPU", cluster.status, cluster.region, cluster.tx_cpu_limit);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_not_found`](crate::Error::is_not_found) tells a missing cluster, which the service answers with 403 or 404. See
    /// [the type](Self#errors) for the rest.
    pub async fn cluster(&self, cluster_name: impl AsRef<str>) -> Result<DescClusterDto> {
        self.describe(&ClusterName::try_from(cluster_name.as_ref())?, transport::deadline(&self.raw)).await
    }

    /// Everything about one cluster, or none if there is no such cluster: where the service answers 403, which can mean either,
    /// the list tells.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// match client.find_cluster("my-cluster").await? {
    ///     Some(cluster) => println!("{}", cluster.status),
    ///     None => println!("there is none"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) for a cluster that is there and not to be seen. See
    /// [the type](Self#errors) for the rest.
    pub async fn find_cluster(&self, cluster_name: impl AsRef<str>) -> Result<Option<DescClusterDto>> {
        let name = ClusterName::try_from(cluster_name.as_ref())?;
        Ok(find::described(self, &name, transport::deadline(&self.raw)).await?.ok())
    }

    /// Waits until a cluster is available, connectable or deleted, or has another status.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let credentials = client.wait_for_cluster("my-cluster").connectable().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_cluster(&self, cluster_name: impl Into<String>) -> WaitForCluster {
        WaitForCluster::new(self.clone(), cluster_name.into())
    }

    /// Orders a cluster. The result says whether the order was accepted; [`wait`](ClusterCreate::wait) goes on until the cluster
    /// can be connected to.
    ///
    /// `sku_id` is that of one of [`get_skus`](Self::get_skus), `region` one of its cloud.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_create("my-cluster", "us-west-1", 101).zone("us-west-1a").await;
    /// println!("{}", result.message);
    /// # }
    /// ```
    pub fn cluster_create(
        &self,
        cluster_name: impl Into<String>,
        region: impl Into<String>,
        sku_id: i64,
    ) -> ClusterCreate {
        self.create(ClusterSpec::new(cluster_name, region, sku_id))
    }

    /// Makes sure that a cluster is there, and is what it should be: creates it if it is absent, and else compares it, as far
    /// as it shows. Doing it twice, even at the same time, is doing it once. Wait for it with
    /// [`wait_for_cluster`](Self::wait_for_cluster).
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use eloq_sdk::{ClusterSpec, Ensured};
    ///
    /// match client.ensure_cluster(ClusterSpec::new("my-cluster", "us-west-1", 101)).await? {
    ///     Ensured::Mismatch(differences) => differences.iter().for_each(|each| eprintln!("{each}")),
    ///     done => println!("{done:?}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`clusters`](Self::clusters) and of [`cluster_create`](Self::cluster_create).
    pub async fn ensure_cluster(&self, spec: ClusterSpec) -> Result<Ensured> {
        ensure::ensure(self, spec).await
    }

    /// Deletes a cluster with its data. It must be available. The result says whether the service accepted;
    /// [`wait`](ClusterDelete::wait) goes on until the cluster is gone.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_delete("my-cluster").await;
    /// println!("{}", result.message);
    /// # }
    /// ```
    pub fn cluster_delete(&self, cluster_name: impl Into<String>) -> ClusterDelete {
        ClusterDelete::new(self.clone(), cluster_name.into())
    }

    /// What it takes to connect to a cluster's database, decoded.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let credentials = client.cluster_credentials("my-cluster").await?;
    /// println!("{} at {}:{}", credentials.username, credentials.host, credentials.port);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`cluster`](Self::cluster), and [`Error::Decode`](crate::Error::Decode) for credentials that are no base64.
    pub async fn cluster_credentials(&self, cluster_name: impl AsRef<str>) -> Result<ClusterCredentials> {
        self.cluster(cluster_name).await?.try_into()
    }

    /// The SKUs that the subscription plan allows, filtered; possibly none.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
    ///
    /// let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [the type](Self#errors).
    pub async fn get_skus(
        &self,
        sku_type: SkuType,
        eloq_module: EloqModule,
        cloud_provider: CloudProvider,
    ) -> Result<Vec<SkuInfo>> {
        self.skus_until(transport::deadline(&self.raw), sku_type, eloq_module, cloud_provider).await
    }
}

impl fmt::Debug for EloqApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EloqApi").field("base_url", &self.raw.baseurl()).finish_non_exhaustive()
    }
}
