//! A company network on loopback: the simulator behind TLS with a certificate of the company's own authority, and a proxy that
//! asks for a password.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use eloq_sdk::simulator::Simulator;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Who may use the proxy; the password is `p@ss`, as it is written in a URL.
pub(crate) const USER_INFO: &str = "employee:p%40ss";
/// The same as it comes in a header.
const BASIC: &str = "Basic ZW1wbG95ZWU6cEBzcw==";

pub(crate) struct Network {
    simulator: Simulator,
    authority_pem: String,
    service: SocketAddr,
    proxy: SocketAddr,
    told: Arc<Mutex<Vec<String>>>,
}

impl Network {
    pub(crate) async fn start() -> Result<Self, Box<dyn Error>> {
        let simulator = Simulator::start().await?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())?;

        let behind = simulator.base_url().trim_start_matches("http://").trim_end_matches("/api/v1/").to_owned();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let service = listen(move |stream| serve(stream, acceptor.clone(), behind.clone())).await?;
        let told = Arc::<Mutex<Vec<String>>>::default();
        let record = told.clone();
        let proxy = listen(move |stream| tunnel(stream, record.clone())).await?;
        Ok(Self { simulator, authority_pem: authority.pem(), service, proxy, told })
    }

    pub(crate) fn service(&self) -> String {
        format!("https://localhost:{}", self.service.port())
    }

    pub(crate) fn api_key(&self) -> &str {
        self.simulator.api_key()
    }

    pub(crate) fn authority_pem(&self) -> String {
        self.authority_pem.clone()
    }

    /// Host and port of the proxy.
    pub(crate) fn proxy(&self) -> String {
        format!("localhost:{}", self.proxy.port())
    }

    /// The first lines of all requests to the proxy.
    pub(crate) fn told(&self) -> Vec<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, behind: String) -> std::io::Result<()> {
    let mut client = acceptor.accept(stream).await?;
    copy_bidirectional(&mut client, &mut TcpStream::connect(behind).await?).await.map(drop)
}

async fn tunnel(stream: TcpStream, told: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut client = BufReader::new(stream);
    let (mut request, mut line) = (String::new(), String::new());
    client.read_line(&mut request).await?;
    told.lock().unwrap_or_else(PoisonError::into_inner).push(request.trim_end().to_owned());
    let mut welcome = false;
    while client.read_line(&mut line).await? > 2 {
        welcome |= line.to_ascii_lowercase().starts_with("proxy-authorization:") && line.contains(BASIC);
        line.clear();
    }
    let target = request.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let (true, Some(target)) = (welcome, target) else {
        let refusal =
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
        return client.write_all(refusal.as_bytes()).await;
    };
    let mut server = TcpStream::connect(target).await?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
