//! What this crate and its dependencies log about a connection.

use std::io;
use std::sync::{Arc, Mutex};

use eloq_sdk::EloqApi;
use tracing_subscriber::fmt::format::FmtSpan;

use super::http_proxy::{HttpProxy, ProxyMode};
use super::tls_server::Authority;
use super::{CANARIES, Client, Fixture, KEY, PROXY_PASSWORD, PROXY_USER, PROXY_USER_INFO, Settings};

#[derive(Clone, Default)]
struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_debug_text_of_a_client_contains_no_credential() {
    let proxy = format!("http://{PROXY_USER_INFO}@localhost:1");
    let client = EloqApi::builder().api_key(KEY).base_url("https://localhost").proxy(proxy).build().unwrap();
    let text = format!("{client:?} {client:#?} {:?} {:#?}", client.raw(), client.raw());
    assert!(CANARIES.iter().all(|canary| !text.contains(canary)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_of_any_crate_at_any_level_contains_a_credential() {
    let buffer = LogBuffer::default();
    let writer = buffer.clone();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_span_events(FmtSpan::FULL);
    // For the whole process, since threads of several runtimes make connections.
    log.with_writer(move || writer.clone()).init();

    let fixture = Fixture::start().await;
    let proxy = HttpProxy::start(ProxyMode::Authenticated(PROXY_USER, PROXY_PASSWORD)).await;
    let good = fixture.settings().proxy(proxy.url_with(PROXY_USER_INFO));
    let rejected = fixture.settings().proxy(proxy.url_with("us%40er:canary%3Awrong"));
    let untrusted = Settings::new(fixture.server.url()).root(&Authority::new("Another CA"));
    for client in Client::BOTH {
        assert!(good.fetch_org_id(client).await.is_ok(), "{client:?}");
        assert!(rejected.fetch_org_id(client).await.is_err(), "{client:?}");
        assert!(untrusted.fetch_org_id(client).await.is_err(), "{client:?}");
    }

    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    for part in ["eloq.attempt", "reqwest", "intercepts", "the call failed"] {
        assert!(text.contains(part), "{part} is not in the log");
    }
    for canary in CANARIES {
        let line = text.lines().find(|line| line.contains(canary));
        assert_eq!(line, None, "{canary}");
    }
}
