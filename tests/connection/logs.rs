//! What is logged about a connection, by this crate and by those below it.

use std::io;
use std::sync::{Arc, Mutex};

use eloq_sdk::EloqApi;
use tracing_subscriber::fmt::format::FmtSpan;

use super::http_proxy::{HttpProxy, Manner};
use super::tls_server::Authority;
use super::{CANARIES, Client, KEY, Lab, PROXY_PASSWORD, PROXY_USER, PROXY_USER_INFO, Settings};

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_client_with_a_proxy_prints_no_credential() {
    let proxy = format!("http://{PROXY_USER_INFO}@localhost:1");
    let client = EloqApi::builder().api_key(KEY).base_url("https://localhost").proxy(proxy).build().unwrap();
    let text = format!("{client:?} {client:#?} {:?} {:#?}", client.raw(), client.raw());
    assert!(CANARIES.iter().all(|canary| !text.contains(canary)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_of_any_crate_at_any_level_has_a_credential() {
    let paper = Paper::default();
    let writer = paper.clone();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_span_events(FmtSpan::FULL);
    // For the whole process: connections are made on threads of the runtimes.
    log.with_writer(move || writer.clone()).init();

    let lab = Lab::start().await;
    let proxy = HttpProxy::start(Manner::Guarded(PROXY_USER, PROXY_PASSWORD)).await;
    let good = lab.settings().proxy(proxy.url_with(PROXY_USER_INFO));
    let refused = lab.settings().proxy(proxy.url_with("us%40er:canary%3Awrong"));
    let untrusted = Settings::new(lab.server.url()).root(&Authority::new("Another CA"));
    for client in Client::BOTH {
        assert!(good.ask(client).await.is_ok(), "{client:?}");
        assert!(refused.ask(client).await.is_err(), "{client:?}");
        assert!(untrusted.ask(client).await.is_err(), "{client:?}");
    }

    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    for part in ["eloq.attempt", "reqwest", "intercepts", "the call failed"] {
        assert!(text.contains(part), "{part} was to be logged");
    }
    for canary in CANARIES {
        let line = text.lines().find(|line| line.contains(canary));
        assert_eq!(line, None, "{canary}");
    }
}
