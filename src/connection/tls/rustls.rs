//! rustls with the platform's certificate authorities, on ring or AWS-LC.

use std::error::Error as StdError;
use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::client::WantsClientCert;
use rustls::crypto::CryptoProvider;
#[cfg(feature = "aws-lc")]
use rustls::crypto::aws_lc_rs as backend;
#[cfg(not(feature = "aws-lc"))]
use rustls::crypto::ring as backend;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use super::{errors::is_or_wraps, roots::RootCertificates};
use crate::connection::env;
use crate::error::{Error, Result};

/// Enables TLS, with the platform's certificate authorities and these additional ones.
pub(crate) fn secure(builder: ClientBuilder, roots: &[RootCertificates]) -> Result<ClientBuilder> {
    let mut extra = Vec::new();
    for root in roots {
        extra.extend(certificates(root)?);
    }
    let is_added = !extra.is_empty();
    let provider = Arc::new(backend::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone()).map_err(|error| match error {
        // The verifier has no other error for a platform without a certificate authority.
        rustls::Error::General(_) if !is_added => no_authorities(),
        error => setup_failed(error),
    })?;
    // rustls calls every custom verifier `dangerous`; this one verifies certificates completely.
    let config = versions(provider)?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.tls_backend_preconfigured(finish(config)))
}

/// Configures a client that makes no TLS connections: it trusts no certificate authority, and loads none.
pub(crate) fn plain(builder: ClientBuilder) -> Result<ClientBuilder> {
    let config = versions(Arc::new(backend::default_provider()))?;
    Ok(builder.tls_backend_preconfigured(finish(config.with_root_certificates(RootCertStore::empty()))))
}

/// Whether an error comes from TLS.
pub(crate) fn is_failure(error: &(dyn StdError + 'static)) -> bool {
    is_or_wraps::<rustls::Error>(error)
}

/// Parses the certificates of a PEM text; fails if there are none.
fn certificates(root: &RootCertificates) -> Result<Vec<CertificateDer<'static>>> {
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(&root.pem).collect::<Result<_, _>>().map_err(|_| root.invalid())?;
    // An invalid certificate inside valid PEM would otherwise fail only later.
    let mut store = RootCertStore::empty();
    for certificate in &found {
        store.add(certificate.clone()).map_err(|_| root.invalid())?;
    }
    if found.is_empty() { Err(root.invalid()) } else { Ok(found) }
}

fn versions(provider: Arc<CryptoProvider>) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>> {
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(setup_failed)
}

fn finish(builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> ClientConfig {
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn setup_failed(error: rustls::Error) -> Error {
    Error::config("tls", format!("setup failed: {error}"))
}

/// The platform has no certificate authority, so that no server could be verified.
fn no_authorities() -> Error {
    let files = format!("SSL_CERT_FILE or {}", env::CA_BUNDLE);
    let advice =
        format!("install its package ca-certificates, name a PEM file in {files}, or call add_root_certificate");
    Error::config("tls", format!("the system has no certificate authorities: {advice}"))
}
