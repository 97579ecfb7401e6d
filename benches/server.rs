//! Runs the simulator for the benches in a separate process. `server CLUSTERS LATENCY_MS [PROJECTS] [--lists N] [--tls FILE]`
//! prints its base URL and API key, and exits at the end of standard input. After `--lists` lists it rejects the key for one. With
//! `--tls` it also prints a base URL with TLS, and writes the certificate authority to the file.

use std::env;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, SeededCluster, Simulator};
use eloq_sdk_benches::Outcome;
use eloq_sdk_benches::proxy::port;
use eloq_sdk_benches::work::{FAILING, FIRST_PROJECT, PROVISIONING, REGION, SKU, name, project};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |index: usize, default: Option<usize>| match (arguments.get(index), default) {
        (Some(given), _) if !given.starts_with("--") => given.parse().map_err(Into::into),
        (_, Some(default)) => Ok(default),
        _ => Outcome::Err("usage: server CLUSTERS LATENCY_MS [PROJECTS] [--lists N] [--tls FILE]".into()),
    };
    let option = |name: &str| {
        let position = arguments.iter().position(|argument| argument == name);
        position.and_then(|position| arguments.get(position + 1))
    };
    let (clusters, latency, projects) = (number(0, None)?, number(1, None)?, number(2, Some(1))?);
    let latency = Duration::from_millis(u64::try_from(latency)?);
    let mut builder = Simulator::builder().cluster_limit(None).record_limit(0).latency(latency);
    builder = builder.provisioning(PROVISIONING);
    builder = (1..projects)
        .fold(builder, |builder, index| builder.project(FIRST_PROJECT + index as i64, format!("project{}", index + 1)));
    builder = (1..=clusters).fold(builder, |builder, number| {
        let seed = SeededCluster::new(name(number)).project(project(number, projects));
        builder.cluster(seed.region(REGION).sku(SKU).age(Duration::from_secs(86_400)))
    });
    let simulator = builder.start().await?;
    simulator.inject(Fault::on(Operation::DescribeCluster).cluster(FAILING).status(503).always());
    if let Some(lists) = option("--lists") {
        simulator.inject(Fault::on(Operation::ListClusters).after(lists.parse()?).status(401));
    }
    let mut printed = format!("{} {}", simulator.base_url(), simulator.api_key());
    if let Some(file) = option("--tls") {
        let (pem, config) = certificates()?;
        std::fs::write(file, pem)?;
        let upstream = SocketAddr::from(([127, 0, 0, 1], port(simulator.base_url())?));
        let address = terminate(config, upstream).await?;
        let (_, path) =
            simulator.base_url().rsplit_once(':').and_then(|(_, rest)| rest.split_once('/')).ok_or("no path")?;
        printed += &format!(" https://localhost:{}/{path}", address.port());
    }
    println!("{printed}");
    // Standard input ends when the parent process exits.
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// A certificate authority, and the configuration of a server with a certificate that it signed.
fn certificates() -> Outcome<(String, ServerConfig)> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))?;
    Ok((authority.pem(), config))
}

/// Terminates TLS in front of the simulator, and returns the address.
async fn terminate(config: ServerConfig, upstream: SocketAddr) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (address, acceptor) = (listener.local_addr()?, TlsAcceptor::from(Arc::new(config)));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                client.set_nodelay(true)?;
                let mut server = TcpStream::connect(upstream).await?;
                server.set_nodelay(true)?;
                copy_bidirectional(&mut acceptor.accept(client).await?, &mut server).await
            });
        }
    });
    Ok(address)
}
