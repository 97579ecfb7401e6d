//! `ClusterCredentials`: decoded credentials, and the connection URL for database drivers.

use std::fmt::Write;
use std::net::Ipv6Addr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::{Error, Result, failure::Failure};
use crate::facade::ping;
use crate::schema::{ClusterStatus, DescClusterDto, ElbState, ModuleType, Secret};
use crate::types::operation::Operation;

/// Everything except the unreserved characters of RFC 3986, which have no meaning to any driver.
const USER_INFO: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Credentials and address of a cluster's database.
///
/// They are usable if the status is idle, active or available and the load balancer is active. While a cluster is provisioning,
/// the host can be empty and the port 0.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let credentials = client.cluster_credentials("my-cluster").await?;
/// println!("{}:{} as {}", credentials.host, credentials.port, credentials.username);
/// println!("{}", credentials.password); // [redacted]
/// let password = credentials.password.expose();
/// # Ok(())
/// # }
/// ```
///
/// It serializes under the names of its fields, with `[redacted]` as the password.
///
/// # TLS to the database
///
/// The vendor's public pages do not say whether the load balancer offers or requires TLS, on which port, or with which
/// certificate, and no field of a response shows it. Nobody has tried it against the live service. So
/// [`connection_url`](Self::connection_url) has the scheme without TLS, and with it a driver sends the password in plain text unless
/// the network in between is encrypted. Ask the vendor's support before you connect over the internet; if the database does offer
/// TLS, turn it on in the driver, or build the URL with `rediss://` from the fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "Credentials and address of a cluster's database."))]
#[non_exhaustive]
pub struct ClusterCredentials {
    /// Name of the cluster, as other calls take it: the one of the request. Converting a [`DescClusterDto`] takes its
    /// `display_cluster_name`, the only name that it has.
    pub cluster_name: String,
    /// Name of the administrator.
    pub username: String,
    /// Password of the administrator.
    pub password: Secret,
    /// Host of the load balancer; empty until it has one.
    pub host: String,
    /// Port of the load balancer; 0 until it has one.
    pub port: u16,
    /// Lifecycle status of the cluster.
    pub status: ClusterStatus,
    /// Database of the cluster.
    pub module_type: ModuleType,
    /// Lifecycle state of the load balancer.
    pub elb_state: ElbState,
}

impl ClusterCredentials {
    /// Decodes the credentials of a cluster that was described by this name.
    pub(super) fn of(cluster_name: impl Into<String>, cluster: DescClusterDto) -> Result<Self> {
        Ok(Self { cluster_name: cluster_name.into(), ..Self::try_from(cluster)? })
    }

    /// Opens a TCP connection to the database, for at most 5 s, closes it, and returns how long it took to open. It bypasses any
    /// proxy, and wakes an idle cluster.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let credentials = client.cluster_credentials("my-cluster").await?;
    /// println!("{:.1} ms", credentials.ping().await?.as_secs_f64() * 1e3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] if the database accepts no connection, and [`Error::InvalidInput`] if there is no host or port yet.
    pub async fn ping(&self) -> Result<Duration> {
        self.check_address()?;
        ping::ping(Operation::DescribeCluster, &self.host, self.port).await
    }

    fn check_address(&self) -> Result<()> {
        if self.host.is_empty() || self.port == 0 {
            return Err(Error::invalid_input("host", "is not known yet: wait until the cluster is connectable"));
        }
        Ok(())
    }

    /// Returns the connection URL for a driver of the database: `redis://` for EloqKV, `mongodb://` for EloqDoc, `mysql://` for
    /// EloqSQL, with user and password percent-encoded. It contains the password.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let credentials = client.cluster_credentials("my-cluster").await?;
    /// let url = credentials.connection_url()?;
    /// // let redis = redis::Client::open(url.expose())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] if there is no host or port yet, if the host is invalid, and for a module that this version does
    /// not know.
    pub fn connection_url(&self) -> Result<Secret> {
        let scheme = match &self.module_type {
            ModuleType::EloqKv => "redis",
            ModuleType::EloqDoc => "mongodb",
            ModuleType::EloqSql => "mysql",
            ModuleType::Unknown(_) => {
                return Err(Error::invalid_input(
                    "module_type",
                    "is not known to this version: build the URL from the fields",
                ));
            }
        };
        self.check_address()?;
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let v6 = host.parse::<Ipv6Addr>().is_ok();
        let named = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
        if !v6 && !named {
            return Err(Error::invalid_input("host", "is neither a host name nor an address"));
        }
        // Large enough for everything: a buffer that grows would leave copies of the password in memory.
        let room = 32 + 3 * (self.username.len() + self.password.expose().len()) + self.host.len();
        let mut url = String::with_capacity(room);
        let user = utf8_percent_encode(&self.username, USER_INFO);
        let password = utf8_percent_encode(self.password.expose(), USER_INFO);
        let (open, close) = if v6 { ("[", "]") } else { ("", "") };
        // Writing into a String does not fail.
        let _ = write!(url, "{scheme}://{user}:{password}@{open}{host}{close}:{}", self.port);
        Ok(Secret::from(url))
    }
}

impl TryFrom<DescClusterDto> for ClusterCredentials {
    type Error = Error;

    /// Decodes user and password exactly once.
    fn try_from(cluster: DescClusterDto) -> Result<Self> {
        Ok(Self {
            cluster_name: cluster.display_cluster_name,
            username: decode("admin_user", &cluster.admin_user)?.to_string(),
            password: Secret::from(std::mem::take(&mut *decode("admin_password", cluster.admin_password.expose())?)),
            host: cluster.elb_addr,
            port: cluster.elb_port,
            status: cluster.status,
            module_type: cluster.module_type,
            elb_state: cluster.elb_state,
        })
    }
}

/// Decodes standard base64, strictly: a credential that is decoded wrongly fails later and elsewhere. The error does not quote the
/// input.
fn decode(field: &'static str, encoded: &str) -> Result<Zeroizing<String>> {
    let refuse = |what: &str| {
        let message = format!("the credentials cannot be decoded: {what}");
        Err(Error::decode(Failure::new(Operation::DescribeCluster, message).at(format!("data.{field}"))))
    };
    if encoded.is_empty() {
        return refuse("empty");
    }
    let Ok(bytes) = STANDARD.decode(encoded) else {
        return refuse("not base64");
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            refuse("not UTF-8")
        }
    }
}

#[cfg(test)]
mod tests;
