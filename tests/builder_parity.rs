//! Every row of the client page of `elluminate` 1.5.2, and its equivalent in this crate. Both clients run the same code, since
//! names, arguments and results are the same; only `wait!` differs.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "connection/child.rs"]
mod child;
#[path = "connection/http_proxy.rs"]
#[allow(dead_code, reason = "shared with the tests of connections")]
mod http_proxy;
#[path = "connection/tap.rs"]
#[allow(dead_code, reason = "shared with the tests of connections")]
mod tap;
#[path = "connection/tls_server.rs"]
#[allow(dead_code, reason = "shared with the tests of connections")]
mod tls_server;

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{Error, ProjectPolicy, RetryPolicy, VersionCheck};

use self::child::in_child;
use self::http_proxy::{HttpProxy, ProxyMode};
use self::tls_server::{Authority, TlsServer};

macro_rules! awaited {
    ($call:expr) => {
        $call.await
    };
}

macro_rules! blocked {
    ($call:expr) => {
        $call
    };
}

pub(crate) use {awaited, blocked};

/// Makes a test of each row for each client; `$test` is the path of the test.
macro_rules! rows {
    ($($(#[$doc:meta])* $row:ident($test:ident) $body:block)+) => {
        mod asynchronous {
            use eloq_sdk::EloqApi;

            use super::*;
            use super::awaited as wait;

            $(
                $(#[$doc])*
                #[tokio::test(flavor = "multi_thread")]
                async fn $row() {
                    let $test = concat!("asynchronous::", stringify!($row));
                    $body
                }
            )+
        }

        mod synchronous {
            use eloq_sdk::blocking::EloqApi;

            use super::*;
            use super::blocked as wait;

            $(
                $(#[$doc])*
                #[tokio::test(flavor = "multi_thread")]
                async fn $row() {
                    let $test = concat!("synchronous::", stringify!($row));
                    $body
                }
            )+
        }
    };
}

rows! {
    /// `base_url="https://app.elluminate.de"`
    base_url(test) {
        let cloud = cloud().await;
        let origin = cloud.base_url().trim_end_matches("/api/v1/");
        for url in [origin, &format!("{origin}/"), &format!("{origin}/api/v1"), cloud.base_url()] {
            let client = EloqApi::builder().api_key(cloud.api_key()).base_url(url).build().unwrap();
            assert_eq!(wait!(client.info()).unwrap().org_info.org_id, 1, "{url}");
        }
        assert!(cloud.requests().iter().all(|request| request.path() == "/api/v1/org-info"));
        assert_eq!(cloud.requests().len(), 4);

        in_child(test, &[("ELOQ_API_KEY", "some-key")], async || {
            let client = EloqApi::builder().build().unwrap();
            assert!(format!("{client:?}").contains("https://api-prod.eloqdata.com/api/v1"), "{client:?}");
        })
        .await;
    }

    /// `api_key=None`: unset, the client reads the variable.
    api_key(test) {
        let cloud = cloud().await;
        let variables = [("ELOQ_API_KEY", cloud.api_key()), ("ELOQ_BASE_URL", cloud.base_url())];
        in_child(test, &variables, async || {
            wait!(EloqApi::builder().build().unwrap().info()).unwrap();
            let error = wait!(EloqApi::builder().api_key("explicit-key").build().unwrap().info()).unwrap_err();
            assert!(matches!(error, Error::Authentication { .. }), "{error:?}");
        })
        .await;
        assert_eq!(authorizations(&cloud), [cloud.api_key(), "explicit-key"]);
    }

    /// `token=None`: unset, the client reads the variable.
    token(test) {
        let cloud = cloud().await;
        let variables = [("ELOQ_OAUTH_TOKEN", TOKEN), ("ELOQ_BASE_URL", cloud.base_url())];
        in_child(test, &variables, async || {
            wait!(EloqApi::builder().build().unwrap().info()).unwrap();
            let error = wait!(EloqApi::builder().token("explicit-token").build().unwrap().info()).unwrap_err();
            assert!(matches!(error, Error::Authentication { .. }), "{error:?}");
        })
        .await;
        assert_eq!(authorizations(&cloud), [&format!("Bearer {TOKEN}"), "Bearer explicit-token"]);
    }

    /// Given both credentials, the client uses the key; given either, it reads no variable.
    api_key_and_token(test) {
        let cloud = cloud().await;
        let variables = [("ELOQ_API_KEY", cloud.api_key()), ("ELOQ_BASE_URL", cloud.base_url())];
        in_child(test, &variables, async || {
            wait!(EloqApi::builder().token(TOKEN).build().unwrap().info()).unwrap();
            let error = wait!(EloqApi::builder().token(TOKEN).api_key("other").build().unwrap().info()).unwrap_err();
            assert!(matches!(error, Error::Authentication { .. }), "{error:?}");
        })
        .await;
        assert_eq!(authorizations(&cloud), [&format!("Bearer {TOKEN}"), "other"]);
    }

    /// `project_id=None`
    project_id(_test) {
        let cloud = cloud().await;
        let builder = EloqApi::builder().token(TOKEN).base_url(cloud.base_url());
        let client = wait!(builder.clone().project_id(148).connect()).unwrap();
        assert!(wait!(client.cluster("seeded")).unwrap_err().is_not_found());
        assert!(wait!(client.with_project(147).cluster("seeded")).is_ok());
        assert_eq!(requested_projects(&cloud), ["148", "147"]);

        for builder in [builder.clone().project_id(999), builder] {
            let error = wait!(builder.connect()).unwrap_err();
            assert!(matches!(&error, Error::Config { setting, .. } if setting == "project_id"), "{error:?}");
            assert!(error.to_string().contains("147 (project1), 148 (staging)"), "{error}");
        }
    }

    /// `project_id` with a key: this crate does not ignore it.
    project_id_with_a_key(_test) {
        let cloud = cloud().await;
        let builder = EloqApi::builder().api_key(cloud.api_key()).base_url(cloud.base_url());
        assert!(wait!(wait!(builder.clone().project_id(148).connect()).unwrap().cluster("seeded")).is_err());
        assert!(wait!(wait!(builder.connect()).unwrap().cluster("seeded")).is_ok());
        assert_eq!(requested_projects(&cloud), ["148", "147"]);
    }

    /// `fallback_to_newest=False`, which the page does not list.
    fallback_to_newest(_test) {
        let cloud = cloud().await;
        let builder = EloqApi::builder().token(TOKEN).base_url(cloud.base_url());
        let client = wait!(builder.project_policy(ProjectPolicy::Newest).connect()).unwrap();
        assert!(wait!(client.cluster("seeded")).unwrap_err().is_not_found());
        assert_eq!(requested_projects(&cloud), ["148"]);
    }

    /// `api_key_env="ELLUMINATE_API_KEY"`
    api_key_env(test) {
        let cloud = cloud().await;
        let variables =
            [("MY_KEY", cloud.api_key()), ("ELOQ_API_KEY", "another-key"), ("ELOQ_BASE_URL", cloud.base_url())];
        in_child(test, &variables, async || {
            wait!(EloqApi::builder().api_key_env("MY_KEY").build().unwrap().info()).unwrap();
        })
        .await;
        assert_eq!(authorizations(&cloud), [cloud.api_key()]);
    }

    /// `token_env="ELLUMINATE_OAUTH_TOKEN"`
    token_env(test) {
        let cloud = cloud().await;
        let variables =
            [("MY_TOKEN", TOKEN), ("ELOQ_OAUTH_TOKEN", "another-token"), ("ELOQ_BASE_URL", cloud.base_url())];
        in_child(test, &variables, async || {
            wait!(EloqApi::builder().token_env("MY_TOKEN").build().unwrap().info()).unwrap();
        })
        .await;
        assert_eq!(authorizations(&cloud), [format!("Bearer {TOKEN}")]);
    }

    /// `base_url_env="ELLUMINATE_BASE_URL"`: an explicit `base_url` wins, as in the code of the page's SDK and unlike its text.
    base_url_env(test) {
        let (named, explicit) = (cloud().await, cloud().await);
        let variables = [
            ("MY_URL", named.base_url()),
            ("ELOQ_BASE_URL", "https://not-this-one.invalid"),
            ("EXPLICIT", explicit.base_url()),
        ];
        in_child(test, &variables, async || {
            let builder = EloqApi::builder().token(TOKEN).base_url_env("MY_URL");
            wait!(builder.clone().build().unwrap().info()).unwrap();
            let builder = builder.base_url(std::env::var("EXPLICIT").unwrap());
            wait!(builder.build().unwrap().info()).unwrap();
        })
        .await;
        assert_eq!((named.requests().len(), explicit.requests().len()), (1, 1));
    }

    /// `timeout=120.0`
    timeout(test) {
        let cloud = cloud().await;
        cloud.inject(Fault::on_any().always().latency(Duration::from_secs(3600)));
        let variables =
            [("ELOQ_OAUTH_TOKEN", TOKEN), ("ELOQ_BASE_URL", cloud.base_url()), ("ELOQ_TIMEOUT", "50ms")];
        in_child(test, &variables, async || {
            for builder in [EloqApi::builder(), EloqApi::builder().timeout(Duration::from_millis(60))] {
                let error = wait!(builder.build().unwrap().info()).unwrap_err();
                assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
            }
        })
        .await;
    }

    /// `proxy=None`: an empty value disables the proxy. Unset, the client reads the proxy variables, as in the code of the page's
    /// SDK and unlike its text.
    proxy(test) {
        let cloud = cloud().await;
        let authority = Authority::new("Test CA");
        let server = TlsServer::start(authority.issue("localhost"), address(&cloud)).await;
        let proxy = HttpProxy::start(ProxyMode::Authenticated("user", "p@ss")).await;
        let (pem, url, proxy_url) = (authority.pem(), server.url(), proxy.url_with("user:p%40ss"));
        let variables = [
            ("ELOQ_OAUTH_TOKEN", TOKEN),
            ("ELOQ_BASE_URL", &url),
            ("HTTPS_PROXY", "http://localhost:1"),
            ("PEM", &pem),
            ("EXPLICIT", &proxy_url),
        ];
        in_child(test, &variables, async || {
            let variable = |name| std::env::var(name).unwrap();
            let builder = EloqApi::builder().add_root_certificate(variable("PEM"));
            wait!(builder.clone().proxy(variable("EXPLICIT")).build().unwrap().info()).unwrap();
            wait!(builder.clone().proxy("").build().unwrap().info()).unwrap();
            assert!(wait!(builder.build().unwrap().info()).unwrap_err().is_connect());
        })
        .await;
        assert_eq!(proxy.heads().len(), 1);
        assert_eq!(cloud.requests().len(), 2);
    }

    /// `retry_config=None`, which the page does not list.
    retry_config(_test) {
        let cloud = cloud().await;
        cloud.inject(Fault::on_any().always().status(503));
        let builder = EloqApi::builder().api_key(cloud.api_key()).base_url(cloud.base_url());
        for (policy, requests) in [(RetryPolicy::none(), 1), (RetryPolicy::default().max_retries(2), 3)] {
            cloud.clear_requests();
            let policy = policy.backoff(Duration::from_millis(1));
            wait!(builder.clone().retry(policy).build().unwrap().info()).unwrap_err();
            assert_eq!(cloud.requests().len(), requests);
        }
    }

    /// `skip_version_check=False`
    skip_version_check(_test) {
        let cloud = cloud().await;
        let builder = EloqApi::builder().api_key(cloud.api_key()).base_url(cloud.base_url());
        wait!(builder.clone().connect()).unwrap();
        assert_eq!(cloud.requests().len(), 1, "the version check resolves the project as well");
        wait!(builder.clone().skip_version_check(true).connect()).unwrap();
        assert_eq!(cloud.requests().len(), 2);

        // The version check ignores its errors; without the check, the first request resolves the project.
        cloud.inject(Fault::on(Operation::OrgInfo).status(410));
        wait!(builder.clone().connect()).unwrap();
        assert_eq!(cloud.requests().len(), 4);
        cloud.inject(Fault::on(Operation::OrgInfo).status(410));
        assert_eq!(wait!(builder.skip_version_check(true).connect()).unwrap_err().status(), Some(410));
        assert_eq!(cloud.requests().len(), 5);
    }

    /// Unlike the page's constructor, `build()` sends nothing.
    construction_without_a_request(_test) {
        let cloud = cloud().await;
        EloqApi::builder().api_key(cloud.api_key()).base_url(cloud.base_url()).build().unwrap();
        assert!(cloud.requests().is_empty());
    }

    /// `ValueError`: neither a key nor a token.
    value_error(test) {
        in_child(test, &[("ELOQ_API_KEY", " "), ("ELOQ_OAUTH_TOKEN", "")], async || {
            let error = EloqApi::builder().build().unwrap_err();
            assert!(matches!(error, Error::Config { .. }), "{error:?}");
            assert!(error.to_string().contains("ELOQ_API_KEY, ELOQ_API_TOKEN and ELOQ_OAUTH_TOKEN"), "{error}");
            let error = EloqApi::builder().api_key_env("MY_KEY").token_env("MY_TOKEN").build().unwrap_err();
            assert!(error.to_string().contains("MY_KEY, ELOQ_API_TOKEN and MY_TOKEN"), "{error}");
        })
        .await;
        let error = EloqApi::builder().api_key("").build().unwrap_err();
        assert!(matches!(&error, Error::Config { setting, .. } if setting == "api_key"), "{error:?}");
    }

    /// `check_version()`: never fails, and returns its finding here.
    check_version(_test) {
        let cloud = cloud().await;
        let client = EloqApi::from_key_and_url(cloud.api_key(), cloud.base_url()).unwrap();
        assert_eq!(wait!(client.check_version()), VersionCheck::Compatible);

        cloud.inject(Fault::on_any().header("Deprecation", "@1688169599").header("Sunset", SUNSET));
        let found = wait!(client.check_version());
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert!(matches!(found, VersionCheck::Deprecated { sunset: Some(at), .. } if at == end), "{found:?}");

        for fault in [Fault::on_any().status(410), Fault::on_any().status(426), Fault::on_any().wrong_schema()] {
            cloud.inject(fault);
            assert_eq!(wait!(client.check_version()), VersionCheck::Incompatible);
        }
        for fault in [Fault::on_any().status(503), Fault::on_any().status(401), Fault::on_any().drop_before()] {
            cloud.inject(fault);
            assert_eq!(wait!(client.check_version()), VersionCheck::Unknown);
        }
        assert_eq!(cloud.requests().len(), 8, "one request per check");
    }

    /// `close()`: closes the connections, and later calls fail.
    close(_test) {
        let (cloud, mut server, pem) = behind_tls().await;
        let builder = EloqApi::builder().api_key(cloud.api_key()).base_url(server.url()).proxy("");
        let client = builder.add_root_certificate(pem).build().unwrap();
        let clone = client.clone();
        wait!(client.info()).unwrap();
        client.close();
        soon(server.ended()).await;
        for client in [&client, &clone, &client.with_project(147)] {
            assert!(matches!(wait!(client.info()), Err(Error::Closed)));
        }
        client.close();
        assert_eq!(wait!(client.check_version()), VersionCheck::Unknown);
        assert_eq!(cloud.requests().len(), 1);
    }

    /// `with Client(…) as client:` is a scope: dropping the client at its end closes the connections.
    context_use(_test) {
        let (cloud, mut server, pem) = behind_tls().await;
        {
            let builder = EloqApi::builder().api_key(cloud.api_key()).base_url(server.url()).proxy("");
            let client = wait!(builder.add_root_certificate(pem).connect()).unwrap();
            wait!(client.info()).unwrap();
            assert_eq!(server.more_ended(), 0);
        }
        soon(server.ended()).await;
        assert_eq!(cloud.requests().len(), 2);
    }
}

const TOKEN: &str = "oauth-token";
const SUNSET: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// An account with two projects, for a key and for a token, and a cluster in the first.
async fn cloud() -> Simulator {
    Simulator::builder().token(TOKEN).project(148, "staging").cluster("seeded").start().await.unwrap()
}

/// A TLS server, which reports the end of its connections, and the PEM of its authority.
async fn behind_tls() -> (Simulator, TlsServer, String) {
    let cloud = cloud().await;
    let authority = Authority::new("Test CA");
    let server = TlsServer::start(authority.issue("localhost"), address(&cloud)).await;
    (cloud, server, authority.pem())
}

fn address(cloud: &Simulator) -> SocketAddr {
    let (address, _) = cloud.base_url().trim_start_matches("http://").split_once('/').unwrap();
    address.parse().unwrap()
}

fn authorizations(cloud: &Simulator) -> Vec<String> {
    let requests = cloud.requests();
    requests.iter().map(|request| request.header("authorization").unwrap_or_default().to_owned()).collect()
}

/// The projects of the describe requests.
fn requested_projects(cloud: &Simulator) -> Vec<String> {
    let requests = cloud.requests();
    let described = requests.iter().filter(|request| request.operation() == Some(Operation::DescribeCluster));
    described.map(|request| request.path().split('/').nth(6).unwrap_or_default().to_owned()).collect()
}

/// The time limit is well below the idle timeout of the connection pool.
async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), event).await.expect("the event comes in time")
}
