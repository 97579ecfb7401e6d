//! The proxy variables of a process.

use eloq_sdk::Error;

use super::child::in_child;
use super::http_proxy::{HttpProxy, Manner};
use super::{Client, KEY, Lab, PROXY_PASSWORD, PROXY_USER, PROXY_USER_INFO, Settings, assert_clean, cloud};

const GUARDED: Manner = Manner::Guarded(PROXY_USER, PROXY_PASSWORD);

/// Settings that leave all but the test's authority to the variables.
fn from_variables() -> Settings {
    let roots = std::env::var("TEST_CA").into_iter().collect();
    Settings { api_key: None, base_url: None, proxy: None, no_proxy: None, roots, ..Settings::new("") }
}

async fn assert_answers(settings: Settings) {
    for client in Client::BOTH {
        assert_eq!(settings.ask(client).await.unwrap(), 1, "{client:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_variable_leads_https_through_the_proxy() {
    let lab = Lab::start().await;
    let (pem, url) = (lab.authority.pem(), lab.server.url());
    let proxy = HttpProxy::start(GUARDED).await;
    let proxy_url = proxy.url_with(PROXY_USER_INFO);
    let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    for name in names {
        let variables = [("ELOQ_API_KEY", KEY), ("ELOQ_BASE_URL", &url), ("TEST_CA", &pem), (name, &proxy_url)];
        let test = "proxy_variables::each_variable_leads_https_through_the_proxy";
        in_child(test, &variables, async || assert_answers(from_variables()).await).await;
    }
    assert_eq!(proxy.heads().len(), 2 * names.len());
    assert!(proxy.heads().iter().all(|head| head.starts_with("CONNECT ") && !head.contains(KEY)));
    assert_eq!(lab.cloud.requests().len(), 2 * names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_in_no_proxy_are_asked_directly_even_with_an_explicit_proxy() {
    let lab = Lab::start().await;
    let (pem, url) = (lab.authority.pem(), lab.server.url());
    let proxy = HttpProxy::start(Manner::Open).await;
    let proxy_url = proxy.url();
    for name in ["no_proxy", "NO_PROXY"] {
        let variables = [
            ("ELOQ_API_KEY", KEY),
            ("ELOQ_BASE_URL", &url),
            ("TEST_CA", &pem),
            ("HTTPS_PROXY", &proxy_url),
            (name, "internal.example,localhost"),
        ];
        let test = "proxy_variables::hosts_in_no_proxy_are_asked_directly_even_with_an_explicit_proxy";
        let body = async || {
            assert_answers(from_variables()).await;
            assert_answers(from_variables().proxy(std::env::var("HTTPS_PROXY").unwrap())).await;
        };
        in_child(test, &variables, body).await;
    }
    assert!(proxy.heads().is_empty());
    assert_eq!(lab.cloud.requests().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explicit_no_proxy_wins_over_the_variable() {
    let lab = Lab::start().await;
    let (pem, url) = (lab.authority.pem(), lab.server.url());
    let proxy = HttpProxy::start(Manner::Open).await;
    let proxy_url = proxy.url();
    let variables = [
        ("ELOQ_API_KEY", KEY),
        ("ELOQ_BASE_URL", &url),
        ("TEST_CA", &pem),
        ("HTTPS_PROXY", &proxy_url),
        ("NO_PROXY", "localhost"),
    ];
    let test = "proxy_variables::an_explicit_no_proxy_wins_over_the_variable";
    in_child(test, &variables, async || assert_answers(from_variables().no_proxy("")).await).await;
    assert_eq!(proxy.heads().len(), 2);
    assert_eq!(lab.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_proxy_wins_over_the_variables() {
    let lab = Lab::start().await;
    let (pem, url) = (lab.authority.pem(), lab.server.url());
    let proxy = HttpProxy::start(Manner::Open).await;
    let proxy_url = proxy.url();
    let variables = [
        ("ELOQ_API_KEY", KEY),
        ("ELOQ_BASE_URL", &url),
        ("TEST_CA", &pem),
        ("HTTPS_PROXY", &proxy_url),
        ("ALL_PROXY", &proxy_url),
    ];
    let test = "proxy_variables::an_empty_proxy_wins_over_the_variables";
    in_child(test, &variables, async || assert_answers(from_variables().proxy("")).await).await;
    assert!(proxy.heads().is_empty());
    assert_eq!(lab.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_variable_puts_a_proxy_between_plain_http_and_loopback() {
    let cloud = cloud().await;
    let proxy = HttpProxy::start(Manner::Open).await;
    let proxy_url = proxy.url();
    let proxies = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let mut variables = vec![("ELOQ_API_KEY", KEY), ("ELOQ_BASE_URL", cloud.base_url())];
    variables.extend(proxies.map(|name| (name, proxy_url.as_str())));
    let test = "proxy_variables::no_variable_puts_a_proxy_between_plain_http_and_loopback";
    in_child(test, &variables, async || assert_answers(from_variables()).await).await;
    assert!(proxy.heads().is_empty());
    assert_eq!(cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_variable_of_http_is_not_for_https() {
    let lab = Lab::start().await;
    let (pem, url) = (lab.authority.pem(), lab.server.url());
    let proxy = HttpProxy::start(Manner::Open).await;
    let proxy_url = proxy.url();
    let variables = [
        ("ELOQ_API_KEY", KEY),
        ("ELOQ_BASE_URL", &url),
        ("TEST_CA", &pem),
        ("http_proxy", &proxy_url),
        ("HTTP_PROXY", &proxy_url),
    ];
    let test = "proxy_variables::the_variable_of_http_is_not_for_https";
    in_child(test, &variables, async || assert_answers(from_variables()).await).await;
    assert!(proxy.heads().is_empty());
    assert_eq!(lab.cloud.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_is_no_proxy_is_refused_by_its_name() {
    let variables = [("ELOQ_API_KEY", KEY), ("HTTPS_PROXY", "ftp://us%40er:canary%3Apassword@proxy.example")];
    let test = "proxy_variables::a_variable_that_is_no_proxy_is_refused_by_its_name";
    let body = async || {
        for client in Client::BOTH {
            let error = from_variables().ask(client).await.unwrap_err();
            assert!(matches!(&error, Error::Config { setting, .. } if setting == "HTTPS_PROXY"), "{error:?}");
            assert_clean(&error);
        }
    };
    in_child(test, &variables, body).await;
}
