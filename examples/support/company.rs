//! A company network on loopback: the simulator behind TLS with a certificate of the company's own authority, and a proxy with
//! a password.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use eloq_sdk::simulator::Simulator;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The proxy's user and password (`p@ss`), percent-encoded for a URL.
pub(crate) const USER_INFO: &str = "employee:p%40ss";
/// The same as a header value.
const BASIC: &str = "Basic ZW1wbG95ZWU6cEBzcw==";

pub(crate) struct Network {
    simulator: Simulator,
    ca_pem: String,
    service: SocketAddr,
    proxy: SocketAddr,
    proxy_requests: Arc<Mutex<Vec<String>>>,
}

impl Network {
    pub(crate) async fn start() -> Result<Self, Box<dyn Error>> {
        let simulator = Simulator::start().await?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &ca)?;
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())?;

        let upstream = simulator.base_url().trim_start_matches("http://").trim_end_matches("/api/v1/").to_owned();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let service = listen(move |stream| serve(stream, acceptor.clone(), upstream.clone())).await?;
        let proxy_requests = Arc::<Mutex<Vec<String>>>::default();
        let log = proxy_requests.clone();
        let proxy = listen(move |stream| tunnel(stream, log.clone())).await?;
        Ok(Self { simulator, ca_pem: ca.pem(), service, proxy, proxy_requests })
    }

    pub(crate) fn service(&self) -> String {
        format!("https://localhost:{}", self.service.port())
    }

    pub(crate) fn api_key(&self) -> &str {
        self.simulator.api_key()
    }

    pub(crate) fn ca_pem(&self) -> String {
        self.ca_pem.clone()
    }

    /// Host and port of the proxy.
    pub(crate) fn proxy(&self) -> String {
        format!("localhost:{}", self.proxy.port())
    }

    /// The request lines of all requests to the proxy.
    pub(crate) fn proxy_requests(&self) -> Vec<String> {
        self.proxy_requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn listen<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> std::io::Result<SocketAddr>
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    Ok(address)
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, upstream: String) -> std::io::Result<()> {
    let mut client = acceptor.accept(stream).await?;
    copy_bidirectional(&mut client, &mut TcpStream::connect(upstream).await?).await.map(drop)
}

async fn tunnel(stream: TcpStream, log: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut client = BufReader::new(stream);
    let (mut request, mut line) = (String::new(), String::new());
    client.read_line(&mut request).await?;
    log.lock().unwrap_or_else(PoisonError::into_inner).push(request.trim_end().to_owned());
    let mut authorized = false;
    while client.read_line(&mut line).await? > 2 {
        authorized |= line.to_ascii_lowercase().starts_with("proxy-authorization:") && line.contains(BASIC);
        line.clear();
    }
    let target = request.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let (true, Some(target)) = (authorized, target) else {
        let response =
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
        return client.write_all(response.as_bytes()).await;
    };
    let mut server = TcpStream::connect(target).await?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
