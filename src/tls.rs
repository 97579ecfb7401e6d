//! TLS: rustls with ring and the platform's certificates, without a provider that the whole process would share.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

use crate::{Error, Result};

/// The configuration of the connections.
pub(crate) fn config() -> Result<ClientConfig> {
    let refuse = |error: rustls::Error| Error::config("tls", format!("cannot be set up: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refuse)?
        .with_platform_verifier()
        .map_err(refuse)?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
