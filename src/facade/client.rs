//! `EloqApi`: the documented operations, one short method each.

use std::fmt;

use super::clusters::{
    bulk::ForEachCluster, catalogue::Catalogue, create::ClusterCreate, delete::ClusterDelete, ensure,
    ensure::EnsureOutcome, find, find::Lookup, list::Clusters, sku::SkuDescription, spec::ClusterSpec,
    temporary::CreateTemporary, wait::WaitForCluster,
};
use super::{credentials::ClusterCredentials, operations};
use crate::engine::version::{self, VersionCheck};
use crate::engine::{account::Scope, call::resolve_scope, options::CallOptions, session::Session};
use crate::error::{Error, Result};
use crate::raw::{self, ClientInfo};
use crate::schema::{
    CloudProvider, ClusterName, DescClusterDto, EloqModule, SimpleOrgInfo, SimpleProjectInfo, SkuInfo, SkuType,
    UserOrgInfoDto,
};

/// The client of EloqCloud's control plane.
///
/// Clones are cheap and share connections, credential and account: create one client and clone it. The first cluster operation
/// fetches the account and resolves the project, which then stays the project of the client and its clones; see
/// [`scope`](Self::scope) and [`with_project`](Self::with_project).
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
/// Every call to the service can fail with [`Authentication`], [`Permission`], [`RateLimit`] or [`Server`] if the service says so,
/// with [`Connect`], [`Timeout`] or [`Protocol`] if the network or a gateway fails, and with [`Decode`] if the response has another
/// form. Cluster operations can also fail with [`NoProject`], [`InvalidInput`], and [`Config`] if the project does not exist. The
/// methods below name further errors only.
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
/// [`Config`]: crate::Error::Config
#[derive(Clone)]
#[doc(alias = "EloqAPI")]
pub struct EloqApi {
    session: Session,
}

impl EloqApi {
    pub(super) fn new(session: Session) -> Self {
        Self { session }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// The same connections and credential with an account that is not fetched yet.
    #[cfg(feature = "simulator")]
    pub(crate) fn unresolved(&self) -> Self {
        Self::new(self.session.with_account(self.session.account().unresolved()))
    }

    /// Returns the generated client, for what this one does not offer. It shares connections, credential and limits. The module
    /// [`raw`](crate::raw) is exempt from semantic versioning.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let request = client.raw().list_skus().eloq_module("eloqdoc").cloud_provider("gcp").type_("dedicated");
    /// let envelope = request.send().await.map(|response| response.into_inner());
    /// # }
    /// ```
    pub fn raw(&self) -> &raw::Client {
        self.session.raw()
    }

    /// Returns a client for another project on the same connections. Its first cluster operation checks that the project exists.
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
        Self::new(self.session.with_account(self.session.account().with_project(project_id)))
    }

    /// Returns a client with other limits and retries, on the same connections, in the same project and with the same retry budget.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use std::time::Duration;
    /// use eloq_sdk::CallOptions;
    ///
    /// let options = CallOptions::default().deadline(Duration::from_secs(10));
    /// let cluster = client.with_options(options)?.cluster("my-cluster").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for a duration of zero.
    pub fn with_options(&self, options: CallOptions) -> Result<Self> {
        Ok(Self::new(self.session.with_options(options)?))
    }

    /// Returns the organization and project that this client works in. The first cluster operation, or this call, resolves them;
    /// after that they never change for this client and its clones.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let scope = client.scope().await?;
    /// println!("{} ({}) of {}", scope.project_name, scope.project_id, scope.org_name);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if the chosen organization or project is not that of the account. See
    /// [the type](Self#errors) for the rest.
    pub async fn scope(&self) -> Result<Scope> {
        resolve_scope(&self.session, self.session.deadline()).await.cloned()
    }

    /// Checks whether this version of the SDK is compatible with the service. The response contains the account, so that the first
    /// cluster operation need not fetch it. An incompatible version is reported as a warning of `tracing`.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// use eloq_sdk::VersionCheck;
    ///
    /// if client.check_version().await == VersionCheck::Incompatible {
    ///     eprintln!("this program must be updated");
    /// }
    /// # }
    /// ```
    pub async fn check_version(&self) -> VersionCheck {
        version::check(&self.session).await.0
    }

    /// Closes this client and its clones. Later calls fail with [`Error::Closed`](crate::Error::Closed). A request in flight
    /// finishes; a call or wait that would send another one, after a backoff or between polls, ends at once with
    /// [`Error::Closed`](crate::Error::Closed), and a write whose response was lost with
    /// [`Error::OutcomeUnknown`](crate::Error::OutcomeUnknown). Idle connections are closed, also when the last clone is dropped.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// client.close();
    /// assert!(matches!(client.info().await, Err(eloq_sdk::Error::Closed)));
    /// # }
    /// ```
    pub fn close(&self) {
        self.session.close();
    }

    /// Returns the user of the credential, the organization and its projects. Each call sends one request. It never changes the
    /// project of this client.
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
        operations::org_info(&self.session, self.session.deadline()).await
    }

    /// Returns the name and id of the organization. Each call sends one request.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let org = client.org().await?;
    /// println!("{} has the id {}", org.org_name, org.org_id);
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

    /// Returns the projects of the organization; can be empty. Each call sends one request.
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

    /// Lists the clusters of the project: by default the first page of 20. [`stream`](Clusters::stream) returns the clusters of all
    /// pages.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let first = client.clusters().await?;
    /// let second = client.clusters().page(2).per_page(50).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn clusters(&self) -> Clusters {
        Clusters::new(self.session.clone())
    }

    /// Describes every cluster of the project, with bounded concurrency.
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
    pub fn describe_all(&self) -> ForEachCluster<DescClusterDto> {
        ForEachCluster::new(self.session.clone(), |session, name| {
            Box::pin(async move { operations::describe_cluster(&session, session.deadline(), &name).await })
        })
    }

    /// Fetches the credentials of every cluster of the project, with bounded concurrency.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let all = client.credentials_for_all().await?;
    /// let urls = all.iter().filter_map(|each| each.result.as_ref().ok()?.connection_url().ok());
    /// println!("{} connection URLs", urls.count());
    /// # Ok(())
    /// # }
    /// ```
    pub fn credentials_for_all(&self) -> ForEachCluster<ClusterCredentials> {
        ForEachCluster::new(self.session.clone(), |session, name| {
            Box::pin(async move {
                let cluster = operations::describe_cluster(&session, session.deadline(), &name).await?;
                ClusterCredentials::of(name, cluster)
            })
        })
    }

    /// Describes a cluster.
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
    /// For a missing cluster the service responds with 403 or 404, and [`is_not_found`](crate::Error::is_not_found) returns true.
    /// See [the type](Self#errors) for the rest.
    pub async fn cluster(&self, cluster_name: impl AsRef<str>) -> Result<DescClusterDto> {
        let name = ClusterName::try_from(cluster_name.as_ref())?;
        operations::describe_cluster(&self.session, self.session.deadline(), &name).await
    }

    /// Describes a cluster, or returns `None` if it does not exist. A response of 403 can mean a missing cluster or a missing
    /// permission: then the list decides.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// match client.find_cluster("my-cluster").await? {
    ///     Some(cluster) => println!("{}", cluster.status),
    ///     None => println!("no such cluster"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) for a cluster that is listed but not allowed to be described. See
    /// [the type](Self#errors) for the rest.
    pub async fn find_cluster(&self, cluster_name: impl AsRef<str>) -> Result<Option<DescClusterDto>> {
        let name = ClusterName::try_from(cluster_name.as_ref())?;
        match find::describe_or_absent(&self.session, &name, self.session.deadline()).await? {
            Lookup::Found(cluster) => Ok(Some(*cluster)),
            Lookup::Absent(_) => Ok(None),
        }
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
        WaitForCluster::new(self.session.clone(), cluster_name)
    }

    /// Creates a cluster. The result tells whether the service accepted the request; [`wait`](ClusterCreate::wait) also waits until
    /// the cluster is connectable.
    ///
    /// `sku_id` is the id of a SKU of [`get_skus`](Self::get_skus), `region` a region of its cloud.
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
        ClusterCreate::new(self.session.clone(), ClusterSpec::new(cluster_name, region, sku_id))
    }

    /// Creates the cluster if it does not exist, otherwise compares it with the spec, as far as the service shows it. Idempotent,
    /// also under concurrency. It does not wait: see [`wait_for_cluster`](Self::wait_for_cluster).
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use eloq_sdk::{ClusterSpec, EnsureOutcome};
    ///
    /// match client.ensure_cluster(ClusterSpec::new("my-cluster", "us-west-1", 101)).await? {
    ///     EnsureOutcome::Mismatch(differences) => differences.iter().for_each(|each| eprintln!("{each}")),
    ///     outcome => println!("{outcome:?}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`clusters`](Self::clusters) and of [`cluster_create`](Self::cluster_create).
    pub async fn ensure_cluster(&self, spec: ClusterSpec) -> Result<EnsureOutcome> {
        ensure::ensure(&self.session, spec).await
    }

    /// Creates a cluster that is deleted when its guard is dropped, for tests and batch jobs, and waits until it is connectable.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use eloq_sdk::ClusterSpec;
    ///
    /// let cluster = client.temporary_cluster(ClusterSpec::new("test-17", "us-west-1", 101)).await?;
    /// println!("{}:{}", cluster.credentials().host, cluster.credentials().port);
    /// cluster.delete().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn temporary_cluster(&self, spec: ClusterSpec) -> CreateTemporary {
        CreateTemporary::new(self.session.clone(), spec)
    }

    /// Deletes a cluster and its data. Its status must be `available`. The result tells whether the service accepted the request;
    /// [`wait`](ClusterDelete::wait) also waits until the cluster no longer exists.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) {
    /// let result = client.cluster_delete("my-cluster").await;
    /// println!("{}", result.message);
    /// # }
    /// ```
    pub fn cluster_delete(&self, cluster_name: impl Into<String>) -> ClusterDelete {
        ClusterDelete::new(self.session.clone(), cluster_name.into())
    }

    /// Returns the decoded credentials and the address of a cluster's database.
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
    /// Those of [`cluster`](Self::cluster), and [`Error::Decode`](crate::Error::Decode) for credentials that are not base64.
    pub async fn cluster_credentials(&self, cluster_name: impl AsRef<str>) -> Result<ClusterCredentials> {
        let cluster_name = cluster_name.as_ref();
        ClusterCredentials::of(cluster_name, self.cluster(cluster_name).await?)
    }

    /// Lists the SKUs that the subscription plan allows, filtered; can be empty.
    ///
    /// The vendor documents the modules [`EloqKv`](EloqModule::EloqKv) and [`EloqDoc`](EloqModule::EloqDoc) for this filter, and no
    /// other; see [`EloqModule`].
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
    /// See [the type](Self#errors); [`Error::InvalidInput`](crate::Error::InvalidInput) for [`SkuType::Unspecified`], which only
    /// responses contain.
    pub async fn get_skus(
        &self,
        sku_type: SkuType,
        eloq_module: EloqModule,
        cloud_provider: CloudProvider,
    ) -> Result<Vec<SkuInfo>> {
        if sku_type == SkuType::Unspecified {
            let reason = "`unspecified` is no filter: choose serverless or dedicated";
            return Err(Error::invalid_input("sku_type", reason));
        }
        let filters = (sku_type, eloq_module, cloud_provider);
        operations::list_skus(&self.session, self.session.deadline(), filters).await
    }

    /// Returns the one SKU that a description matches.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use eloq_sdk::SkuDescription;
    /// use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
    ///
    /// let described = SkuDescription::new(SkuType::Dedicated, EloqModule::EloqKv, CloudProvider::Aws).cpu(4.0);
    /// let sku = client.find_sku(described).await?;
    /// client.cluster_create("my-cluster", "us-west-1", sku.sku_id).await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`get_skus`](Self::get_skus); [`Error::InvalidInput`](crate::Error::InvalidInput) with the candidates if no SKU matches
    /// or several do.
    pub async fn find_sku(&self, description: SkuDescription) -> Result<SkuInfo> {
        Catalogue::default().within(&self.session, self.session.deadline()).resolve(&description).await
    }
}

impl fmt::Debug for EloqApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EloqApi").field("base_url", &self.session.raw().baseurl()).finish_non_exhaustive()
    }
}
