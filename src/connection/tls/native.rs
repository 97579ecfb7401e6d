//! native-tls: the operating system's TLS and certificate authorities.

use std::error::Error as StdError;

use reqwest::{Certificate, ClientBuilder};

use super::{errors::invalid_certificate, errors::is_or_wraps};
use crate::error::Result;

/// Enables TLS, with the platform's certificate authorities and these additional ones.
pub(crate) fn secure(builder: ClientBuilder, roots: &[Vec<u8>]) -> Result<ClientBuilder> {
    let mut certificates = Vec::new();
    for pem in roots {
        let found = Certificate::from_pem_bundle(pem).map_err(|_| invalid_certificate())?;
        if found.is_empty() {
            return Err(invalid_certificate());
        }
        certificates.extend(found);
    }
    Ok(builder.tls_backend_native().tls_certs_merge(certificates))
}

/// Configures a client that makes no TLS connections.
pub(crate) fn plain(builder: ClientBuilder) -> Result<ClientBuilder> {
    Ok(builder.tls_backend_native())
}

/// Whether an error comes from TLS.
pub(crate) fn is_failure(error: &(dyn StdError + 'static)) -> bool {
    is_or_wraps::<native_tls::Error>(error)
}
