//! Which servers the client trusts, and that it sends no request to others.

#[cfg(target_os = "linux")]
use std::path::Path;

use rustls::ServerConfig;

#[cfg(target_os = "linux")]
use super::child::in_child;
use super::tls_server::{Authority, TlsServer};
use super::{Client, Fixture, Settings, address, assert_connect_error, cloud, sources};

#[tokio::test(flavor = "multi_thread")]
async fn an_added_authority_is_trusted_and_the_key_is_sent_only_inside_tls() {
    let mut fixture = Fixture::start().await;
    for client in Client::BOTH {
        assert_eq!(fixture.settings().fetch_org_id(client).await.unwrap(), 1, "{client:?}");
        let connection = fixture.server.ended().await;
        assert!(connection.plain.bytes().starts_with(b"GET /api/v1/org-info HTTP/1.1\r\n"), "{client:?}");
        assert!(connection.plain.contains(super::KEY), "{client:?}");
        assert!(!connection.wire.contains(super::KEY), "{client:?}");
        assert!(!connection.wire.contains("org-info"), "{client:?}");
    }
    assert_eq!(fixture.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_can_contain_several_authorities_and_comments() {
    let fixture = Fixture::start().await;
    let others = [Authority::new("First CA"), Authority::new("Third CA")];
    let [first, third] = others.map(|other| other.pem());
    let bundle = format!("# company bundle\n{first}\nSecond CA\n=========\n{}{third}", fixture.authority.pem());
    for text in [bundle.replace('\n', "\r\n"), bundle] {
        let settings = Settings { roots: vec![text], ..fixture.settings() };
        for client in Client::BOTH {
            assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
        }
    }
    assert_eq!(fixture.cloud.requests().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_calls_add_several_authorities() {
    let fixture = Fixture::start().await;
    let settings = fixture.settings().root(&Authority::new("Another CA"));
    for client in Client::BOTH {
        assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
    }
    assert_eq!(fixture.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_authority_is_rejected_before_any_http() {
    // Both authorities have the same name, so that only their keys differ.
    let (known, unknown) = (Authority::new("Test CA"), Authority::new("Test CA"));
    assert_rejected(
        unknown.issue("localhost"),
        &known,
        &["BadSignature", "certificate signature failure", "unable to get local issuer", "self-signed"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_rejected_before_any_http() {
    let authority = Authority::new("Test CA");
    assert_rejected(authority.issue_expired("localhost"), &authority, &["Expired", "has expired"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_host_is_rejected_before_any_http() {
    let authority = Authority::new("Test CA");
    assert_rejected(authority.issue("api-prod.eloqdata.com"), &authority, &["NotValidForName", "hostname mismatch"])
        .await;
}

/// `reasons` are the error texts of rustls and OpenSSL.
async fn assert_rejected(config: ServerConfig, trusted: &Authority, reasons: &[&str]) {
    let cloud = cloud().await;
    let mut server = TlsServer::start(config, address(&cloud)).await;
    let settings = Settings::new(server.url()).root(trusted);
    for client in Client::BOTH {
        let error = assert_connect_error(settings.fetch_org_id(client).await, "TLS", client);
        assert!(reasons.iter().any(|reason| sources(&error).contains(reason)), "{client:?}: {}", sources(&error));
        let connection = server.ended().await;
        assert!(!connection.wire.bytes().is_empty(), "{client:?}: the handshake began");
        assert!(connection.plain.bytes().is_empty(), "{client:?}");
        assert!(!connection.wire.contains("org-info"), "{client:?}");
        assert_eq!(server.more_ended(), 0, "{client:?}: connections");
    }
    assert!(cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_receives_no_request() {
    let cloud = cloud().await;
    let settings = Settings::new(format!("https://{}", address(&cloud))).root(&Authority::new("Test CA"));
    for client in Client::BOTH {
        assert_connect_error(settings.fetch_org_id(client).await, "TLS", client);
    }
    assert!(cloud.requests().is_empty());
}

/// `SSL_CERT_FILE` works as in OpenSSL and curl; other platforms have their own certificate stores.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_authorities_of_the_platform_are_trusted() {
    let fixture = Fixture::start().await;
    // The process ID keeps the child from overwriting the file.
    let file = format!("authorities-{}.pem", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&path, fixture.authority.pem()).unwrap();
    let url = fixture.server.url();
    let variables = [("ELOQ_BASE_URL", url.as_str()), ("SSL_CERT_FILE", path.to_str().unwrap())];
    in_child("tls::the_authorities_of_the_platform_are_trusted", &variables, async || {
        for client in Client::BOTH {
            let settings = Settings { base_url: None, ..Settings::new("") };
            assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
        }
    })
    .await;
    std::fs::remove_file(&path).unwrap();
    assert_eq!(fixture.cloud.requests().len(), 2);
}
