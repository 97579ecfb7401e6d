//! The blocking `EloqApi`.

use std::future::IntoFuture;
use std::sync::Arc;

use super::{request::Request, runtime::Runtime, temporary::CreateTemporary};
use crate::engine::options::CallOptions;
use crate::engine::{account::Scope, recording::record_attempts_sync, version::VersionCheck};
use crate::error::{Result, attempt::Attempt};
use crate::facade::clusters::{
    bulk::ForEachCluster, create::ClusterCreate, delete::ClusterDelete, ensure::EnsureOutcome, list::Clusters,
    sku::SkuDescription, spec::ClusterSpec, wait::WaitForCluster,
};
use crate::facade::fleet::{
    apply::ApplyPlan, desired::DesiredState, make_plan::MakePlan, plan::Plan, waits::WaitForClusters,
    watch::ClusterWatch,
};
use crate::facade::{client, credentials::ClusterCredentials, operation_result::OperationResult};
use crate::raw;
use crate::schema::{
    CloudProvider, DashboardType, DataBaseAndOveragePlan, DescClusterDto, EloqModule, Envelope, ModuleType,
    SimpleOrgInfo, SimpleProjectInfo, SkuInfo, SkuType, UserOrgInfoDto,
};

/// The blocking client of EloqCloud's control plane: [`crate::EloqApi`] with calls that block.
///
/// Clones are cheap and share connections, credential and account.
///
/// ```no_run
/// # fn example() -> eloq_sdk::Result<()> {
/// use eloq_sdk::blocking::EloqApi;
///
/// let client = EloqApi::from_environ()?;
/// println!("{}", client.org()?.org_name);
/// let credentials = client.wait_for_cluster("my-cluster").connectable().send()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "EloqAPI")]
pub struct EloqApi {
    client: client::EloqApi,
    runtime: Arc<Runtime>,
}

/// Defines the methods that block on one of the async client, each with its example.
macro_rules! blocking {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $output:ty => $example:expr;)+) => {
        $(
            #[doc = concat!(
                "The blocking [`", stringify!($name), "`](client::EloqApi::", stringify!($name), ").\n\n",
                "```no_run\n# use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};\n",
                "# fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {\n",
                "let result = ", stringify!($example), ";\n# Ok(())\n# }\n```\n\n",
                "# Errors\n\nThose of the async method."
            )]
            pub fn $name(&self $(, $argument: $kind)*) -> $output {
                self.runtime.call(self.client.$name($($argument),*))
            }
        )+
    };
}

/// Defines the methods that return a request of the async client.
macro_rules! requests {
    ($($(#[$doc:meta])+ $name:ident($($argument:ident: $kind:ty),*) -> $request:ty;)+) => {
        $(
            $(#[$doc])+
            pub fn $name(&self $(, $argument: $kind)*) -> Request<$request> {
                self.request(self.client.$name($($argument),*))
            }
        )+
    };
}

impl EloqApi {
    pub(super) fn new(client: client::EloqApi, runtime: Runtime) -> Self {
        Self { client, runtime: Arc::new(runtime) }
    }

    /// Returns the generated client. Its requests are futures: [`wait`](Self::wait) for them.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) {
    /// let response = client.wait(client.raw().org_info().send());
    /// # }
    /// ```
    pub fn raw(&self) -> &raw::Client {
        self.client.raw()
    }

    /// Blocks on a future, such as a request of the raw client.
    ///
    /// Tasks that the future spawns run on the client's own thread. Use [`crate::EloqApi`] in them: a blocking call of this client
    /// would wait there forever, so it fails with [`Error::Config`](crate::Error::Config).
    ///
    /// # Panics
    ///
    /// In such a task.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) {
    /// let both = async { (client.raw().org_info().send().await, client.raw().list_pricing_plans().send().await) };
    /// let (account, plans) = client.wait(both);
    /// # }
    /// ```
    pub fn wait<F: IntoFuture>(&self, future: F) -> F::Output {
        self.runtime.wait(future.into_future())
    }

    /// The blocking [`crate::EloqApi::with_project`].
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
    /// for project in client.projects()? {
    ///     let clusters = client.with_project(project.project_id).clusters().send()?;
    ///     println!("{}: {} clusters", project.project_name, clusters.total);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_project(&self, project_id: i64) -> Self {
        Self { client: self.client.with_project(project_id), runtime: self.runtime.clone() }
    }

    /// The blocking [`crate::EloqApi::with_options`].
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
    /// let options = eloq_sdk::CallOptions::default().timeout(std::time::Duration::from_secs(2));
    /// let cluster = client.with_options(options)?.cluster("my-cluster")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the async method.
    pub fn with_options(&self, options: CallOptions) -> Result<Self> {
        Ok(Self { client: self.client.with_options(options)?, runtime: self.runtime.clone() })
    }

    /// The blocking [`crate::EloqApi::close`].
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) {
    /// client.close();
    /// assert!(matches!(client.info(), Err(eloq_sdk::Error::Closed)));
    /// # }
    /// ```
    pub fn close(&self) {
        self.client.close();
    }

    /// The blocking [`crate::EloqApi::temporary_cluster`]; [`send`](CreateTemporary::send) creates the cluster.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
    /// use eloq_sdk::ClusterSpec;
    ///
    /// let cluster = client.temporary_cluster(ClusterSpec::new("test-17", "us-west-1", 101)).send()?;
    /// println!("{}:{}", cluster.credentials().host, cluster.credentials().port);
    /// cluster.delete()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn temporary_cluster(&self, spec: ClusterSpec) -> CreateTemporary {
        CreateTemporary::new(self.client.temporary_cluster(spec), self.runtime.clone())
    }

    /// The blocking [`crate::Plan::apply`]; iterating returns results as they come, [`send`](Request::send) all in order.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi, desired: eloq_sdk::DesiredState) -> eloq_sdk::Result<()> {
    /// let plan = client.plan(desired).send()?;
    /// for each in client.apply(&plan).wait_until_connectable(true) {
    ///     println!("{}", each?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn apply(&self, plan: &Plan) -> Request<ApplyPlan> {
        self.request(plan.apply())
    }

    requests! {
        /// The blocking [`crate::EloqApi::clusters`]; [`send`](Request::send) requests the page.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
        /// let second = client.clusters().page(2).per_page(50).send()?;
        /// for cluster in client.clusters().stream() {
        ///     println!("{}", cluster?.cluster_name);
        /// }
        /// # Ok(())
        /// # }
        /// ```
        clusters() -> Clusters;

        /// The blocking [`crate::EloqApi::cluster_create`]; [`send`](Request::send) sends the request.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
        /// let credentials = client.cluster_create("my-cluster", "us-west-1", 101).zone("us-west-1a").wait().send()?;
        /// # Ok(())
        /// # }
        /// ```
        cluster_create(cluster_name: impl Into<String>, region: impl Into<String>, sku_id: i64) -> ClusterCreate;

        /// The blocking [`crate::EloqApi::cluster_delete`]; [`send`](Request::send) sends the request.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
        /// let message = client.cluster_delete("my-cluster").send().into_result()?;
        /// # Ok(())
        /// # }
        /// ```
        cluster_delete(cluster_name: impl Into<String>) -> ClusterDelete;

        /// The blocking [`crate::EloqApi::plan`]; [`send`](Request::send) makes the plan.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi, desired: eloq_sdk::DesiredState) -> eloq_sdk::Result<()> {
        /// let plan = client.plan(desired).prune(true).send()?;
        /// println!("{plan}");
        /// # Ok(())
        /// # }
        /// ```
        plan(desired: DesiredState) -> MakePlan;

        /// The blocking [`crate::EloqApi::wait_for_cluster`]; [`send`](Request::send) blocks until the outcome, and iterating
        /// returns the states until then.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
        /// let mut wait = client.wait_for_cluster("my-cluster").connectable();
        /// for state in &mut wait {
        ///     println!("{:4} s: {state}", state.elapsed.as_secs());
        /// }
        /// let credentials = wait.send()?;
        /// # Ok(())
        /// # }
        /// ```
        wait_for_cluster(cluster_name: impl Into<String>) -> WaitForCluster;

        /// The blocking [`crate::EloqApi::watch_clusters`]; iterating returns the changes.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
        /// for each in client.watch_clusters().all_projects() {
        ///     let each = each?;
        ///     match each.result {
        ///         Ok(change) => println!("{}: {change}", each.project.project_name),
        ///         Err(error) => eprintln!("{}: {error:#}", each.project.project_name),
        ///     }
        /// }
        /// # Ok(())
        /// # }
        /// ```
        watch_clusters() -> ClusterWatch;

        /// The blocking [`crate::EloqApi::wait_for_clusters`]; iterating returns results as they come, [`send`](Request::send)
        /// all in the order of the names.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
        /// for each in client.wait_for_clusters(["orders", "sessions"]).connectable() {
        ///     let each = each?;
        ///     println!("{}: {:?}", each.cluster_name, each.result.map(|credentials| credentials.host));
        /// }
        /// # Ok(())
        /// # }
        /// ```
        wait_for_clusters(cluster_names: impl IntoIterator<Item = impl Into<String>>) -> WaitForClusters;

        /// The blocking [`crate::EloqApi::describe_all`]; iterating returns results as they come, [`send`](Request::send) all in
        /// order.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
        /// for each in client.describe_all() {
        ///     let each = each?;
        ///     println!("{}: {:?}", each.cluster.cluster_name, each.result.map(|cluster| cluster.elb_state));
        /// }
        /// # Ok(())
        /// # }
        /// ```
        describe_all() -> ForEachCluster<DescClusterDto>;

        /// The blocking [`crate::EloqApi::credentials_for_all`]; iterating returns results as they come, [`send`](Request::send)
        /// all in order.
        ///
        /// ```no_run
        /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
        /// let all = client.credentials_for_all().concurrency(32).send()?;
        /// println!("{} of {} have credentials", all.iter().filter(|each| each.result.is_ok()).count(), all.len());
        /// # Ok(())
        /// # }
        /// ```
        credentials_for_all() -> ForEachCluster<ClusterCredentials>;
    }

    blocking! {
        info() -> Result<UserOrgInfoDto> => client.info()?;
        org() -> Result<SimpleOrgInfo> => client.org()?;
        projects() -> Result<Vec<SimpleProjectInfo>> => client.projects()?;
        scope() -> Result<Scope> => client.scope()?;
        check_version() -> VersionCheck => client.check_version();
        cluster(cluster_name: impl AsRef<str>) -> Result<DescClusterDto> => client.cluster("my-cluster")?;
        find_cluster(cluster_name: impl AsRef<str>) -> Result<Option<DescClusterDto>>
            => client.find_cluster("my-cluster")?;
        ensure_cluster(spec: ClusterSpec) -> Result<EnsureOutcome>
            => client.ensure_cluster(eloq_sdk::ClusterSpec::new("my-cluster", "us-west-1", 101))?;
        cluster_credentials(cluster_name: impl AsRef<str>) -> Result<ClusterCredentials>
            => client.cluster_credentials("my-cluster")?;
        get_skus(sku_type: SkuType, eloq_module: EloqModule, cloud_provider: CloudProvider) -> Result<Vec<SkuInfo>>
            => client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws)?;
        send_request(method: &str, path: &str, query: &[(&str, &str)], body: Option<&serde_json::Value>)
            -> Result<Envelope<serde_json::Value>> => client.send_request("GET", "/org-info", &[], None)?;
        find_sku(description: SkuDescription) -> Result<SkuInfo> => client.find_sku(eloq_sdk::SkuDescription::new(
            SkuType::Dedicated, EloqModule::EloqKv, CloudProvider::Aws,
        ))?;
        start_cluster(cluster_name: impl AsRef<str>) -> OperationResult
            => client.start_cluster("my-cluster").into_result()?;
        stop_cluster(cluster_name: impl AsRef<str>) -> OperationResult
            => client.stop_cluster("my-cluster").into_result()?;
        restart_cluster(cluster_name: impl AsRef<str>) -> OperationResult
            => client.restart_cluster("my-cluster").into_result()?;
        cluster_config_history(cluster_name: impl AsRef<str>) -> Result<serde_json::Value>
            => client.cluster_config_history("my-cluster")?;
        cluster_apply_config(cluster_name: impl AsRef<str>, config_id: i64) -> OperationResult
            => client.cluster_apply_config("my-cluster", 2).into_result()?;
        user_subscription() -> Result<DataBaseAndOveragePlan> => client.user_subscription()?;
        list_pricing_plans() -> Result<Vec<DataBaseAndOveragePlan>> => client.list_pricing_plans()?;
        subscribe_plan(plan_id: i64) -> OperationResult => client.subscribe_plan(2).into_result()?;
        dashboard_info(product_type: Option<ModuleType>) -> Result<Vec<DashboardType>> => client.dashboard_info(None)?;
    }

    fn request<R>(&self, request: R) -> Request<R> {
        Request::new(request, self.runtime.clone())
    }
}

/// The blocking [`crate::record_attempts`], for the calls that a closure makes on its own thread.
///
/// ```no_run
/// # fn example(client: eloq_sdk::blocking::EloqApi) {
/// let (cluster, attempts) = eloq_sdk::blocking::record_attempts(|| client.cluster("my-cluster"));
/// for attempt in &attempts {
///     println!("{:?} {:?} {:?}", attempt.error, attempt.status, attempt.wait);
/// }
/// # }
/// ```
pub fn record_attempts<T>(calls: impl FnOnce() -> T) -> (T, Vec<Attempt>) {
    record_attempts_sync(calls)
}
