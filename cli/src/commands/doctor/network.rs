//! What lies between this machine and the service: name, connection, clock.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use eloq_sdk::EloqApi;
use eloq_sdk::raw::{self, ClientInfo as _, reqwest};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// A clock that is wrong by more can make certificates invalid.
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);
/// More than a slow response explains.
const NOTABLE_SKEW: Duration = Duration::from_secs(30);

/// Where the service is.
pub(super) struct Target {
    host: String,
    port: u16,
    pub(super) is_https: bool,
}

impl Target {
    pub(super) fn of(client: &EloqApi) -> Option<Self> {
        let url = reqwest::Url::parse(client.raw().baseurl()).ok()?;
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
        Some(Self { host, port: url.port_or_known_default()?, is_https: url.scheme() == "https" })
    }

    /// The addresses of the host, and what to tell of them.
    pub(super) async fn resolve(&self, limit: Duration) -> Result<(Vec<SocketAddr>, String)> {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok((vec![(address, self.port).into()], format!("{address} needs no lookup")));
        }
        let failed = |exit, reason: &str| {
            Failure::new(exit, "Dns", format!("the name {} cannot be resolved: {reason}", self.host))
                .hint("check the base URL, the network and the name server")
        };
        let found = timeout(limit, lookup_host((self.host.as_str(), self.port))).await;
        let found = found.map_err(|_| failed(Exit::TimedOut, "no answer in time"))?;
        let addresses: Vec<_> = found.map_err(|error| failed(Exit::Unreachable, &error.to_string()))?.collect();
        match addresses.as_slice() {
            [] => Err(failed(Exit::Unreachable, "it has no address")),
            [first, ..] => {
                let detail = format!("{}: {}", self.host, first.ip());
                Ok((addresses, detail))
            }
        }
    }

    /// Connects to the first address that accepts.
    pub(super) async fn connect(&self, addresses: &[SocketAddr], limit: Duration) -> Result<SocketAddr> {
        let failed = |exit, reason: String| {
            Failure::new(exit, "Tcp", format!("no connection to port {}: {reason}", self.port))
                .hint("check the base URL, the network and firewalls; a proxy is set by HTTPS_PROXY")
        };
        let connecting = async {
            let mut reason = String::new();
            for address in addresses {
                match TcpStream::connect(address).await {
                    Ok(_) => return Ok(*address),
                    Err(error) => reason = error.to_string(),
                }
            }
            Err(failed(Exit::Unreachable, reason))
        };
        timeout(limit, connecting).await.unwrap_or_else(|_| Err(failed(Exit::TimedOut, "no answer in time".to_owned())))
    }
}

/// Any response of the service.
pub(super) struct Answer {
    pub(super) status: u16,
    date: Option<SystemTime>,
    /// When the response came.
    received: SystemTime,
}

impl Answer {
    /// Asks for the account, whatever the answer; none without a response.
    pub(super) async fn of(client: &EloqApi) -> Option<Self> {
        let (status, headers) = match client.raw().org_info().send().await {
            Ok(response) => (response.status(), response.headers().clone()),
            Err(raw::Error::UnexpectedResponse(response)) => (response.status(), response.headers().clone()),
            Err(_) => return None,
        };
        let date = headers.get("date").and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        Some(Self { status: status.as_u16(), date, received: SystemTime::now() })
    }

    pub(super) fn clock(&self) -> Clock {
        let Some(date) = self.date else { return Clock::Unknown };
        let (skew, is_fast) = match self.received.duration_since(date) {
            Ok(ahead) => (ahead, true),
            Err(error) => (error.duration(), false),
        };
        let shown = humantime::format_duration(Duration::from_secs(skew.as_secs()));
        let text =
            format!("this machine's clock is {shown} {} the service", if is_fast { "ahead of" } else { "behind" });
        match skew {
            skew if skew > MAX_SKEW => {
                Clock::Wrong(Failure::new(Exit::Other, "Clock", text).hint("set the clock of this machine"))
            }
            skew if skew > NOTABLE_SKEW => Clock::Off(text),
            _ => Clock::Right,
        }
    }
}

/// The clock of this machine, compared with the `Date` of a response.
pub(super) enum Clock {
    Right,
    Off(String),
    Wrong(Failure),
    Unknown,
}
