//! An HTTP proxy: CONNECT for https and forwarding for http, with or without credentials.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::tap::{Captured, Tap};

pub struct HttpProxy {
    address: SocketAddr,
    captured: Arc<Record>,
    _connections: JoinSet<()>,
}

#[derive(Default)]
struct Record {
    heads: Mutex<Vec<String>>,
    tunnelled: Captured,
}

/// How the proxy handles requests.
#[derive(Clone, Copy)]
pub enum ProxyMode {
    Open,
    /// Requires this user and password.
    Authenticated(&'static str, &'static str),
    /// Responds with this status.
    Rejecting(&'static str),
    /// Never responds.
    Silent,
    /// Closes the connection instead of responding.
    Closing,
}

impl HttpProxy {
    pub async fn start(mode: ProxyMode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let captured = Arc::new(Record::default());
        let record = captured.clone();
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(handle(stream, mode, record.clone()));
            }
        });
        Self { address, captured, _connections: accepting }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn url_with(&self, user_info: &str) -> String {
        format!("http://{user_info}@{}", self.address)
    }

    /// The heads of all requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.captured.heads.lock().unwrap().clone()
    }

    /// The bytes that clients sent through tunnels.
    pub fn tunnelled(&self) -> &Captured {
        &self.captured.tunnelled
    }
}

async fn handle(mut client: TcpStream, mode: ProxyMode, record: Arc<Record>) {
    let Some(head) = read_head(&mut client).await else { return };
    record.heads.lock().unwrap().push(head.clone());
    let rejection = match mode {
        ProxyMode::Open => None,
        ProxyMode::Authenticated(user, password) => {
            let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
            let authorized = header(&head, "proxy-authorization") == Some(expected.as_str());
            (!authorized).then_some("407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"test\"")
        }
        ProxyMode::Rejecting(status) => Some(status),
        ProxyMode::Silent => std::future::pending().await,
        ProxyMode::Closing => return,
    };
    if let Some(status) = rejection {
        let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let _ = client.write_all(response.as_bytes()).await;
        return;
    }
    let (request_line, fields) = head.split_once("\r\n").unwrap();
    let mut words = request_line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    if method == "CONNECT" {
        let Ok(mut server) = TcpStream::connect(target).await else { return };
        if client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
            let _ = copy_bidirectional(&mut Tap::new(client, &record.tunnelled), &mut server).await;
        }
        return;
    }
    let (host, path) = target.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut server = TcpStream::connect(host).await.unwrap();
    let forwarded = format!("{method} /{path} HTTP/1.1\r\n{fields}");
    if server.write_all(forwarded.as_bytes()).await.is_ok() {
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

/// The value of a header.
pub fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Reads up to the empty line and no further.
async fn read_head(client: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}
