//! `EloqApiBuilder`: setters that never fail, and one `build()` where everything fails.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use http::header::HeaderValue;

use crate::base_url::{self, BaseUrl};
use crate::environ::{self, Lookup};
use crate::raw::{self, Limits};
use crate::{EloqApi, Error, Result, Secret, tls};

/// The TypeScript page of the vendor gives requests 30 s as well.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Creating and deleting order work that takes the backend longer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Below the idle timeouts that servers and load balancers commonly have, so that they do not close a connection in use.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// No answer of the API comes near it.
const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;

/// Makes an [`EloqApi`].
///
/// Every setter wins over the environment; what is not set comes from there, and else from the default.
///
/// | setting | variable | default |
/// |---|---|---|
/// | [`api_key`](Self::api_key) | `ELOQ_API_KEY` | none: [`Error::Config`] |
/// | [`base_url`](Self::base_url) | `ELOQ_BASE_URL` | `https://api-prod.eloqdata.com/api/v1/` |
/// | [`timeout`](Self::timeout) | – | 30 s, 60 s for changes |
///
/// ```
/// use std::time::Duration;
///
/// # fn main() -> eloq_sdk::Result<()> {
/// let client = eloq_sdk::EloqApi::builder()
///     .api_key("your-api-key")
///     .timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct EloqApiBuilder {
    api_key: Option<Secret>,
    base_url: Option<String>,
    timeout: Option<Duration>,
}

impl EloqApiBuilder {
    /// The API key, from the dashboard under Settings, API Keys.
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Where the API is, with or without `/api/v1` and the final slash. Plain http is for loopback addresses alone, and goes
    /// past any proxy.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// How long one request may take, from connecting to the last byte of the answer. The default is 30 s, and 60 s for
    /// requests that change something.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the setting or the variable that is missing or wrong, never its value.
    pub fn build(self) -> Result<EloqApi> {
        self.build_with(&environ::process)
    }

    pub(crate) fn build_with(self, lookup: Lookup<'_>) -> Result<EloqApi> {
        let key = match self.api_key {
            Some(key) => key,
            None => environ::require(lookup, environ::API_KEY)?.into(),
        };
        let url = match self.base_url {
            Some(url) => url,
            None => environ::read(lookup, environ::BASE_URL)?.unwrap_or_else(|| base_url::DEFAULT.to_owned()),
        };
        if self.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(Error::config("timeout", "must be longer than zero"));
        }
        let limits = Limits {
            read_timeout: self.timeout.unwrap_or(READ_TIMEOUT),
            write_timeout: self.timeout.unwrap_or(WRITE_TIMEOUT),
            max_response_bytes: MAX_RESPONSE_BYTES,
        };
        let base = BaseUrl::parse(&url)?;
        let http = http_client(&base)?;
        let state = raw::State::new(authorization(&key)?, limits);
        Ok(EloqApi::new(raw::Client::new_with_client(base.as_str(), http, state)))
    }
}

/// The value of the Authorization header: the bare key, as the service wants it.
fn authorization(key: &Secret) -> Result<HeaderValue> {
    let refuse = |reason| Error::config("api_key", reason);
    let key = key.expose();
    if key.trim().is_empty() {
        return Err(refuse("is empty or blank"));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse("contains a character that no key has, such as a space or a line break"));
    }
    HeaderValue::from_str(key).map_err(|_| refuse("cannot be sent in a header"))
}

fn http_client(base: &BaseUrl) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(user_agent())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        // A redirect could carry the key to another host.
        .redirect(reqwest::redirect::Policy::none())
        // Whether a request may be repeated depends on the operation, which only this crate knows.
        .retry(reqwest::retry::never())
        .http1_only()
        .tcp_nodelay(true)
        .tls_backend_preconfigured(if base.is_plain_http() { tls::none()? } else { tls::platform()? });
    if base.is_plain_http() {
        // `localhost` is loopback whatever a resolver says, and no proxy may see a key in the clear.
        let loopback = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        builder = builder.no_proxy().resolve_to_addrs("localhost", &loopback);
    }
    builder.build().map_err(|_| Error::config("http client", "cannot be set up: check the proxy variables"))
}

fn user_agent() -> String {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("eloq-sdk-rust/{} ({os}; {arch})", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use std::env::VarError;

    use super::*;

    fn unset(_: &str) -> Result<String, VarError> {
        Err(VarError::NotPresent)
    }

    fn refusal(builder: EloqApiBuilder) -> String {
        builder.build_with(&unset).err().map(|error| format!("{error} {error:?}")).unwrap_or_default()
    }

    #[test]
    fn a_key_that_cannot_be_one_is_refused_without_its_value() {
        for key in ["", " ", "canary\n", "a\r\ncanary: x", "canary\0", "canary-ö"] {
            let builder = EloqApiBuilder::default().api_key(key);
            let message = refusal(builder.clone());
            assert!(message.contains("api_key"), "{key:?}: {message}");
            assert!(!message.contains("canary"), "{key:?}: {message}");
            assert!(!format!("{builder:?}").contains("canary"));
        }
    }

    #[test]
    fn without_a_key_the_variable_is_named() {
        assert!(refusal(EloqApiBuilder::default()).contains("ELOQ_API_KEY: is not set"));
    }

    #[test]
    fn a_timeout_of_zero_is_refused() {
        let builder = EloqApiBuilder::default().api_key("k").timeout(Duration::ZERO);
        assert!(refusal(builder).contains("timeout"));
    }

    #[test]
    fn the_environment_fills_what_is_not_set() -> Result<()> {
        let lookup = |name: &str| match name {
            environ::API_KEY => Ok("from-variable".to_owned()),
            environ::BASE_URL => Ok("http://127.0.0.1:9/".to_owned()),
            _ => Err(VarError::NotPresent),
        };
        use raw::ClientInfo;
        let client = EloqApiBuilder::default().build_with(&lookup)?;
        assert_eq!(client.raw().baseurl(), "http://127.0.0.1:9/api/v1");
        let client = EloqApiBuilder::default().base_url("https://h").build_with(&lookup)?;
        assert_eq!(client.raw().baseurl(), "https://h/api/v1");
        Ok(())
    }
}
