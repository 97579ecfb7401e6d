//! `EloqApiBuilder`: setters that never fail, and one `build()` where everything fails.

use std::fmt;
use std::time::Duration;

use http::header::HeaderValue;
use tokio::time::timeout_at;

use crate::base_url::{self, BaseUrl};
use crate::context::{Choice, Context, ProjectPolicy};
use crate::credential::{Credential, Kind};
use crate::drift::{Drift, Drifts, Listener};
use crate::environ::{self, Lookup};
use crate::http_client::{self, Connections};
use crate::raw::{self, Limits};
use crate::retry::{Retry, RetryPolicy};
use crate::transport::{self, ORG_INFO};
use crate::{EloqApi, Error, Result, Secret, classify, proxy};

/// The TypeScript page of the vendor gives requests 30 s as well.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Creating and deleting order work that takes the backend longer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DEADLINE: Duration = Duration::from_secs(120);
/// Clocks overflow far above it; nobody waits that long.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// No answer of the API comes near it.
const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;

/// Makes an [`EloqApi`].
///
/// What is not set comes from the environment, and else from the default; a variable that is empty or blank counts as unset.
/// If a credential is set, no variable of a credential is read; where both a key and a token are found, the key is used.
///
/// | setting | variables, the first that is set | default |
/// |---|---|---|
/// | [`api_key`](Self::api_key) | `ELOQ_API_KEY` or the one named by [`api_key_env`](Self::api_key_env), `ELOQ_API_TOKEN` | none |
/// | [`token`](Self::token) | `ELOQ_OAUTH_TOKEN` or the one named by [`token_env`](Self::token_env) | none |
/// | [`base_url`](Self::base_url) | `ELOQ_BASE_URL` or the one named by [`base_url_env`](Self::base_url_env), `ELOQ_API_URL` | `https://api-prod.eloqdata.com/api/v1/` |
/// | [`org_id`](Self::org_id) | `ELOQ_ORG_ID` | the one of the account |
/// | [`project_id`](Self::project_id) | `ELOQ_PROJECT_ID` | see [`project_policy`](Self::project_policy) |
/// | [`timeout`](Self::timeout) | `ELOQ_TIMEOUT`, in milliseconds or with a unit as in `30s` | 30 s, 60 s for changes |
/// | [`proxy`](Self::proxy) | `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` | none |
/// | [`no_proxy`](Self::no_proxy) | `no_proxy`, `NO_PROXY` | none |
/// | [`connect_timeout`](Self::connect_timeout) | – | 5 s |
/// | [`deadline`](Self::deadline) | – | 120 s |
/// | [`max_response_bytes`](Self::max_response_bytes) | – | 8 MiB |
/// | [`project_policy`](Self::project_policy) | – | `First` with a key, `Error` with a token |
/// | [`skip_version_check`](Self::skip_version_check) | – | `false` |
/// | [`retry`](Self::retry) | – | see [`RetryPolicy`] |
/// | [`add_root_certificate`](Self::add_root_certificate), [`user_agent_suffix`](Self::user_agent_suffix), [`http_client`](Self::http_client), [`on_drift`](Self::on_drift) | – | none |
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
#[must_use = "nothing is made until build() or connect()"]
pub struct EloqApiBuilder {
    api_key: Option<Secret>,
    token: Option<Secret>,
    /// Secret until it is known to hold no password.
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
    http_client: Option<OwnClient>,
    max_response_bytes: Option<usize>,
    skip_version_check: bool,
    retry: RetryPolicy,
    on_drift: Option<Listener>,
}

impl EloqApiBuilder {
    /// The API key, from the dashboard under Settings, API Keys. It is sent bare, as the service wants it.
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// An OAuth access token, sent as `Bearer`. An API key wins over it.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Where the API is, with or without `/api/v1` and the final slash. Plain http is for loopback addresses alone, and goes
    /// past any proxy.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into().into());
        self
    }

    /// The name of the variable with the API key; the default is `ELOQ_API_KEY`.
    pub fn api_key_env(mut self, name: impl Into<String>) -> Self {
        self.api_key_env = Some(name.into());
        self
    }

    /// The name of the variable with the OAuth token; the default is `ELOQ_OAUTH_TOKEN`.
    pub fn token_env(mut self, name: impl Into<String>) -> Self {
        self.token_env = Some(name.into());
        self
    }

    /// The name of the variable with the base URL; the default is `ELOQ_BASE_URL`.
    pub fn base_url_env(mut self, name: impl Into<String>) -> Self {
        self.base_url_env = Some(name.into());
        self
    }

    /// The organization that the credential must belong to: cluster operations fail with [`Error::Config`] if it does not.
    pub fn org_id(mut self, org_id: i64) -> Self {
        self.org_id = Some(org_id);
        self
    }

    /// The project of cluster operations. They fail with [`Error::Config`], which lists the projects of the account, if it is
    /// none of them. See [`EloqApi::with_project`] to work with several.
    pub fn project_id(mut self, project_id: i64) -> Self {
        self.project_id = Some(project_id);
        self
    }

    /// Which project cluster operations use when there are several and none is chosen. By default a key uses the first, with
    /// one warning, and a token none.
    pub fn project_policy(mut self, policy: ProjectPolicy) -> Self {
        self.project_policy = Some(policy);
        self
    }

    /// How long one request may take, from connecting to the last byte of the answer. The default is 30 s, and 60 s for
    /// requests that change something.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long making a connection may take; the default is 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long a whole call may take, with all it has to ask for; the default is 120 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The proxy, as in `http://user:password@proxy.example.com:8080`. An empty text means none, whatever the variables say.
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Hosts that need no proxy, separated by commas: names with all below them, addresses, networks, or `*`.
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.no_proxy = Some(hosts.into());
        self
    }

    /// Certificates to trust besides those of the platform, in PEM; can be called again for more. Nothing turns checking off.
    pub fn add_root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Adds a text to the User-Agent, as in `my-tool/1.2`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// An HTTP client of your own, in the place of the one that the settings on connections, proxies and certificates make; it
    /// cannot be combined with them. Let it follow no redirects and do no retries: both are unsafe for changes. It resolves
    /// `localhost` and chooses proxies by itself, also for plain http.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(OwnClient(client));
        self
    }

    /// The largest body that is read, in bytes; the default is 8 MiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// Whether [`connect`](Self::connect) leaves out the check of the version; the default is false.
    pub fn skip_version_check(mut self, skip: bool) -> Self {
        self.skip_version_check = skip;
        self
    }

    /// How failed calls are made again; see [`RetryPolicy`]. [`RetryPolicy::none`] switches that off.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Whom to tell, once each, of fields and values in answers that this version does not know. It is called in the midst of a
    /// call and should return soon.
    ///
    /// ```
    /// # fn main() -> eloq_sdk::Result<()> {
    /// let builder = eloq_sdk::EloqApi::builder().api_key("your-api-key");
    /// let client = builder.on_drift(|drift| eprintln!("{drift}")).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_drift(mut self, listener: impl Fn(&Drift) + Send + Sync + 'static) -> Self {
        self.on_drift = Some(Listener::new(listener));
        self
    }

    /// Makes the client. Nothing is sent.
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
    /// [`Error::Config`] names the setting or the variable that is missing or wrong, never its value.
    pub fn build(self) -> Result<EloqApi> {
        self.build_with(&environ::process)
    }

    /// Makes the client, checks that this version fits the service unless told to skip that, and resolves the project: one
    /// request for all of it.
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
    /// Those of [`build`](Self::build) and of a first call on clusters. A version that does not fit is no error but a warning;
    /// see [`EloqApi::check_version`].
    pub async fn connect(self) -> Result<EloqApi> {
        let skip = self.skip_version_check;
        let client = self.build()?;
        let deadline = transport::deadline(client.raw());
        if !skip
            && let (_, Some(error)) = client.check().await
            && !error.is_retryable()
        {
            // Such as a wrong key: the question about the project is the same, and so would be its answer.
            return Err(error);
        }
        let resolved = timeout_at(deadline, client.resolve()).await;
        resolved.unwrap_or_else(|_| Err(classify::past_deadline(ORG_INFO.id, true)))?;
        Ok(client)
    }

    pub(crate) fn build_with(self, lookup: Lookup<'_>) -> Result<EloqApi> {
        let api_key_env = self.api_key_env.as_deref().unwrap_or(environ::API_KEY);
        let token_env = self.token_env.as_deref().unwrap_or(environ::OAUTH_TOKEN);
        let base_url_env = self.base_url_env.as_deref().unwrap_or(environ::BASE_URL);
        for (setting, name) in [("api_key_env", api_key_env), ("token_env", token_env), ("base_url_env", base_url_env)]
        {
            if name.trim().is_empty() || name.contains(['=', '\0']) {
                return Err(Error::config(setting, "is not the name of a variable"));
            }
        }
        let credentials = (self.api_key.clone(), self.token.clone());
        let credential = Credential::resolve(credentials, (api_key_env, token_env), lookup)?;
        let base = match &self.base_url {
            Some(url) => BaseUrl::parse("base_url", url.expose())?,
            None => match environ::first(lookup, [base_url_env, environ::API_URL])? {
                Some((name, url)) => BaseUrl::parse(name, &url)?,
                None => BaseUrl::parse("base_url", base_url::DEFAULT)?,
            },
        };
        let choice = Choice {
            org_id: or_variable(self.org_id, || environ::id(lookup, environ::ORG_ID))?,
            project_id: or_variable(self.project_id, || environ::id(lookup, environ::PROJECT_ID))?,
            policy: self.project_policy.unwrap_or(match credential.kind {
                Kind::ApiKey => ProjectPolicy::First,
                Kind::Token => ProjectPolicy::Error,
            }),
        };
        let limits = self.limits(lookup)?;
        let user_agent = self.user_agent()?;
        let connections = Connections::new(self.connections(&base, lookup)?);
        self.retry.check()?;
        let (retry, drifts) = (Retry::new(self.retry), Drifts::new(self.on_drift));
        let text = base.as_str().to_owned();
        let state = raw::State::new(base, credential.header()?, user_agent, limits, connections, retry, drifts);
        let raw = raw::Client::new_with_client(&text, http_client::requesting()?, state);
        Ok(EloqApi::new(raw, Context::new(choice)))
    }

    fn limits(&self, lookup: Lookup<'_>) -> Result<Limits> {
        let timeout = match self.timeout {
            Some(timeout) => Some(checked("timeout", timeout)?),
            None => environ::timeout(lookup)?.map(|timeout| checked(environ::TIMEOUT, timeout)).transpose()?,
        };
        let max_response_bytes = self.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES);
        if max_response_bytes == 0 {
            return Err(Error::config("max_response_bytes", "must be more than zero"));
        }
        Ok(Limits {
            read_timeout: timeout.unwrap_or(READ_TIMEOUT),
            write_timeout: timeout.unwrap_or(WRITE_TIMEOUT),
            deadline: checked("deadline", self.deadline.unwrap_or(DEADLINE))?,
            max_response_bytes,
        })
    }

    fn connections(&self, base: &BaseUrl, lookup: Lookup<'_>) -> Result<reqwest::Client> {
        let connect_timeout = checked("connect_timeout", self.connect_timeout.unwrap_or(CONNECT_TIMEOUT))?;
        if let Some(OwnClient(client)) = &self.http_client {
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
        // Plain http is loopback, where a proxy would only see the key in the clear; what was set is checked all the same.
        let proxy = match (base.is_plain_http(), &self.proxy) {
            (true, None) => None,
            (_, explicit) => proxy::resolve(explicit.as_ref(), self.no_proxy.as_deref(), lookup)?,
        };
        if base.is_plain_http() && proxy.is_some() {
            tracing::warn!("the proxy is not used: the base URL is plain http on loopback");
        }
        http_client::connecting(base, connect_timeout, proxy, &self.root_certificates)
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

/// A client that is not of this crate. What it prints of itself has its default headers, which can hold secrets.
#[derive(Clone)]
struct OwnClient(reqwest::Client);

impl fmt::Debug for OwnClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reqwest::Client")
    }
}

fn or_variable<T>(explicit: Option<T>, variable: impl FnOnce() -> Result<Option<T>>) -> Result<Option<T>> {
    explicit.map_or_else(variable, |value| Ok(Some(value)))
}

/// A duration that clocks can add; zero would fail every call.
fn checked(setting: &str, duration: Duration) -> Result<Duration> {
    match duration {
        Duration::ZERO => Err(Error::config(setting, "must be longer than zero")),
        duration => Ok(duration.min(LONGEST)),
    }
}

#[cfg(test)]
mod tests;
