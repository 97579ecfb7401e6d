//! Connections over TLS and proxies: certificates, credentials, environment variables. Every test runs with both clients.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authorities;
mod child;
mod http_proxy;
mod logs;
mod proxy;
mod proxy_variables;
mod tap;
mod tls;
mod tls_server;

use std::error::Error as _;
use std::net::SocketAddr;
use std::time::Duration;

use eloq_sdk::simulator::Simulator;
use eloq_sdk::{EloqApi, Error, Result, blocking};
use tls_server::{Authority, TlsServer};

const KEY: &str = "canary-key-8sW4";
const PROXY_USER: &str = "us@er";
const PROXY_PASSWORD: &str = "canary:p@ss/w%rd?ö";
/// The user and password in the form that a URL needs.
const PROXY_USER_INFO: &str = "us%40er:canary%3Ap%40ss%2Fw%25rd%3F%C3%B6";
/// Secrets in plain text, in a URL, and in a header, none of which any text may contain.
const CANARIES: [&str; 5] = [KEY, "canary:", "canary%3A", "w%25rd", "dXNAZXI6"];

/// Longer than any call of these tests takes.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug)]
enum Client {
    Async,
    Blocking,
}

impl Client {
    const BOTH: [Self; 2] = [Self::Async, Self::Blocking];
}

/// The settings of a connection. The client reads the variables for settings that are `None`.
#[derive(Clone, Debug)]
struct Settings {
    api_key: Option<String>,
    base_url: Option<String>,
    proxy: Option<String>,
    no_proxy: Option<String>,
    roots: Vec<String>,
    connect_timeout: Duration,
}

impl Settings {
    /// With these settings, the client reads no variable of the machine.
    fn new(base_url: impl Into<String>) -> Self {
        Self {
            api_key: Some(KEY.to_owned()),
            base_url: Some(base_url.into()),
            proxy: Some(String::new()),
            no_proxy: Some(String::new()),
            roots: Vec::new(),
            connect_timeout: TIMEOUT,
        }
    }

    fn root(mut self, authority: &Authority) -> Self {
        self.roots.push(authority.pem());
        self
    }

    fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    fn no_proxy(mut self, hosts: &str) -> Self {
        self.no_proxy = Some(hosts.to_owned());
        self
    }

    /// Requests the account with a new client and returns the ID of the organization.
    async fn fetch_org_id(&self, client: Client) -> Result<i64> {
        macro_rules! build {
            ($builder:expr) => {{
                let mut builder = $builder.timeout(TIMEOUT).connect_timeout(self.connect_timeout);
                if let Some(key) = &self.api_key {
                    builder = builder.api_key(key.as_str());
                }
                if let Some(url) = &self.base_url {
                    builder = builder.base_url(url);
                }
                if let Some(url) = &self.proxy {
                    builder = builder.proxy(url.as_str());
                }
                if let Some(hosts) = &self.no_proxy {
                    builder = builder.no_proxy(hosts);
                }
                for pem in &self.roots {
                    builder = builder.add_root_certificate(pem.as_bytes());
                }
                builder.build()?
            }};
        }
        let info = match client {
            Client::Async => build!(EloqApi::builder()).info().await?,
            Client::Blocking => build!(blocking::EloqApi::builder()).info()?,
        };
        Ok(info.org_info.org_id)
    }
}

/// A cloud behind a TLS server with a certificate for `localhost`.
struct Fixture {
    authority: Authority,
    cloud: Simulator,
    server: TlsServer,
}

impl Fixture {
    async fn start() -> Self {
        let authority = Authority::new("Test CA");
        let cloud = cloud().await;
        let server = TlsServer::start(authority.issue("localhost"), address(&cloud)).await;
        Self { authority, cloud, server }
    }

    /// Settings for requests to the TLS server.
    fn settings(&self) -> Settings {
        Settings::new(self.server.url()).root(&self.authority)
    }
}

async fn cloud() -> Simulator {
    Simulator::builder().api_key(KEY).start().await.unwrap()
}

fn address(cloud: &Simulator) -> SocketAddr {
    let (address, _) = cloud.base_url().trim_start_matches("http://").split_once('/').unwrap();
    address.parse().unwrap()
}

/// Checks that the client could not connect, that the message has the reason, and that no text has a secret.
#[track_caller]
fn assert_connect_error(result: Result<i64>, reason: &str, client: Client) -> Error {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{client:?}: {error:?}");
    assert!(error.to_string().contains(reason), "{client:?}: {error}");
    assert_clean(&error);
    error
}

#[track_caller]
fn assert_clean(error: &Error) {
    let text = format!("{error} {error:#} {error:?} {error:#?} {:?} {}", error.hint(), sources(error));
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
}

/// The Display and Debug texts of all sources of an error.
fn sources(error: &Error) -> String {
    let chain = std::iter::successors(error.source(), |error| (*error).source());
    chain.map(|error| format!("{error} {error:#} {error:?} {error:#?}\n")).collect()
}
