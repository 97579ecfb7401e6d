//! The certificate authorities of the platform and of `ELOQ_CA_BUNDLE`.

use std::path::{Path, PathBuf};

use eloq_sdk::Error;

use super::child::in_child;
use super::tls_server::Authority;
use super::{Client, Fixture, KEY, Settings, assert_clean};

/// A file that is removed at the end of the test. The child process does not write it again.
struct PemFile(PathBuf);

impl PemFile {
    fn new(name: &str, text: &str) -> Self {
        // The process ID keeps the child from overwriting the file.
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.pem", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for PemFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(target_os = "linux")]
const NO_DIRECTORY: &str = "/nonexistent";

fn from_variables() -> Settings {
    Settings { api_key: None, base_url: None, ..Settings::new("") }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bundle_of_the_variable_is_trusted_also_beside_an_added_authority() {
    let fixture = Fixture::start().await;
    let other = Authority::new("Another CA");
    let bundle = PemFile::new("bundle", &format!("# company\n{}{}", other.pem(), fixture.authority.pem()));
    let url = fixture.server.url();
    let variables = [("ELOQ_API_KEY", KEY), ("ELOQ_BASE_URL", url.as_str()), ("ELOQ_CA_BUNDLE", bundle.path())];
    let test = "authorities::the_bundle_of_the_variable_is_trusted_also_beside_an_added_authority";
    in_child(test, &variables, async || {
        for client in Client::BOTH {
            assert_eq!(from_variables().fetch_org_id(client).await.unwrap(), 1, "{client:?}");
            let beside = from_variables().root(&Authority::new("Third CA"));
            assert_eq!(beside.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
        }
    })
    .await;
    assert_eq!(fixture.cloud.requests().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unusable_bundle_is_refused_without_its_path_and_content() {
    let broken = "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n";
    let files = [PemFile::new("empty", ""), PemFile::new("canary:text", "canary:"), PemFile::new("broken", broken)];
    let missing = "/canary:/missing.pem";
    for path in files.iter().map(PemFile::path).chain([missing]) {
        let variables = [("ELOQ_API_KEY", KEY), ("ELOQ_CA_BUNDLE", path)];
        let test = "authorities::an_unusable_bundle_is_refused_without_its_path_and_content";
        in_child(test, &variables, async || {
            for client in Client::BOTH {
                let error = from_variables().fetch_org_id(client).await.unwrap_err();
                assert!(matches!(&error, Error::Config { setting, .. } if setting == "ELOQ_CA_BUNDLE"), "{error:?}");
                assert!(!format!("{error:#} {error:?}").contains(".pem"), "{error:?}");
                assert_clean(&error);
            }
        })
        .await;
    }
}

/// As in a minimal container. Other platforms always have certificate authorities.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn without_any_authority_the_error_says_what_to_do() {
    let fixture = Fixture::start().await;
    let (empty, url) = (PemFile::new("none", ""), fixture.server.url());
    let variables = [
        ("ELOQ_API_KEY", KEY),
        ("ELOQ_BASE_URL", url.as_str()),
        ("SSL_CERT_FILE", empty.path()),
        ("SSL_CERT_DIR", NO_DIRECTORY),
    ];
    let test = "authorities::without_any_authority_the_error_says_what_to_do";
    in_child(test, &variables, async || {
        for client in Client::BOTH {
            let error = from_variables().fetch_org_id(client).await.unwrap_err();
            let text = format!("{error} {}", error.hint().unwrap_or_default());
            if cfg!(any(feature = "rustls", feature = "aws-lc")) {
                assert!(matches!(&error, Error::Config { setting, .. } if setting == "tls"), "{error:?}");
                for advice in ["ca-certificates", "SSL_CERT_FILE", "ELOQ_CA_BUNDLE", "add_root_certificate"] {
                    assert!(text.contains(advice), "{advice}: {text}");
                }
            } else {
                // OpenSSL does not notice it before the handshake.
                assert!(matches!(error, Error::Connect { .. }), "{error:?}");
                assert!(text.contains("certificate authorities"), "{text}");
            }
        }
    })
    .await;
    assert!(fixture.cloud.requests().is_empty());
}

/// One authority is enough, wherever it comes from.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_replaces_the_missing_authorities_of_the_platform() {
    let fixture = Fixture::start().await;
    let (empty, bundle) = (PemFile::new("no-platform", ""), PemFile::new("only", &fixture.authority.pem()));
    let url = fixture.server.url();
    let variables = [
        ("ELOQ_API_KEY", KEY),
        ("ELOQ_BASE_URL", url.as_str()),
        ("SSL_CERT_FILE", empty.path()),
        ("SSL_CERT_DIR", NO_DIRECTORY),
        ("ELOQ_CA_BUNDLE", bundle.path()),
    ];
    let test = "authorities::a_bundle_replaces_the_missing_authorities_of_the_platform";
    in_child(test, &variables, async || {
        for client in Client::BOTH {
            assert_eq!(from_variables().fetch_org_id(client).await.unwrap(), 1, "{client:?}");
        }
    })
    .await;
    assert_eq!(fixture.cloud.requests().len(), 2);
}
