//! The floor of a piece of work: bare sockets that send the very bytes of a client's requests, and read the responses.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::try_join_all;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Outcome;
use crate::proxy::{Carried, message_length, requests};

/// One connection and the requests that it sends, one after the other.
pub struct Lane {
    stream: TcpStream,
    requests: Vec<Vec<u8>>,
    response: Vec<u8>,
}

pub struct Replay(Vec<Lane>);

impl Replay {
    pub async fn connect(recorded: &[Carried], address: SocketAddr) -> Outcome<Self> {
        let mut lanes = Vec::new();
        for carried in recorded {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            lanes.push(Lane { stream, requests: requests(&carried.sent), response: Vec::new() });
        }
        Ok(Self(lanes))
    }

    /// Sends everything, on all connections at the same time. Each `from` in a request becomes `to`, of the same length.
    pub async fn run(&mut self, renamed: Option<(&str, &str)>) -> Outcome<()> {
        if let Some((from, to)) = renamed {
            self.0.iter_mut().flat_map(|lane| &mut lane.requests).for_each(|request| replace(request, from, to));
        }
        match &mut self.0[..] {
            [only] => only.run().await,
            lanes => try_join_all(lanes.iter_mut().map(Lane::run)).await.map(drop),
        }
    }
}

impl Lane {
    async fn run(&mut self) -> Outcome<()> {
        for request in &self.requests {
            exchange(&mut self.stream, request, &mut self.response).await?;
        }
        Ok(())
    }
}

/// Sends the requests on a new TLS connection that trusts this authority alone.
pub async fn over_tls(recorded: &[Carried], address: SocketAddr, pem: &str) -> Outcome<()> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut stream = connector.connect(ServerName::try_from("localhost")?, stream).await?;
    let mut response = Vec::new();
    for request in recorded.iter().flat_map(|carried| requests(&carried.sent)) {
        exchange(&mut stream, &request, &mut response).await?;
    }
    Ok(())
}

async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &[u8],
    response: &mut Vec<u8>,
) -> Outcome<()> {
    stream.write_all(request).await?;
    stream.flush().await?;
    response.clear();
    let mut length = None;
    while length.is_none_or(|length| response.len() < length) {
        if stream.read_buf(response).await? == 0 {
            return Err("the connection ended".into());
        }
        length = length.or_else(|| message_length(response));
    }
    Ok(())
}

fn replace(bytes: &mut [u8], from: &str, to: &str) {
    let mut start = 0;
    while let Some(found) = bytes[start..].windows(from.len()).position(|part| part == from.as_bytes()) {
        let at = start + found;
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        start = at + to.len();
    }
}
