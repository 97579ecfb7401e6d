//! The HTTP clients of the raw client: one builds requests, the other sends them.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use reqwest::Proxy;
use tokio::sync::Notify;

use super::{base_url::BaseUrl, tls, tls::roots::RootCertificates};
use crate::error::{Error, Result};

/// Shorter than common idle timeouts of servers and load balancers, so that they do not close a connection in use.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The connection pool of a client and its clones, until `close`.
#[derive(Debug)]
pub(crate) struct Connections {
    client: ArcSwapOption<reqwest::Client>,
    closing: Notify,
}

impl Connections {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self { client: ArcSwapOption::from_pointee(client), closing: Notify::new() }
    }

    /// The client that sends requests; `None` after `close`.
    pub(crate) fn client(&self) -> impl Deref<Target = Option<Arc<reqwest::Client>>> {
        self.client.load()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.load().is_none()
    }

    /// Releases the connections: idle ones close immediately, the others when their calls end.
    pub(crate) fn close(&self) {
        self.client.store(None);
        self.closing.notify_waiters();
    }

    /// Completes when the connections are closed.
    pub(crate) async fn closed(&self) {
        let closing = self.closing.notified();
        if !self.is_closed() {
            closing.await;
        }
    }
}

/// Builds the client that sends requests to the service.
pub(crate) fn connecting(
    base: &BaseUrl,
    connect_timeout: Duration,
    proxy: Option<Proxy>,
    root_certificates: &[RootCertificates],
) -> Result<reqwest::Client> {
    let mut builder =
        base_builder().connect_timeout(connect_timeout).pool_idle_timeout(POOL_IDLE_TIMEOUT).tcp_nodelay(true);
    if base.is_plain_http() {
        // A resolver could map `localhost` to another host.
        let loopback = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        builder = tls::plain(builder.resolve_to_addrs("localhost", &loopback))?;
    } else {
        builder = tls::secure(builder, root_certificates)?;
        if let Some(proxy) = proxy {
            builder = builder.proxy(proxy);
        }
    }
    finish(builder)
}

/// Builds a client that only builds requests, which [`Connections`] sends: its own connections would stay open after
/// `close`.
pub(crate) fn requesting() -> Result<reqwest::Client> {
    finish(tls::plain(base_builder().pool_max_idle_per_host(0))?)
}

fn base_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        // `proxy.rs` reads the proxy variables; on plain http a proxy would see the credential.
        .no_proxy()
        // A redirect could send the credential to another host.
        .redirect(reqwest::redirect::Policy::none())
        // Only the engine knows which operations are idempotent.
        .retry(reqwest::retry::never())
        .http1_only()
}

fn finish(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder.build().map_err(|error| Error::config("http client", format!("setup failed: {}", error.without_url())))
}
