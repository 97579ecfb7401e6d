//! What goes through a proxy, and what the proxy gets to see.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use eloq_sdk::Error;
use tokio::net::TcpSocket;

use super::http_proxy::{HttpProxy, Manner, header};
use super::tls_server::{Authority, TlsServer};
use super::{Client, KEY, Lab, PROXY_PASSWORD, PROXY_USER, PROXY_USER_INFO, Settings};
use super::{address, assert_clean, assert_connect, cloud};

const GUARDED: Manner = Manner::Guarded(PROXY_USER, PROXY_PASSWORD);

#[tokio::test(flavor = "multi_thread")]
async fn https_goes_through_a_tunnel_and_the_proxy_sees_the_host_alone() {
    let mut lab = Lab::start().await;
    let proxy = HttpProxy::start(Manner::Open).await;
    let settings = lab.settings().proxy(proxy.url());
    for client in Client::BOTH {
        assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
        assert!(lab.server.ended().await.plain.contains(KEY), "{client:?}");
    }
    let heads = proxy.heads();
    assert_eq!(heads.len(), 2);
    for head in &heads {
        let authority = lab.server.authority();
        assert!(head.starts_with(&format!("CONNECT {authority} HTTP/1.1\r\n")), "{head}");
        assert_eq!(header(head, "host"), Some(authority.as_str()));
        assert_eq!((header(head, "authorization"), header(head, "proxy-authorization")), (None, None));
        assert!(!head.contains(KEY), "{head}");
    }
    assert!(!proxy.tunnelled().bytes().is_empty());
    assert!(!proxy.tunnelled().contains(KEY));
    assert!(!proxy.tunnelled().contains("org-info"));
    assert_eq!(lab.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_decoded_from_the_url_and_reach_the_proxy_alone() {
    let lab = Lab::start().await;
    let proxy = HttpProxy::start(GUARDED).await;
    let settings = lab.settings().proxy(proxy.url_with(PROXY_USER_INFO));
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{PROXY_USER}:{PROXY_PASSWORD}")));
    for client in Client::BOTH {
        assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
    }
    let heads = proxy.heads();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| header(head, "proxy-authorization") == Some(expected.as_str())));
    let requests = lab.cloud.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.header("proxy-authorization").is_none()));
    assert!(requests.iter().all(|request| request.header("authorization") == Some(KEY)));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_or_missing_credentials_are_the_proxys_refusal() {
    let lab = Lab::start().await;
    for user_info in [None, Some("us%40er:canary%3Awrong"), Some("us%40er")] {
        let proxy = HttpProxy::start(GUARDED).await;
        let url = user_info.map_or_else(|| proxy.url(), |user_info| proxy.url_with(user_info));
        for client in Client::BOTH {
            assert_connect(lab.settings().proxy(&url).ask(client).await, "proxy", client);
        }
        assert_eq!(proxy.heads().len(), 2, "{user_info:?}: one attempt a call");
        assert!(proxy.tunnelled().bytes().is_empty());
    }
    assert!(lab.cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_cannot_reach_the_host_is_told_apart_from_the_service() {
    let lab = Lab::start().await;
    let proxy = HttpProxy::start(Manner::Refusing("503 Service Unavailable")).await;
    for client in Client::BOTH {
        assert_connect(lab.settings().proxy(proxy.url()).ask(client).await, "proxy", client);
    }
    assert_eq!(proxy.heads().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_proxy_is_never_gone_around() {
    let lab = Lab::start().await;
    // Bound, so that nobody else gets the port, and deaf.
    let dead = TcpSocket::new_v4().unwrap();
    dead.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let settings = lab.settings().proxy(format!("http://{PROXY_USER_INFO}@{}", dead.local_addr().unwrap()));
    for client in Client::BOTH {
        assert_connect(settings.ask(client).await, "proxy", client);
    }
    assert!(lab.cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_never_answers_takes_as_long_as_connecting_may() {
    let lab = Lab::start().await;
    let proxy = HttpProxy::start(Manner::Silent).await;
    let settings = lab.settings().proxy(proxy.url_with(PROXY_USER_INFO));
    let settings = Settings { connect_timeout: Duration::from_millis(50), ..settings };
    for client in Client::BOTH {
        let error = settings.ask(client).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{client:?}: {error:?}");
        assert_eq!(error.message(), "no connection within the timeout");
        assert_clean(&error);
    }
    assert_eq!(proxy.heads().len(), 8, "four attempts for each client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_does_not_weaken_the_check_of_the_server() {
    let lab = Lab::start().await;
    let proxy = HttpProxy::start(Manner::Open).await;
    let settings = Settings::new(lab.server.url()).root(&Authority::new("Another CA")).proxy(proxy.url());
    for client in Client::BOTH {
        assert_connect(settings.ask(client).await, "TLS", client);
    }
    assert_eq!(proxy.heads().len(), 2);
    assert!(lab.cloud.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_the_proxy_can_be_tls_as_well() {
    let lab = Lab::start().await;
    let proxy = HttpProxy::start(GUARDED).await;
    let mut front = TlsServer::start(lab.authority.issue("localhost"), proxy.address()).await;
    let settings = lab.settings().proxy(format!("https://{PROXY_USER_INFO}@{}", front.authority()));
    for client in Client::BOTH {
        assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
        let conversation = front.ended().await;
        assert!(conversation.plain.contains("CONNECT "), "{client:?}");
        assert!(!conversation.wire.contains("CONNECT "), "{client:?}");
    }
    assert_eq!(proxy.heads().len(), 2);
    assert_eq!(lab.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_proxy_is_none() {
    let lab = Lab::start().await;
    for (client, none) in Client::BOTH.into_iter().zip(["", " "]) {
        assert_eq!(lab.settings().proxy(none).ask(client).await.unwrap(), 1, "{client:?}");
    }
    assert_eq!(lab.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_need_no_proxy_are_asked_directly() {
    let lab = Lab::start().await;
    let proxy = HttpProxy::start(Manner::Open).await;
    for hosts in ["localhost", "internal.example, localhost", "*"] {
        for client in Client::BOTH {
            let settings = lab.settings().proxy(proxy.url()).no_proxy(hosts);
            assert_eq!(settings.ask(client).await.unwrap(), 1, "{hosts} {client:?}");
        }
    }
    assert!(proxy.heads().is_empty());
    assert_eq!(lab.cloud.requests().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_still_go_through_the_proxy() {
    let lab = Lab::start().await;
    let proxy = HttpProxy::start(Manner::Open).await;
    for client in Client::BOTH {
        let settings = lab.settings().proxy(proxy.url()).no_proxy("internal.example,ocalhost,10.0.0.0/8");
        assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
    }
    assert_eq!(proxy.heads().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_loopback_goes_past_the_proxy() {
    let cloud = cloud().await;
    let proxy = HttpProxy::start(Manner::Open).await;
    for client in Client::BOTH {
        let settings = Settings::new(cloud.base_url()).proxy(proxy.url());
        assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
    }
    assert!(proxy.heads().is_empty());
    assert_eq!(cloud.requests().len(), 2);
}

/// Without it, a proxy that sees nothing would prove nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_these_tests_forwards_plain_http_to_those_who_ask() {
    let cloud = cloud().await;
    let proxy = HttpProxy::start(Manner::Open).await;
    let through = reqwest::Proxy::all(proxy.url()).unwrap();
    let builder = reqwest::Client::builder().proxy(through);
    #[cfg(any(feature = "rustls", feature = "aws-lc"))]
    let builder = builder.tls_backend_preconfigured(trusting_nobody());
    let client = builder.build().unwrap();
    let url = format!("{}org-info", cloud.base_url());
    assert_eq!(client.get(&url).send().await.unwrap().status(), 401);
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("GET {url} HTTP/1.1\r\n")), "{}", heads[0]);
    assert_eq!(cloud.requests().len(), 1);
    assert_eq!(address(&cloud).to_string(), header(&heads[0], "host").unwrap());
}

/// What reqwest needs to be given while no provider is chosen for the whole process.
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
fn trusting_nobody() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
