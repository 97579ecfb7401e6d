//! `EloqApiBuilder`: setters that never fail, and one `build()` that does; and the constructors of `EloqApi`.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderValue;
use tokio::time::timeout_at;

use super::client::EloqApi;
use crate::connection::auth::{Credential, Kind, PROVIDER};
use crate::connection::authorizer::Authorizer;
use crate::connection::base_url::{self, BaseUrl};
use crate::connection::env::{self, Lookup};
use crate::connection::http_client::{self, Connections};
use crate::connection::provider::CredentialProvider;
use crate::connection::{proxy, tls::roots::RootCertificates};
use crate::engine::account::{AccountContext, ProjectPolicy, ProjectSelection};
use crate::engine::drift::{DriftReporter, Listener};
use crate::engine::options::{CallSettings, checked};
use crate::engine::{call::resolve_scope, classify, retry::RetryPolicy, session::Session, version};
use crate::error::{Error, Result};
use crate::raw::{self, State, limits::Limits, limits::Timeouts};
use crate::types::{debug::debug, drift::Drift, operation::Operation, secret::Secret, setters::setters};

/// The vendor's TypeScript page has 30 s too; create and delete take the backend longer.
const TIMEOUTS: Timeouts = Timeouts { read: Duration::from_secs(30), write: Duration::from_secs(60) };
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DEADLINE: Duration = Duration::from_secs(120);
/// Far above any response of the API.
const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;

impl EloqApi {
    /// Creates a client with the API key from `ELOQ_API_KEY`, and the base URL from `ELOQ_BASE_URL` if it is set. It also trusts the
    /// certificate authorities in the PEM file that `ELOQ_CA_BUNDLE` names. The table of [`EloqApiBuilder`] has the other
    /// variables. Nothing is sent.
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
    /// [`Error::Config`](crate::Error::Config) if the key is not set or a value is invalid.
    pub fn from_environ() -> Result<Self> {
        Self::builder().build()
    }

    /// Creates a client with this API key, and the base URL from `ELOQ_BASE_URL` or that of production. Nothing is sent.
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
    /// [`Error::Config`](crate::Error::Config) if the key is invalid.
    pub fn from_key(key: impl Into<Secret>) -> Result<Self> {
        Self::builder().api_key(key).build()
    }

    /// Creates a client with this API key and base URL, with or without `/api/v1` and the final slash. Nothing is sent.
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
    /// [`Error::Config`](crate::Error::Config) if the key is invalid, or the URL is neither https nor http to loopback.
    pub fn from_key_and_url(key: impl Into<Secret>, url: impl Into<String>) -> Result<Self> {
        Self::builder().api_key(key).base_url(url).build()
    }

    /// Returns a builder with all settings.
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
}

/// Builds an [`EloqApi`].
///
/// A setting that is not set comes from the environment, or else is the default. A variable that is empty or blank counts as unset.
/// If a credential is set, no variable of a credential is read. A key takes precedence over a token.
///
/// | setting | variables, in order of precedence | default |
/// |---|---|---|
/// | [`api_key`](Self::api_key) | `ELOQ_API_KEY` or the one named by [`api_key_env`](Self::api_key_env), `ELOQ_API_TOKEN` | none |
/// | [`token`](Self::token) | `ELOQ_OAUTH_TOKEN` or the one named by [`token_env`](Self::token_env) | none |
/// | [`base_url`](Self::base_url) | `ELOQ_BASE_URL` or the one named by [`base_url_env`](Self::base_url_env), `ELOQ_API_URL` | `https://api-prod.eloqdata.com/api/v1/` |
/// | [`org_id`](Self::org_id) | `ELOQ_ORG_ID` | the one of the account |
/// | [`project_id`](Self::project_id) | `ELOQ_PROJECT_ID` | see [`project_policy`](Self::project_policy) |
/// | [`timeout`](Self::timeout) | `ELOQ_TIMEOUT`, in milliseconds or with a unit as in `30s` | 30 s, 60 s for writes |
/// | [`proxy`](Self::proxy) | `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` | none |
/// | [`no_proxy`](Self::no_proxy) | `no_proxy`, `NO_PROXY` | none |
/// | [`add_root_certificate`](Self::add_root_certificate) | also `ELOQ_CA_BUNDLE`, the path of a PEM file | none besides the platform's |
/// | [`connect_timeout`](Self::connect_timeout) | – | 5 s |
/// | [`deadline`](Self::deadline) | – | 120 s |
/// | [`max_response_bytes`](Self::max_response_bytes) | – | 8 MiB |
/// | [`project_policy`](Self::project_policy) | – | `First` with a key, `Error` with a token |
/// | [`skip_version_check`](Self::skip_version_check) | – | `false` |
/// | [`retry`](Self::retry) | – | see [`RetryPolicy`] |
/// | [`user_agent_suffix`](Self::user_agent_suffix), [`http_client`](Self::http_client), [`on_drift`](Self::on_drift) | – | none |
///
/// ```
/// use std::time::Duration;
/// use eloq_sdk::{EloqApi, ProjectPolicy, RetryPolicy};
///
/// # fn main() -> eloq_sdk::Result<()> {
/// let client = EloqApi::builder()
///     .api_key("your-api-key")
///     .project_id(147)
///     .timeout(Duration::from_secs(10))
///     .connect_timeout(Duration::from_secs(2))
///     .deadline(Duration::from_secs(60))
///     .retry(RetryPolicy::default().max_retries(5))
///     .proxy("http://proxy.example.com:8080")
///     .no_proxy("localhost, .internal.example.com")
///     .user_agent_suffix("my-tool/1.2")
///     .build()?;
///
/// let of_a_user = EloqApi::builder()
///     .token("an-oauth-token")
///     .base_url("https://api-prod.eloqdata.com")
///     .project_policy(ProjectPolicy::Newest)
///     .max_response_bytes(64 * 1024)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "call build() or connect()"]
pub struct EloqApiBuilder {
    api_key: Option<Secret>,
    token: Option<Secret>,
    /// Secret until it is known to contain no password.
    base_url: Option<Secret>,
    api_key_env: Option<String>,
    token_env: Option<String>,
    base_url_env: Option<String>,
    org_id: Option<i64>,
    project_id: Option<i64>,
    project_policy: Option<ProjectPolicy>,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    deadline: Option<Duration>,
    proxy: Option<Secret>,
    no_proxy: Option<String>,
    root_certificates: Vec<Vec<u8>>,
    user_agent_suffix: Option<String>,
    http_client: Option<CustomClient>,
    max_response_bytes: Option<usize>,
    skip_version_check: bool,
    retry: RetryPolicy,
    on_drift: Option<Listener>,
    credential_provider: Option<CredentialProvider>,
}

setters! {
    EloqApiBuilder;

    /// Sets the API key, from the dashboard under Settings, API Keys. It is sent bare, as the service expects.
    api_key(key: impl Into<Secret>) => Some(key.into());

    /// Sets an OAuth access token, sent as `Bearer`. An API key takes precedence.
    token(token: impl Into<Secret>) => Some(token.into());

    /// Sets the base URL, with or without `/api/v1` and the final slash. Plain http is allowed for loopback addresses only, and
    /// bypasses any proxy.
    base_url(url: impl Into<String>) => Some(url.into().into());

    /// Sets the name of the variable with the API key; the default is `ELOQ_API_KEY`.
    api_key_env(name: impl Into<String>) => Some(name.into());

    /// Sets the name of the variable with the OAuth token; the default is `ELOQ_OAUTH_TOKEN`.
    token_env(name: impl Into<String>) => Some(name.into());

    /// Sets the name of the variable with the base URL; the default is `ELOQ_BASE_URL`.
    base_url_env(name: impl Into<String>) => Some(name.into());

    /// Sets the organization that the credential must belong to; otherwise cluster operations fail with [`Error::Config`].
    org_id(org_id: i64) => Some(org_id);

    /// Sets the project of cluster operations. If the account does not have it, they fail with [`Error::Config`], which lists the
    /// projects. See [`EloqApi::with_project`] for several projects.
    project_id(project_id: i64) => Some(project_id);

    /// Sets which project cluster operations use if there are several and none is chosen. By default a key uses the first, with one
    /// warning, and a token none.
    project_policy(policy: ProjectPolicy) => Some(policy);

    /// Sets the timeout of one request, from connecting to the last byte of the response. The default is 30 s, and 60 s for writes.
    timeout(timeout: Duration) => Some(timeout);

    /// Sets the timeout of a connection attempt; the default is 5 s.
    connect_timeout(timeout: Duration) => Some(timeout);

    /// Sets the deadline of a whole call with its retries and backoffs; the default is 120 s.
    deadline(deadline: Duration) => Some(deadline);

    /// Sets the proxy, as in `http://user:password@proxy.example.com:8080`. An empty text means no proxy, whatever the variables say.
    proxy(url: impl Into<Secret>) => Some(url.into());

    /// Sets the hosts that bypass the proxy, separated by commas: domains with their subdomains, addresses, networks, or `*`.
    no_proxy(hosts: impl Into<String>) => Some(hosts.into());

    /// Appends a text to the User-Agent, as in `my-tool/1.2`.
    user_agent_suffix(suffix: impl Into<String>) => Some(suffix.into());

    /// Sets your own HTTP client, of the [`reqwest`](crate::raw::reqwest) that this crate uses. It cannot be combined with the
    /// settings for connections, proxies and certificates. Configure it without redirects and retries, which are unsafe for writes.
    /// It resolves `localhost` and chooses proxies by itself, also for plain http.
    ///
    /// This setting is exempt from semantic versioning: a minor release can move to another reqwest.
    http_client(client: reqwest::Client) => Some(CustomClient(client));

    /// Sets the largest response body in bytes; the default is 8 MiB.
    max_response_bytes(bytes: usize) => Some(bytes);

    /// Makes [`connect`](Self::connect) skip the version check; the default is false.
    skip_version_check(skip: bool) => skip;

    /// Sets the [`RetryPolicy`]; [`RetryPolicy::none`] turns retries off.
    retry(policy: RetryPolicy) => policy;

    /// Registers a callback for response fields and values this version does not know, called once for each. It runs during a call
    /// and should return quickly.
    ///
    /// ```
    /// # fn main() -> eloq_sdk::Result<()> {
    /// let builder = eloq_sdk::EloqApi::builder().api_key("your-api-key");
    /// let client = builder.on_drift(|drift| eprintln!("{drift}")).build()?;
    /// # Ok(())
    /// # }
    /// ```
    on_drift(listener: impl Fn(&Drift) + Send + Sync + 'static) => Some(Listener::new(listener));
}

impl EloqApiBuilder {
    /// Adds trusted root certificates in PEM, besides those of the platform and those of the file that `ELOQ_CA_BUNDLE` names.
    /// Nothing turns verification off.
    pub fn add_root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Sets an async source of the credential, for keys and tokens that change: a vault, a file, an OAuth server. It cannot be
    /// combined with [`api_key`](Self::api_key) and [`token`](Self::token), and no variable is read.
    ///
    /// The first request asks it, and requests that wait meanwhile share the answer, which is kept. When the service responds with
    /// 401, the client asks again and repeats the request once, whatever its retry policy. If the source fails, so do the calls that
    /// waited for it, with [`Error::Config`](crate::Error::Config), which contains its message: it must not contain a secret. The
    /// deadline of a call includes the time of the source. The default [`ProjectPolicy`] is `Error`.
    ///
    /// ```
    /// # fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::{Credential, EloqApi};
    ///
    /// // A key that another process rotates.
    /// let provider = || async { std::fs::read_to_string("/run/secrets/eloq").map(|key| Credential::api_key(key.trim())) };
    /// let client = EloqApi::builder().credential_provider(provider).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn credential_provider<F, Fut, E>(mut self, provider: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Credential, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.credential_provider = Some(CredentialProvider::new(provider));
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// ```
    /// # fn main() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::EloqApi::builder().api_key("your-api-key").build()?;
    /// let refused = eloq_sdk::EloqApi::builder().api_key("your api key").build();
    /// assert!(refused.unwrap_err().to_string().starts_with("configuration: api_key"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the setting or variable that is missing or invalid, never its value.
    pub fn build(self) -> Result<EloqApi> {
        self.build_with(&env::process)
    }

    /// Builds the client, checks that this version is compatible with the service, and resolves the project, with one request.
    ///
    /// ```no_run
    /// # async fn example() -> eloq_sdk::Result<()> {
    /// let client = eloq_sdk::EloqApi::builder().api_key("your-api-key").project_id(147).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build) and of [`EloqApi::scope`]. An incompatible version is no error but a warning; see
    /// [`EloqApi::check_version`].
    pub async fn connect(self) -> Result<EloqApi> {
        let skip = self.skip_version_check;
        let client = self.build()?;
        let session = client.session();
        let deadline = session.deadline();
        if !skip
            && let (_, Some(error)) = version::check(session).await
            && !error.is_retryable()
        {
            // Such as a wrong key: resolving the project would send the same request.
            return Err(error);
        }
        let resolved = timeout_at(deadline, resolve_scope(session, deadline)).await;
        resolved.unwrap_or_else(|_| Err(classify::deadline_exceeded(Operation::OrgInfo, true)))?;
        Ok(client)
    }

    pub(crate) fn build_with(self, lookup: Lookup<'_>) -> Result<EloqApi> {
        let api_key_env = self.api_key_env.as_deref().unwrap_or(env::API_KEY);
        let token_env = self.token_env.as_deref().unwrap_or(env::OAUTH_TOKEN);
        let base_url_env = self.base_url_env.as_deref().unwrap_or(env::BASE_URL);
        for (setting, name) in [("api_key_env", api_key_env), ("token_env", token_env), ("base_url_env", base_url_env)]
        {
            if name.trim().is_empty() || name.contains(['=', '\0']) {
                return Err(Error::config(setting, "is not the name of an environment variable"));
            }
        }
        let (authorizer, default_policy) = self.authorizer((api_key_env, token_env), lookup)?;
        let base = match &self.base_url {
            Some(url) => BaseUrl::parse("base_url", url.expose())?,
            None => match env::first(lookup, [base_url_env, env::API_URL])? {
                Some((name, url)) => BaseUrl::parse(name, &url)?,
                None => BaseUrl::parse("base_url", base_url::DEFAULT)?,
            },
        };
        let selection = ProjectSelection {
            org_id: or_variable(self.org_id, || env::id(lookup, env::ORG_ID))?,
            project_id: or_variable(self.project_id, || env::id(lookup, env::PROJECT_ID))?,
            policy: self.project_policy.unwrap_or(default_policy),
        };
        let deadline = checked("deadline", self.deadline.unwrap_or(DEADLINE))?;
        let base_url = base.as_str().to_owned();
        let limits = self.limits(lookup)?;
        let shortest = limits.timeouts.read.min(limits.timeouts.write).min(deadline);
        let state = State {
            limits,
            user_agent: self.user_agent()?,
            connections: Arc::new(Connections::new(self.connections(&base, shortest, lookup)?)),
            authorizer,
            base,
        };
        let raw = raw::Client::new_with_client(&base_url, http_client::requesting()?, state);
        self.retry.check()?;
        let (drift, account) = (DriftReporter::new(self.on_drift), AccountContext::new(selection));
        let settings = CallSettings { timeouts: limits.timeouts, deadline, policy: self.retry };
        Ok(EloqApi::new(Session::new(raw, settings, drift, account)))
    }

    /// The source of the credential, and the default policy for its projects.
    fn authorizer(&self, variables: (&str, &str), lookup: Lookup<'_>) -> Result<(Authorizer, ProjectPolicy)> {
        let credentials = (self.api_key.clone(), self.token.clone());
        if let Some(provider) = &self.credential_provider {
            return match credentials {
                (None, None) => Ok((Authorizer::Provided(provider.clone()), ProjectPolicy::Error)),
                _ => Err(Error::config(PROVIDER, "cannot be combined with api_key or token")),
            };
        }
        let credential = Credential::resolve(credentials, variables, lookup)?;
        let policy = match credential.kind {
            Kind::ApiKey => ProjectPolicy::First,
            Kind::Token => ProjectPolicy::Error,
        };
        Ok((Authorizer::Fixed(credential.authorization()?), policy))
    }

    fn limits(&self, lookup: Lookup<'_>) -> Result<Limits> {
        let timeout = match self.timeout {
            Some(timeout) => Some(checked("timeout", timeout)?),
            None => env::timeout(lookup)?.map(|timeout| checked(env::TIMEOUT, timeout)).transpose()?,
        };
        let max_response_bytes = self.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES);
        if max_response_bytes == 0 {
            return Err(Error::config("max_response_bytes", "must be more than zero"));
        }
        Ok(Limits {
            timeouts: timeout.map_or(TIMEOUTS, |timeout| Timeouts { read: timeout, write: timeout }),
            max_response_bytes,
        })
    }

    fn connections(&self, base: &BaseUrl, shortest: Duration, lookup: Lookup<'_>) -> Result<reqwest::Client> {
        let connect_timeout = checked("connect_timeout", self.connect_timeout.unwrap_or(CONNECT_TIMEOUT))?;
        // A connection that is never made must fail as such, before the attempt times out: then nothing was sent.
        let connect_timeout = connect_timeout.min(shortest.mul_f64(0.9));
        if let Some(CustomClient(client)) = &self.http_client {
            let others = [
                ("proxy", self.proxy.is_some()),
                ("no_proxy", self.no_proxy.is_some()),
                ("connect_timeout", self.connect_timeout.is_some()),
                ("root_certificate", !self.root_certificates.is_empty()),
            ];
            return match others.into_iter().find(|(_, set)| *set) {
                Some((setting, _)) => Err(Error::config(setting, "cannot be combined with http_client: set it there")),
                None => Ok(client.clone()),
            };
        }
        // Plain http is loopback, where a proxy would only see the key in clear text. An explicit proxy is checked nevertheless.
        let proxy = match (base.is_plain_http(), &self.proxy) {
            (true, None) => None,
            (_, explicit) => proxy::resolve(explicit.as_ref(), self.no_proxy.as_deref(), lookup)?,
        };
        if base.is_plain_http() && proxy.is_some() {
            tracing::warn!("the proxy is not used: the base URL is plain http on loopback");
        }
        let mut roots: Vec<_> = self.root_certificates.iter().cloned().map(RootCertificates::explicit).collect();
        if !base.is_plain_http() {
            roots.extend(RootCertificates::from_variable(lookup)?);
        }
        http_client::connecting(base, connect_timeout, proxy, &roots)
    }

    fn user_agent(&self) -> Result<HeaderValue> {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let own = format!("eloq-sdk-rust/{} ({os}; {arch})", env!("CARGO_PKG_VERSION"));
        let text = match self.user_agent_suffix.as_deref().map(str::trim) {
            None | Some("") => own,
            Some(suffix) => format!("{own} {suffix}"),
        };
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let header = HeaderValue::from_str(&text).ok().filter(|_| printable);
        header.ok_or_else(|| Error::config("user_agent_suffix", "contains more than printable ASCII"))
    }
}

/// A client of the user. Its own Debug prints default headers, which can contain secrets.
#[derive(Clone)]
struct CustomClient(reqwest::Client);

debug! { CustomClient {} }

fn or_variable<T>(explicit: Option<T>, variable: impl FnOnce() -> Result<Option<T>>) -> Result<Option<T>> {
    explicit.map_or_else(variable, |value| Ok(Some(value)))
}

#[cfg(test)]
mod tests;
