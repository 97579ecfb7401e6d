//! native-tls: the operating system's TLS and certificate authorities.

use std::error::Error as StdError;

use reqwest::{Certificate, ClientBuilder};

use super::{errors::is_or_wraps, roots::RootCertificates};
use crate::error::Result;

/// Enables TLS, with the platform's certificate authorities and these additional ones.
pub(crate) fn secure(builder: ClientBuilder, roots: &[RootCertificates]) -> Result<ClientBuilder> {
    let mut certificates = Vec::new();
    for root in roots {
        let found = Certificate::from_pem_bundle(&root.pem).map_err(|_| root.invalid())?;
        if found.is_empty() {
            return Err(root.invalid());
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
