//! The HTTP clients below the raw client: how requests are made, and the connections that they are sent over.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use reqwest::Proxy;

use super::base_url::BaseUrl;
use super::tls;
use crate::error::{Error, Result};

/// Below the idle timeouts that servers and load balancers commonly have, so that they do not close a connection in use.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The connections of a client and its clones, until it is closed.
#[derive(Debug)]
pub(crate) struct Connections(ArcSwapOption<reqwest::Client>);

impl Connections {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self(ArcSwapOption::from_pointee(client))
    }

    /// The client to send with; none once it is closed.
    pub(crate) fn client(&self) -> impl Deref<Target = Option<Arc<reqwest::Client>>> {
        self.0.load()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.load().is_none()
    }

    /// Lets go of the connections: idle ones close at once, the others with the calls that use them.
    pub(crate) fn close(&self) {
        self.0.store(None);
    }
}

/// A client for the service.
pub(crate) fn connecting(
    base: &BaseUrl,
    connect_timeout: Duration,
    proxy: Option<Proxy>,
    root_certificates: &[Vec<u8>],
) -> Result<reqwest::Client> {
    let mut builder = careful().connect_timeout(connect_timeout).pool_idle_timeout(POOL_IDLE_TIMEOUT).tcp_nodelay(true);
    if base.is_plain_http() {
        // `localhost` is loopback whatever a resolver says.
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

/// A client that only makes requests, for [`Connections`] to send: one that also held connections would keep them open after
/// closing.
pub(crate) fn requesting() -> Result<reqwest::Client> {
    finish(tls::plain(careful().pool_max_idle_per_host(0))?)
}

fn careful() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        // The variables are read in one place, and no proxy may see a key in the clear.
        .no_proxy()
        // A redirect could carry the key to another host.
        .redirect(reqwest::redirect::Policy::none())
        // Whether a request may be repeated depends on the operation, which only this crate knows.
        .retry(reqwest::retry::never())
        .http1_only()
}

fn finish(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder.build().map_err(|error| Error::config("http client", format!("cannot be set up: {}", error.without_url())))
}
