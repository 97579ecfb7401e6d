//! Who is trusted, and that nothing is said to those who are not.

#[cfg(target_os = "linux")]
use std::path::Path;

use rustls::ServerConfig;

#[cfg(target_os = "linux")]
use super::child::in_child;
use super::tls_server::{Authority, TlsServer};
use super::{Client, Lab, Settings, address, assert_connect, cloud, sources};

#[tokio::test(flavor = "multi_thread")]
async fn an_added_authority_is_trusted_and_the_key_is_inside_tls_alone() {
    let mut lab = Lab::start().await;
    for client in Client::BOTH {
        assert_eq!(lab.settings().ask(client).await.unwrap(), 1, "{client:?}");
        let conversation = lab.server.ended().await;
        assert!(conversation.plain.bytes().starts_with(b"GET /api/v1/org-info HTTP/1.1\r\n"), "{client:?}");
        assert!(conversation.plain.contains(super::KEY), "{client:?}");
        assert!(!conversation.wire.contains(super::KEY), "{client:?}");
        assert!(!conversation.wire.contains("org-info"), "{client:?}");
    }
    assert_eq!(lab.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_may_hold_several_authorities_and_comments() {
    let lab = Lab::start().await;
    let others = [Authority::new("First CA"), Authority::new("Third CA")];
    let [first, third] = others.map(|other| other.pem());
    let bundle = format!("# company bundle\n{first}\nSecond CA\n=========\n{}{third}", lab.authority.pem());
    for text in [bundle.replace('\n', "\r\n"), bundle] {
        let settings = Settings { roots: vec![text], ..lab.settings() };
        for client in Client::BOTH {
            assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
        }
    }
    assert_eq!(lab.cloud.requests().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_of_several_calls_add_up() {
    let lab = Lab::start().await;
    let settings = lab.settings().root(&Authority::new("Another CA"));
    for client in Client::BOTH {
        assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
    }
    assert_eq!(lab.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_authority_is_refused_before_a_byte_of_http() {
    // Of the same name, so that only the key tells them apart.
    let (known, unknown) = (Authority::new("Test CA"), Authority::new("Test CA"));
    assert_refused(
        unknown.issue("localhost"),
        &known,
        &["BadSignature", "certificate signature failure", "unable to get local issuer", "self-signed"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_refused_before_a_byte_of_http() {
    let authority = Authority::new("Test CA");
    assert_refused(authority.issue_expired("localhost"), &authority, &["Expired", "has expired"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_host_is_refused_before_a_byte_of_http() {
    let authority = Authority::new("Test CA");
    assert_refused(authority.issue("api-prod.eloqdata.com"), &authority, &["NotValidForName", "hostname mismatch"])
        .await;
}

/// The reasons are rustls's and OpenSSL's.
async fn assert_refused(config: ServerConfig, trusted: &Authority, reasons: &[&str]) {
    let cloud = cloud().await;
    let mut server = TlsServer::start(config, address(&cloud)).await;
    let settings = Settings::new(server.url()).root(trusted);
    for client in Client::BOTH {
        let error = assert_connect(settings.ask(client).await, "TLS", client);
        assert!(reasons.iter().any(|reason| sources(&error).contains(reason)), "{client:?}: {}", sources(&error));
        let conversation = server.ended().await;
        assert!(!conversation.wire.bytes().is_empty(), "{client:?}: the handshake began");
        assert!(conversation.plain.bytes().is_empty(), "{client:?}");
        assert!(!conversation.wire.contains("org-info"), "{client:?}");
        assert_eq!(server.more_ended(), 0, "{client:?}: connections");
    }
    assert!(cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_no_tls_gets_no_request() {
    let cloud = cloud().await;
    let settings = Settings::new(format!("https://{}", address(&cloud))).root(&Authority::new("Test CA"));
    for client in Client::BOTH {
        assert_connect(settings.ask(client).await, "TLS", client);
    }
    assert!(cloud.requests().is_empty());
}

/// As OpenSSL and curl have it; other platforms have stores of their own.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_authorities_are_trusted() {
    let lab = Lab::start().await;
    // Not one that the child would write over.
    let file = format!("authorities-{}.pem", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&path, lab.authority.pem()).unwrap();
    let url = lab.server.url();
    let variables = [("ELOQ_BASE_URL", url.as_str()), ("SSL_CERT_FILE", path.to_str().unwrap())];
    in_child("tls::the_platforms_authorities_are_trusted", &variables, async || {
        for client in Client::BOTH {
            let settings = Settings { base_url: None, ..Settings::new("") };
            assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
        }
    })
    .await;
    std::fs::remove_file(&path).unwrap();
    assert_eq!(lab.cloud.requests().len(), 2);
}
