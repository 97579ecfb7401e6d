//! No TLS: only plain http on loopback, as with the simulator.

use std::error::Error as StdError;

use reqwest::ClientBuilder;

use super::roots::RootCertificates;
use crate::error::{Error, Result};

/// Fails, since this build has no TLS.
pub(crate) fn secure(_: ClientBuilder, _: &[RootCertificates]) -> Result<ClientBuilder> {
    let reason = "eloq-sdk was built without TLS; enable the feature rustls, aws-lc or native-tls";
    Err(Error::config("tls", reason))
}

/// Returns the builder unchanged.
pub(crate) fn plain(builder: ClientBuilder) -> Result<ClientBuilder> {
    Ok(builder)
}

/// Whether an error comes from TLS.
pub(crate) fn is_failure(_: &(dyn StdError + 'static)) -> bool {
    false
}
