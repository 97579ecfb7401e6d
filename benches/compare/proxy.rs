//! A proxy on loopback that counts and records what a client sends. Times are measured without it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::Outcome;

/// What one connection carried since the last [`Proxy::clear`].
#[derive(Clone, Default)]
pub struct Carried {
    /// Whether it was opened since then.
    pub is_new: bool,
    pub sent: Vec<u8>,
    pub received: usize,
}

type Log = Arc<Mutex<Vec<Carried>>>;

pub struct Proxy {
    address: SocketAddr,
    log: Log,
    _connections: JoinSet<()>,
}

impl Proxy {
    pub async fn start(upstream: SocketAddr) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, log) = (listener.local_addr()?, Log::default());
        let mut accepting = JoinSet::new();
        let log_of_connections = log.clone();
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let log = log_of_connections.clone();
                connections.spawn(async move {
                    // It fails when a side closes the connection.
                    let _ = carry(client, upstream, log).await;
                });
            }
        });
        Ok(Self { address, log, _connections: accepting })
    }

    /// The base URL of the service by way of this proxy.
    pub fn base(&self, base: &str) -> Outcome<String> {
        Ok(base.replacen(&format!(":{}", port(base)?), &format!(":{}", self.address.port()), 1))
    }

    /// Forgets what was carried, but not which connections there are.
    pub fn clear(&self) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter_mut().for_each(|carried| *carried = Carried::default());
    }

    /// The connections that carried anything.
    pub fn carried(&self) -> Vec<Carried> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().filter(|carried| carried.is_new || !carried.sent.is_empty()).cloned().collect()
    }
}

async fn carry(client: TcpStream, upstream: SocketAddr, log: Log) -> Outcome<()> {
    let server = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let number = {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(Carried { is_new: true, ..Carried::default() });
        log.len() - 1
    };
    let update = |change: &dyn Fn(&mut Carried)| {
        change(&mut log.lock().unwrap_or_else(PoisonError::into_inner)[number]);
    };
    let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
    let out = copy(client_in, server_out, |bytes| update(&|carried| carried.sent.extend_from_slice(bytes)));
    let back = copy(server_in, client_out, |bytes| update(&|carried| carried.received += bytes.len()));
    tokio::try_join!(out, back)?;
    Ok(())
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, seen: impl Fn(&[u8])) -> Outcome<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            to.shutdown().await?;
            return Ok(());
        }
        seen(&buffer[..length]);
        to.write_all(&buffer[..length]).await?;
    }
}

/// The port of a base URL.
pub fn port(base: &str) -> Outcome<u16> {
    let after = base.rsplit_once(':').ok_or("no port")?.1;
    Ok(after.split('/').next().unwrap_or_default().parse()?)
}

/// The HTTP requests in what a connection carried.
pub fn requests(mut sent: &[u8]) -> Vec<Vec<u8>> {
    let mut requests = Vec::new();
    while let Some(length) = message_length(sent) {
        let (request, rest) = sent.split_at(length.min(sent.len()));
        requests.push(request.to_vec());
        sent = rest;
    }
    requests
}

/// The length of the HTTP message at the beginning, by its `Content-Length`; `None` before its head is complete.
pub fn message_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let lines = bytes[..head].split(|byte| *byte == b'\n');
    let length =
        lines.filter_map(|line| str::from_utf8(line).ok()?.trim().split_once(':')).find_map(|(name, value)| {
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
        });
    Some(head + length.unwrap_or_default())
}
