//! native-tls: the TLS of the operating system, with its certificates.

use std::error::Error as StdError;

use reqwest::{Certificate, ClientBuilder};

use super::errors::{is_or_wraps, no_certificate};
use crate::error::Result;

/// Secures the connections of a client: checked against the platform's certificates, and these as well.
pub(crate) fn secure(builder: ClientBuilder, roots: &[Vec<u8>]) -> Result<ClientBuilder> {
    let mut certificates = Vec::new();
    for pem in roots {
        let found = Certificate::from_pem_bundle(pem).map_err(|_| no_certificate())?;
        if found.is_empty() {
            return Err(no_certificate());
        }
        certificates.extend(found);
    }
    Ok(builder.tls_backend_native().tls_certs_merge(certificates))
}

/// Prepares a client that makes no TLS connection.
pub(crate) fn plain(builder: ClientBuilder) -> Result<ClientBuilder> {
    Ok(builder.tls_backend_native())
}

/// Whether an error comes from TLS.
pub(crate) fn is_failure(error: &(dyn StdError + 'static)) -> bool {
    is_or_wraps::<native_tls::Error>(error)
}
