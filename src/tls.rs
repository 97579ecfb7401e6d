//! TLS: rustls with ring and the platform's certificates, without a provider that the whole process would share.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use crate::{Error, Result};

/// The configuration of connections that are checked against the platform's certificates, and these as well.
pub(crate) fn platform(roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, provider.clone()).map_err(refuse)?;
    // `dangerous` is rustls's word for any verifier that is not its own; this one checks everything.
    let builder = versions(provider)?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(finish(builder))
}

/// The configuration of a client that makes no TLS connection: it trusts nobody, and needs no certificates read.
pub(crate) fn none() -> Result<ClientConfig> {
    let builder = versions(Arc::new(ring::default_provider()))?;
    Ok(finish(builder.with_root_certificates(RootCertStore::empty())))
}

/// The certificates of a PEM text; at least one.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let refuse = || Error::config("root_certificate", "is not a certificate in PEM form");
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| refuse())?;
    // What is no certificate inside would only fail when everything else is set up.
    let mut store = RootCertStore::empty();
    for certificate in &found {
        store.add(certificate.clone()).map_err(|_| refuse())?;
    }
    if found.is_empty() { Err(refuse()) } else { Ok(found) }
}

fn versions(provider: Arc<CryptoProvider>) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>> {
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
