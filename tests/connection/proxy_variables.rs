//! The proxy environment variables.

use eloq_sdk::Error;

use super::child::in_child;
use super::http_proxy::{HttpProxy, ProxyMode};
use super::{Client, Fixture, KEY, PROXY_PASSWORD, PROXY_USER, PROXY_USER_INFO, Settings, assert_clean, cloud};

const AUTHENTICATED: ProxyMode = ProxyMode::Authenticated(PROXY_USER, PROXY_PASSWORD);

/// Settings that take everything but the authority of the test from the variables.
fn from_variables() -> Settings {
    let roots = std::env::var("TEST_CA").into_iter().collect();
    Settings { api_key: None, base_url: None, proxy: None, no_proxy: None, roots, ..Settings::new("") }
}

async fn assert_reachable(settings: Settings) {
    for client in Client::BOTH {
        assert_eq!(settings.fetch_org_id(client).await.unwrap(), 1, "{client:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn https_uses_the_proxy_of_each_variable() {
    let fixture = Fixture::start().await;
    let (pem, url) = (fixture.authority.pem(), fixture.server.url());
    let proxy = HttpProxy::start(AUTHENTICATED).await;
    let proxy_url = proxy.url_with(PROXY_USER_INFO);
    let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    for name in names {
        let variables = [("ELOQ_API_KEY", KEY), ("ELOQ_BASE_URL", &url), ("TEST_CA", &pem), (name, &proxy_url)];
        let test = "proxy_variables::https_uses_the_proxy_of_each_variable";
        in_child(test, &variables, async || assert_reachable(from_variables()).await).await;
    }
    assert_eq!(proxy.heads().len(), 2 * names.len());
    assert!(proxy.heads().iter().all(|head| head.starts_with("CONNECT ") && !head.contains(KEY)));
    assert_eq!(fixture.cloud.requests().len(), 2 * names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_in_the_no_proxy_variable_bypass_even_an_explicit_proxy() {
    let fixture = Fixture::start().await;
    let (pem, url) = (fixture.authority.pem(), fixture.server.url());
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    let proxy_url = proxy.url();
    for name in ["no_proxy", "NO_PROXY"] {
        let variables = [
            ("ELOQ_API_KEY", KEY),
            ("ELOQ_BASE_URL", &url),
            ("TEST_CA", &pem),
            ("HTTPS_PROXY", &proxy_url),
            (name, "internal.example,localhost"),
        ];
        let test = "proxy_variables::hosts_in_the_no_proxy_variable_bypass_even_an_explicit_proxy";
        let body = async || {
            assert_reachable(from_variables()).await;
            assert_reachable(from_variables().proxy(std::env::var("HTTPS_PROXY").unwrap())).await;
        };
        in_child(test, &variables, body).await;
    }
    assert!(proxy.heads().is_empty());
    assert_eq!(fixture.cloud.requests().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explicit_no_proxy_overrides_the_variable() {
    let fixture = Fixture::start().await;
    let (pem, url) = (fixture.authority.pem(), fixture.server.url());
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    let proxy_url = proxy.url();
    let variables = [
        ("ELOQ_API_KEY", KEY),
        ("ELOQ_BASE_URL", &url),
        ("TEST_CA", &pem),
        ("HTTPS_PROXY", &proxy_url),
        ("NO_PROXY", "localhost"),
    ];
    let test = "proxy_variables::an_explicit_no_proxy_overrides_the_variable";
    in_child(test, &variables, async || assert_reachable(from_variables().no_proxy("")).await).await;
    assert_eq!(proxy.heads().len(), 2);
    assert_eq!(fixture.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_proxy_url_overrides_the_variables() {
    let fixture = Fixture::start().await;
    let (pem, url) = (fixture.authority.pem(), fixture.server.url());
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    let proxy_url = proxy.url();
    let variables = [
        ("ELOQ_API_KEY", KEY),
        ("ELOQ_BASE_URL", &url),
        ("TEST_CA", &pem),
        ("HTTPS_PROXY", &proxy_url),
        ("ALL_PROXY", &proxy_url),
    ];
    let test = "proxy_variables::an_empty_proxy_url_overrides_the_variables";
    in_child(test, &variables, async || assert_reachable(from_variables().proxy("")).await).await;
    assert!(proxy.heads().is_empty());
    assert_eq!(fixture.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_loopback_ignores_the_proxy_variables() {
    let cloud = cloud().await;
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    let proxy_url = proxy.url();
    let proxies = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let mut variables = vec![("ELOQ_API_KEY", KEY), ("ELOQ_BASE_URL", cloud.base_url())];
    variables.extend(proxies.map(|name| (name, proxy_url.as_str())));
    let test = "proxy_variables::plain_http_on_loopback_ignores_the_proxy_variables";
    in_child(test, &variables, async || assert_reachable(from_variables()).await).await;
    assert!(proxy.heads().is_empty());
    assert_eq!(cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_http_proxy_variable_does_not_apply_to_https() {
    let fixture = Fixture::start().await;
    let (pem, url) = (fixture.authority.pem(), fixture.server.url());
    let proxy = HttpProxy::start(ProxyMode::Open).await;
    let proxy_url = proxy.url();
    let variables = [
        ("ELOQ_API_KEY", KEY),
        ("ELOQ_BASE_URL", &url),
        ("TEST_CA", &pem),
        ("http_proxy", &proxy_url),
        ("HTTP_PROXY", &proxy_url),
    ];
    let test = "proxy_variables::the_http_proxy_variable_does_not_apply_to_https";
    in_child(test, &variables, async || assert_reachable(from_variables()).await).await;
    assert!(proxy.heads().is_empty());
    assert_eq!(fixture.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_names_the_variable_with_an_invalid_proxy_url() {
    let variables = [("ELOQ_API_KEY", KEY), ("HTTPS_PROXY", "ftp://us%40er:canary%3Apassword@proxy.example")];
    let test = "proxy_variables::an_error_names_the_variable_with_an_invalid_proxy_url";
    let body = async || {
        for client in Client::BOTH {
            let error = from_variables().fetch_org_id(client).await.unwrap_err();
            assert!(matches!(&error, Error::Config { setting, .. } if setting == "HTTPS_PROXY"), "{error:?}");
            assert_clean(&error);
        }
    };
    in_child(test, &variables, body).await;
}
