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

setters! { EloqApiBuilder {
    builder: builder::EloqApiBuilder;
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
    /// As [`crate::EloqApiBuilder::credential_provider`]. The future of the source runs on the thread of the call that asks it.
    pub fn credential_provider<F, Fut, E>(mut self, provider: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Credential, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.builder = self.builder.credential_provider(provider);
        self
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
