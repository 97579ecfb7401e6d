//! The client for programs without an async runtime: the same names, arguments and results, each call waiting for its answer.
//!
//! What is awaited on the async side is sent with `send()` here, and what is a stream there is an iterator. It works in
//! `fn main()`, inside a tokio runtime of either kind (where it blocks the thread, as its name says), and from several threads
//! at once. The sockets are driven by a thread of the client's own, which ends with its last clone.
//!
//! ```no_run
//! use eloq_sdk::blocking::EloqApi;
//!
//! fn main() -> eloq_sdk::Result<()> {
//!     let client = EloqApi::from_environ()?;
//!     for cluster in client.clusters().per_page(50).send()?.cluster_list {
//!         println!("{}: {}", cluster.cluster_name, cluster.status);
//!     }
//!     let result = client.cluster_create("my-cluster", "us-west-1", 101).zone("us-west-1a").send();
//!     println!("{}", result.message);
//!     Ok(())
//! }
//! ```

/// Defines setters that hand on to those of what they wrap.
macro_rules! setters {
    ($wrapper:ty { $field:ident: $inner:ty; $($name:ident($($argument:ident: $kind:ty)?);)+ }) => {
        impl $wrapper {
            $(
                #[doc = concat!("As [`", stringify!($inner), "::", stringify!($name), "`](", stringify!($inner), "::",
                    stringify!($name), ").")]
                pub fn $name(mut self $(, $argument: $kind)?) -> Self {
                    self.$field = self.$field.$name($($argument)?);
                    self
                }
            )+
        }
    };
}

mod request;
mod runtime;

pub use self::request::Request;

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use self::runtime::Runtime;
use crate::request::{ClusterCreate, ClusterDelete, Clusters};
use crate::schema::{
    CloudProvider, DashboardType, DataBaseAndOveragePlan, DescClusterDto, EloqModule, ModuleType, SimpleOrgInfo,
    SimpleProjectInfo, SkuInfo, SkuType, UserOrgInfoDto,
};
use crate::{
    Attempt, ClusterCredentials, ClusterSpec, Drift, Ensured, ForAll, OperationResult, ProjectPolicy, Result,
    RetryPolicy, Secret, VersionCheck, WaitForCluster, raw,
};

/// The blocking client of EloqCloud's control plane; [`crate::EloqApi`] with calls that wait.
///
/// Clones are cheap and share connections, credential and context.
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
    client: crate::EloqApi,
    runtime: Arc<Runtime>,
}

/// Defines the methods that wait for one of the async client, each with its example.
macro_rules! waiting {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $output:ty => $example:expr;)+) => {
        $(
            #[doc = concat!(
                "Waits for [`", stringify!($name), "`](crate::EloqApi::", stringify!($name), ").\n\n",
                "```no_run\n# use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};\n",
                "# fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {\n",
                "let answer = ", stringify!($example), ";\n# Ok(())\n# }\n```\n\n",
                "# Errors\n\nThose that are told there."
            )]
            pub fn $name(&self $(, $argument: $kind)*) -> $output {
                self.runtime.wait(self.client.$name($($argument),*))
            }
        )+
    };
}

impl EloqApi {
    /// As [`crate::EloqApi::from_environ`].
    ///
    /// ```no_run
    /// # fn example() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::blocking::EloqApi::from_environ()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those that are told there.
    pub fn from_environ() -> Result<Self> {
        Self::builder().build()
    }

    /// As [`crate::EloqApi::from_key`].
    ///
    /// ```no_run
    /// # fn example() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::blocking::EloqApi::from_key("your-api-key")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those that are told there.
    pub fn from_key(key: impl Into<Secret>) -> Result<Self> {
        Self::builder().api_key(key).build()
    }

    /// As [`crate::EloqApi::from_key_and_url`].
    ///
    /// ```no_run
    /// # fn example() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::blocking::EloqApi;
    ///
    /// let client = EloqApi::from_key_and_url("your-api-key", "https://api-prod.eloqdata.com")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those that are told there.
    pub fn from_key_and_url(key: impl Into<Secret>, url: impl Into<String>) -> Result<Self> {
        Self::builder().api_key(key).base_url(url).build()
    }

    /// A builder, for everything that can be set.
    ///
    /// ```no_run
    /// # fn example() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::blocking::EloqApi::builder().api_key("your-api-key").project_id(147).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> EloqApiBuilder {
        EloqApiBuilder::default()
    }

    fn start(client: crate::EloqApi) -> Result<Self> {
        Ok(Self { client, runtime: Arc::new(Runtime::start()?) })
    }

    /// The generated client below this one. Its requests are futures: [`wait`](Self::wait) for them.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) {
    /// let reply = client.wait(client.raw().org_info().send());
    /// # }
    /// ```
    pub fn raw(&self) -> &raw::Client {
        self.client.raw()
    }

    /// Waits for a future, such as a request of the raw client.
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

    /// As [`crate::EloqApi::with_project`].
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

    /// As [`crate::EloqApi::close`].
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

    /// As [`crate::EloqApi::clusters`]; [`send`](Request::send) asks for the page.
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
    pub fn clusters(&self) -> Request<Clusters> {
        self.request(self.client.clusters())
    }

    /// As [`crate::EloqApi::cluster_create`]; [`send`](Request::send) sends the order.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
    /// let credentials = client.cluster_create("my-cluster", "us-west-1", 101).zone("us-west-1a").wait().send()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cluster_create(
        &self,
        cluster_name: impl Into<String>,
        region: impl Into<String>,
        sku_id: i64,
    ) -> Request<ClusterCreate> {
        self.request(self.client.cluster_create(cluster_name, region, sku_id))
    }

    /// As [`crate::EloqApi::cluster_delete`]; [`send`](Request::send) sends the order.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.cluster_delete("my-cluster").send().into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cluster_delete(&self, cluster_name: impl Into<String>) -> Request<ClusterDelete> {
        self.request(self.client.cluster_delete(cluster_name))
    }

    /// As [`crate::EloqApi::wait_for_cluster`]; [`send`](Request::send) waits for the outcome, and iterating tells what happens
    /// until then.
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
    pub fn wait_for_cluster(&self, cluster_name: impl Into<String>) -> Request<WaitForCluster> {
        self.request(self.client.wait_for_cluster(cluster_name))
    }

    /// As [`crate::EloqApi::describe_all`]; iterating gives each as it comes, [`send`](Request::send) all in order.
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
    pub fn describe_all(&self) -> Request<ForAll<DescClusterDto>> {
        self.request(self.client.describe_all())
    }

    /// As [`crate::EloqApi::credentials_for_all`]; iterating gives each as it comes, [`send`](Request::send) all in order.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
    /// let all = client.credentials_for_all().concurrency(32).send()?;
    /// println!("{} of {} have credentials", all.iter().filter(|each| each.result.is_ok()).count(), all.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn credentials_for_all(&self) -> Request<ForAll<ClusterCredentials>> {
        self.request(self.client.credentials_for_all())
    }

    waiting! {
        info() -> Result<UserOrgInfoDto> => client.info()?;
        org() -> Result<SimpleOrgInfo> => client.org()?;
        projects() -> Result<Vec<SimpleProjectInfo>> => client.projects()?;
        check_version() -> VersionCheck => client.check_version();
        cluster(cluster_name: impl AsRef<str>) -> Result<DescClusterDto> => client.cluster("my-cluster")?;
        find_cluster(cluster_name: impl AsRef<str>) -> Result<Option<DescClusterDto>>
            => client.find_cluster("my-cluster")?;
        ensure_cluster(spec: ClusterSpec) -> Result<Ensured>
            => client.ensure_cluster(eloq_sdk::ClusterSpec::new("my-cluster", "us-west-1", 101))?;
        cluster_credentials(cluster_name: impl AsRef<str>) -> Result<ClusterCredentials>
            => client.cluster_credentials("my-cluster")?;
        get_skus(sku_type: SkuType, eloq_module: EloqModule, cloud_provider: CloudProvider) -> Result<Vec<SkuInfo>>
            => client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws)?;
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

/// As [`crate::attempts_of`], of the calls that a closure makes on its own thread.
///
/// ```no_run
/// # fn example(client: eloq_sdk::blocking::EloqApi) {
/// let (cluster, attempts) = eloq_sdk::blocking::attempts_of(|| client.cluster("my-cluster"));
/// for attempt in &attempts {
///     println!("{} {:?} {:?}", attempt.outcome, attempt.status, attempt.wait);
/// }
/// # }
/// ```
pub fn attempts_of<T>(calls: impl FnOnce() -> T) -> (T, Vec<Attempt>) {
    let recording = pin!(crate::attempts_of(async { calls() }));
    match recording.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(recorded) => recorded,
        Poll::Pending => unreachable!("nothing is awaited"),
    }
}

/// Makes a blocking [`EloqApi`]; [`crate::EloqApiBuilder`] tells of each setting, its variables and its default.
///
/// ```no_run
/// # fn example() -> eloq_sdk::Result<()> {
/// use std::time::Duration;
/// use eloq_sdk::blocking::EloqApi;
///
/// let client = EloqApi::builder().api_key("your-api-key").timeout(Duration::from_secs(10)).connect()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is made until build() or connect()"]
pub struct EloqApiBuilder {
    builder: crate::EloqApiBuilder,
}

setters! { EloqApiBuilder {
    builder: crate::EloqApiBuilder;
    api_key(key: impl Into<Secret>);
    token(token: impl Into<Secret>);
    base_url(url: impl Into<String>);
    api_key_env(name: impl Into<String>);
    token_env(name: impl Into<String>);
    base_url_env(name: impl Into<String>);
    org_id(org_id: i64);
    project_id(project_id: i64);
    project_policy(policy: ProjectPolicy);
    timeout(timeout: Duration);
    connect_timeout(timeout: Duration);
    deadline(deadline: Duration);
    proxy(url: impl Into<Secret>);
    no_proxy(hosts: impl Into<String>);
    add_root_certificate(pem: impl Into<Vec<u8>>);
    user_agent_suffix(suffix: impl Into<String>);
    http_client(client: reqwest::Client);
    max_response_bytes(bytes: usize);
    skip_version_check(skip: bool);
    retry(policy: RetryPolicy);
    on_drift(listener: impl Fn(&Drift) + Send + Sync + 'static);
} }

impl EloqApiBuilder {
    /// As [`crate::EloqApiBuilder::build`].
    ///
    /// ```no_run
    /// # fn example() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::blocking::EloqApi::builder().api_key("your-api-key").build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those that are told there, and [`Error::Config`](crate::Error::Config) if no thread can be started.
    pub fn build(self) -> Result<EloqApi> {
        EloqApi::start(self.builder.build()?)
    }

    /// As [`crate::EloqApiBuilder::connect`].
    ///
    /// ```no_run
    /// # fn example() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::blocking::EloqApi::builder().api_key("your-api-key").connect()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those that are told there, and [`Error::Config`](crate::Error::Config) if no thread can be started.
    pub fn connect(self) -> Result<EloqApi> {
        let runtime = Arc::new(Runtime::start()?);
        let client = runtime.wait(self.builder.connect())?;
        Ok(EloqApi { client, runtime })
    }
}
