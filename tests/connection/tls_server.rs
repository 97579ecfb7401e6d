//! Certificate authorities, and a server that terminates TLS in front of another server.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::tap::{Captured, Tap};

pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server's configuration with a certificate for this host.
    pub fn issue(&self, host: &str) -> ServerConfig {
        self.sign(CertificateParams::new([host.to_owned()]).unwrap())
    }

    /// A server's configuration with an expired certificate for this host.
    pub fn issue_expired(&self, host: &str) -> ServerConfig {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap()
    }
}

/// Terminates TLS and forwards the plain text to another server.
pub struct TlsServer {
    address: SocketAddr,
    ended: UnboundedReceiver<EndedConnection>,
    _connections: JoinSet<()>,
}

/// The bytes of a connection that has ended.
pub struct EndedConnection {
    /// The bytes from the client on the wire.
    pub wire: Captured,
    /// The bytes from the client inside TLS.
    pub plain: Captured,
}

impl TlsServer {
    pub async fn start(config: ServerConfig, upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (sender, ended) = unbounded_channel();
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                connections.spawn(async move {
                    // The test may no longer receive ended connections.
                    let _ = sender.send(handle(stream, acceptor, upstream).await);
                });
            }
        });
        Self { address, ended, _connections: accepting }
    }

    pub fn authority(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.authority())
    }

    /// Waits for the next connection to end.
    pub async fn ended(&mut self) -> EndedConnection {
        self.ended.recv().await.unwrap()
    }

    /// How many more connections have ended.
    pub fn more_ended(&self) -> usize {
        self.ended.len()
    }
}

async fn handle(stream: TcpStream, acceptor: TlsAcceptor, upstream: SocketAddr) -> EndedConnection {
    let (wire, plain) = (Captured::default(), Captured::default());
    if let Ok(stream) = acceptor.accept(Tap::new(stream, &wire)).await {
        let mut upstream_stream = TcpStream::connect(upstream).await.unwrap();
        // An error means that one side closed the connection without `close_notify`, which TLS clients commonly do.
        let _ = copy_bidirectional(&mut Tap::new(stream, &plain), &mut upstream_stream).await;
    }
    EndedConnection { wire, plain }
}
