//! No TLS: for plain http on loopback alone, as with the simulator.

use std::error::Error as StdError;

use reqwest::ClientBuilder;

use crate::error::{Error, Result};

/// Refuses: nothing here could secure a connection.
pub(crate) fn secure(_: ClientBuilder, _: &[Vec<u8>]) -> Result<ClientBuilder> {
    let reason = "eloq-sdk was built without TLS: enable its feature rustls, aws-lc or native-tls";
    Err(Error::config("tls", reason))
}

/// Leaves the client as it is.
pub(crate) fn plain(builder: ClientBuilder) -> Result<ClientBuilder> {
    Ok(builder)
}

/// Whether an error comes from TLS.
pub(crate) fn is_failure(_: &(dyn StdError + 'static)) -> bool {
    false
}
