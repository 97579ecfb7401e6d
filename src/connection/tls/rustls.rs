//! rustls with the platform's certificates, and with ring or AWS-LC for the cryptography.

use std::error::Error as StdError;
use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::client::WantsClientCert;
use rustls::crypto::CryptoProvider;
#[cfg(feature = "aws-lc")]
use rustls::crypto::aws_lc_rs as chosen;
#[cfg(not(feature = "aws-lc"))]
use rustls::crypto::ring as chosen;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use super::errors::{is_or_wraps, no_certificate};
use crate::error::{Error, Result};

/// Secures the connections of a client: checked against the platform's certificates, and these as well.
pub(crate) fn secure(builder: ClientBuilder, roots: &[Vec<u8>]) -> Result<ClientBuilder> {
    let mut extra = Vec::new();
    for pem in roots {
        extra.extend(certificates(pem)?);
    }
    let provider = Arc::new(chosen::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone()).map_err(refuse)?;
    // `dangerous` is rustls's word for any verifier that is not its own; this one checks everything.
    let config = versions(provider)?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.tls_backend_preconfigured(finish(config)))
}

/// Prepares a client that makes no TLS connection: it trusts nobody, and needs no certificates read.
pub(crate) fn plain(builder: ClientBuilder) -> Result<ClientBuilder> {
    let config = versions(Arc::new(chosen::default_provider()))?;
    Ok(builder.tls_backend_preconfigured(finish(config.with_root_certificates(RootCertStore::empty()))))
}

/// Whether an error comes from TLS.
pub(crate) fn is_failure(error: &(dyn StdError + 'static)) -> bool {
    is_or_wraps::<rustls::Error>(error)
}

/// The certificates of a PEM text; at least one.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| no_certificate())?;
    // What is no certificate inside would only fail when everything else is set up.
    let mut store = RootCertStore::empty();
    for certificate in &found {
        store.add(certificate.clone()).map_err(|_| no_certificate())?;
    }
    if found.is_empty() { Err(no_certificate()) } else { Ok(found) }
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
