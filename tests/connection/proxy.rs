//! Which requests use a proxy, and what the proxy sees of them.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use eloq_sdk::{EloqApi, Error, RetryPolicy};
use tokio::net::TcpSocket;

use super::http_proxy::{HttpProxy, ProxyMode, header};
use super::tls_server::{Authority, TlsServer};
use super::{Client, Fixture, KEY, PROXY_PASSWORD, PROXY_USER, PROXY_USER_INFO, Settings};
use super::{address, assert_clean, assert_connect_error, cloud};

const AUTHENTICATED: ProxyMode = ProxyMode::Authenticated(PROXY_USER, PROXY_PASSWORD);

#[tokio::test(flavor = "multi_thread")]
async fn https_uses_a_tunnel_and_the_proxy_sees_only_the_host() {
    let mut fixture = Fixture::start().await;
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    let settings = fixture.settings().proxy(proxy.url());
    for client in Client::BOTH {
        assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
        assert!(fixture.server.ended().await.plain.contains(KEY), "{client:?}");
    }
    let heads = proxy.heads();
    assert_eq!(heads.len(), 2);
    for head in &heads {
        let authority = fixture.server.authority();
        assert!(head.starts_with(&format!("CONNECT {authority} HTTP/1.1\r\n")), "{head}");
        assert_eq!(header(head, "host"), Some(authority.as_str()));
        assert_eq!((header(head, "authorization"), header(head, "proxy-authorization")), (None, None));
        assert!(!head.contains(KEY), "{head}");
    }
    assert!(!proxy.tunnelled().bytes().is_empty());
    assert!(!proxy.tunnelled().contains(KEY));
    assert!(!proxy.tunnelled().contains("org-info"));
    assert_eq!(fixture.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_credentials_are_decoded_from_the_url_and_sent_only_to_the_proxy() {
    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(AUTHENTICATED).await;
    let settings = fixture.settings().proxy(proxy.url_with(PROXY_USER_INFO));
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{PROXY_USER}:{PROXY_PASSWORD}")));
    for client in Client::BOTH {
        assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
    }
    let heads = proxy.heads();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| header(head, "proxy-authorization") == Some(expected.as_str())));
    let requests = fixture.cloud.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.header("proxy-authorization").is_none()));
    assert!(requests.iter().all(|request| request.header("authorization") == Some(KEY)));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_or_missing_proxy_credentials_are_a_connect_error() {
    let fixture = Fixture::start().await;
    for user_info in [None, Some("us%40er:canary%3Awrong"), Some("us%40er")] {
        let proxy = HttpProxy::start(AUTHENTICATED).await;
        let url = user_info.map_or_else(|| proxy.url(), |user_info| proxy.url_with(user_info));
        for client in Client::BOTH {
            assert_connect_error(fixture.settings().proxy(&url).fetch_org_id(client).await, "proxy", client);
        }
        assert_eq!(proxy.heads().len(), 2, "{user_info:?}: one attempt per call");
        assert!(proxy.tunnelled().bytes().is_empty());
    }
    assert!(fixture.cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_503_from_the_proxy_is_a_connect_error() {
    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(ProxyMode::Rejecting("503 Service Unavailable")).await;
    for client in Client::BOTH {
        let error =
            assert_connect_error(fixture.settings().proxy(proxy.url()).fetch_org_id(client).await, "proxy", client);
        assert!(!error.is_retryable(), "{error:?}");
    }
    assert_eq!(proxy.heads().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_proxy_is_never_bypassed() {
    let fixture = Fixture::start().await;
    // Bound, so that no other process gets the port, but not listening.
    let unreachable = TcpSocket::new_v4().unwrap();
    unreachable.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let settings = fixture.settings().proxy(format!("http://{PROXY_USER_INFO}@{}", unreachable.local_addr().unwrap()));
    for client in Client::BOTH {
        assert_connect_error(settings.fetch_org_id(client).await, "proxy", client);
    }
    assert!(fixture.cloud.requests().is_empty());
}

/// As a service that cannot be reached: nothing was sent, so a write is retried, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_and_a_write_are_retried_if_the_proxy_cannot_be_reached() {
    let fixture = Fixture::start().await;
    let unreachable = TcpSocket::new_v4().unwrap();
    unreachable.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let client = EloqApi::builder()
        .api_key(KEY)
        .base_url(fixture.server.url())
        .add_root_certificate(fixture.authority.pem())
        .proxy(format!("http://{}", unreachable.local_addr().unwrap()))
        .no_proxy("")
        .retry(RetryPolicy::default().backoff(Duration::from_millis(1)))
        .build()
        .unwrap();
    let read = client.info().await.unwrap_err();
    let write = client.subscribe_plan(2).await.into_result().unwrap_err();
    for error in [read, write] {
        assert!(matches!(error, Error::Connect { .. }) && error.is_retryable(), "{error:?}");
        assert_eq!(error.attempts().len(), 4, "{error}");
        assert!(error.message().contains("the proxy cannot be reached"), "{error}");
        assert!(format!("{error:#}").contains("refused"), "{error:#}");
    }
    assert!(fixture.cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_closes_the_connection_without_a_response_is_retried() {
    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(ProxyMode::Closing).await;
    for client in Client::BOTH {
        let error =
            assert_connect_error(fixture.settings().proxy(proxy.url()).fetch_org_id(client).await, "proxy", client);
        assert!(error.is_retryable(), "{error:?}");
    }
    assert_eq!(proxy.heads().len(), 8, "four attempts for each client");
    assert!(fixture.cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_proxy_fails_at_the_connect_timeout() {
    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(ProxyMode::Silent).await;
    let settings = fixture.settings().proxy(proxy.url_with(PROXY_USER_INFO));
    let settings = Settings { connect_timeout: Duration::from_millis(50), ..settings };
    for client in Client::BOTH {
        let error = settings.fetch_org_id(client).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{client:?}: {error:?}");
        assert_eq!(error.message(), "no connection within the timeout");
        assert_clean(&error);
    }
    assert_eq!(proxy.heads().len(), 8, "four attempts for each client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_does_not_weaken_the_certificate_check() {
    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    let settings = Settings::new(fixture.server.url()).root(&Authority::new("Another CA")).proxy(proxy.url());
    for client in Client::BOTH {
        assert_connect_error(settings.fetch_org_id(client).await, "TLS", client);
    }
    assert_eq!(proxy.heads().len(), 2);
    assert!(fixture.cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_to_the_proxy_can_use_tls() {
    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(AUTHENTICATED).await;
    let mut tls_proxy = TlsServer::start(fixture.authority.issue("localhost"), proxy.address()).await;
    let settings = fixture.settings().proxy(format!("https://{PROXY_USER_INFO}@{}", tls_proxy.authority()));
    for client in Client::BOTH {
        assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
        let connection = tls_proxy.ended().await;
        assert!(connection.plain.contains("CONNECT "), "{client:?}");
        assert!(!connection.wire.contains("CONNECT "), "{client:?}");
    }
    assert_eq!(proxy.heads().len(), 2);
    assert_eq!(fixture.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_proxy_url_disables_the_proxy() {
    let fixture = Fixture::start().await;
    for (client, empty) in Client::BOTH.into_iter().zip(["", " "]) {
        assert_eq!(fixture.settings().proxy(empty).fetch_org_id(client).await.unwrap(), 1, "{client:?}");
    }
    assert_eq!(fixture.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_in_no_proxy_bypass_the_proxy() {
    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    for hosts in ["localhost", "internal.example, localhost", "*"] {
        for client in Client::BOTH {
            let settings = fixture.settings().proxy(proxy.url()).no_proxy(hosts);
            assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{hosts} {client:?}");
        }
    }
    assert!(proxy.heads().is_empty());
    assert_eq!(fixture.cloud.requests().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_still_use_the_proxy() {
    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    for client in Client::BOTH {
        let settings = fixture.settings().proxy(proxy.url()).no_proxy("internal.example,ocalhost,10.0.0.0/8");
        assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
    }
    assert_eq!(proxy.heads().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_loopback_bypasses_the_proxy() {
    let cloud = cloud().await;
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    for client in Client::BOTH {
        let settings = Settings::new(cloud.base_url()).proxy(proxy.url());
        assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
    }
    assert!(proxy.heads().is_empty());
    assert_eq!(cloud.requests().len(), 2);
}

/// Proves that the proxy of these tests would record a request over plain http.
#[tokio::test(flavor = "multi_thread")]
async fn the_test_proxy_forwards_plain_http() {
    let cloud = cloud().await;
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    let proxy_setting = reqwest::Proxy::all(proxy.url()).unwrap();
    let builder = reqwest::Client::builder().proxy(proxy_setting);
    #[cfg(any(feature = "rustls", feature = "aws-lc"))]
    let builder = builder.tls_backend_preconfigured(without_trust_anchors());
    let client = builder.build().unwrap();
    let url = format!("{}org-info", cloud.base_url());
    assert_eq!(client.get(&url).send().await.unwrap().status(), 401);
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("GET {url} HTTP/1.1\r\n")), "{}", heads[0]);
    assert_eq!(cloud.requests().len(), 1);
    assert_eq!(address(&cloud).to_string(), header(&heads[0], "host").unwrap());
}

/// reqwest needs a TLS configuration while the process has no default crypto provider.
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
fn without_trust_anchors() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
