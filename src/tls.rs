//! TLS: rustls with ring and the platform's certificates, without a provider that the whole process would share.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::{Error, Result};

/// The configuration of connections that are checked against the platform's certificates.
pub(crate) fn platform() -> Result<ClientConfig> {
    Ok(finish(versions()?.with_platform_verifier().map_err(refuse)?))
}

/// The configuration of a client that makes no TLS connection: it trusts nobody, and needs no certificates read.
pub(crate) fn none() -> Result<ClientConfig> {
    Ok(finish(versions()?.with_root_certificates(RootCertStore::empty())))
}

fn versions() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(refuse)
}

fn finish(builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> ClientConfig {
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn refuse(error: rustls::Error) -> Error {
    Error::config("tls", format!("cannot be set up: {error}"))
}
