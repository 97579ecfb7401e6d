//! The blocking `EloqApiBuilder`, and the constructors of the blocking `EloqApi`.

use std::error::Error;
use std::time::Duration;

use super::{client::EloqApi, runtime::Runtime};
use crate::connection::auth::Credential;
use crate::engine::{account::ProjectPolicy, retry::RetryPolicy};
use crate::error::Result;
use crate::facade::builder;
use crate::schema::Secret;
use crate::types::drift::Drift;

impl EloqApi {
    /// The blocking [`crate::EloqApi::from_environ`].
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
    /// Those of the async constructor, and [`Error::Config`](crate::Error::Config) if the runtime cannot be started.
    pub fn from_environ() -> Result<Self> {
        Self::builder().build()
    }

    /// The blocking [`crate::EloqApi::from_key`].
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
    /// Those of the async constructor, and [`Error::Config`](crate::Error::Config) if the runtime cannot be started.
    pub fn from_key(key: impl Into<Secret>) -> Result<Self> {
        Self::builder().api_key(key).build()
    }

    /// The blocking [`crate::EloqApi::from_key_and_url`].
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
    /// Those of the async constructor, and [`Error::Config`](crate::Error::Config) if the runtime cannot be started.
    pub fn from_key_and_url(key: impl Into<Secret>, url: impl Into<String>) -> Result<Self> {
        Self::builder().api_key(key).base_url(url).build()
    }

    /// Returns a builder with all settings.
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
}

/// Builds a blocking [`EloqApi`]; [`crate::EloqApiBuilder`] documents the settings, variables and defaults.
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
#[must_use = "call build() or connect()"]
pub struct EloqApiBuilder {
    builder: builder::EloqApiBuilder,
}

forward! { EloqApiBuilder => builder::EloqApiBuilder {
    api_key(key: impl Into<Secret>) -> Self;
    token(token: impl Into<Secret>) -> Self;
    base_url(url: impl Into<String>) -> Self;
    api_key_env(name: impl Into<String>) -> Self;
    token_env(name: impl Into<String>) -> Self;
    base_url_env(name: impl Into<String>) -> Self;
    org_id(org_id: i64) -> Self;
    project_id(project_id: i64) -> Self;
    project_policy(policy: ProjectPolicy) -> Self;
    timeout(timeout: Duration) -> Self;
    connect_timeout(timeout: Duration) -> Self;
    deadline(deadline: Duration) -> Self;
    proxy(url: impl Into<Secret>) -> Self;
    no_proxy(hosts: impl Into<String>) -> Self;
    add_root_certificate(pem: impl Into<Vec<u8>>) -> Self;
    user_agent_suffix(suffix: impl Into<String>) -> Self;
    http_client(client: reqwest::Client) -> Self;
    max_response_bytes(bytes: usize) -> Self;
    skip_version_check(skip: bool) -> Self;
    retry(policy: RetryPolicy) -> Self;
    on_drift(listener: impl Fn(&Drift) + Send + Sync + 'static) -> Self;
} }

impl EloqApiBuilder {
    fn with(self, next: impl FnOnce(builder::EloqApiBuilder) -> builder::EloqApiBuilder) -> Self {
        Self { builder: next(self.builder) }
    }

    /// As [`crate::EloqApiBuilder::credential_provider`]. The future of the source runs on the thread of the call that asks it.
    pub fn credential_provider<F, Fut, E>(self, provider: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Credential, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.with(|builder| builder.credential_provider(provider))
    }

    /// The blocking [`crate::EloqApiBuilder::build`].
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
    /// Those of the async method, and [`Error::Config`](crate::Error::Config) if the runtime cannot be started.
    pub fn build(self) -> Result<EloqApi> {
        Ok(EloqApi::new(self.builder.build()?, Runtime::start()?))
    }

    /// The blocking [`crate::EloqApiBuilder::connect`].
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
    /// Those of the async method, and [`Error::Config`](crate::Error::Config) if the runtime cannot be started.
    pub fn connect(self) -> Result<EloqApi> {
        let runtime = Runtime::start()?;
        let client = runtime.wait(self.builder.connect())?;
        Ok(EloqApi::new(client, runtime))
    }
}
