//! A company network: a proxy with a password, and the company's own certificate authority.
//!
//! With an account: `HTTPS_PROXY=http://user:password@proxy:8080 ELOQ_API_KEY=… cargo run --example proxy -- company-ca.pem`;
//! omit what you do not need. Without an account, `cargo run --example proxy` builds such a network on loopback.

#[path = "support/company.rs"]
mod company;
#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use eloq_sdk::{EloqApi, EloqApiBuilder};

#[tokio::main]
async fn main() -> ExitCode {
    report::report(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut builder = EloqApi::builder();
    if let Some(path) = std::env::args_os().nth(1) {
        builder = builder.add_root_certificate(read_pem(Path::new(&path))?);
    }
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        // Uses the proxy of HTTPS_PROXY, if it is set.
        println!("{}", organization(builder).await?);
        return Ok(());
    }
    println!("ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.\n");
    demonstrate().await
}

fn read_pem(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

async fn organization(builder: EloqApiBuilder) -> eloq_sdk::Result<String> {
    let account = builder.connect().await?.info().await?;
    Ok(format!("Organization {} (id {})", account.org_info.org_name, account.org_info.org_id))
}

async fn demonstrate() -> Result<(), Box<dyn Error>> {
    let network = company::Network::start().await?;
    let (service, proxy) = (network.service(), network.proxy());
    println!("The service is {service}, behind the proxy {proxy}.");

    // `no_proxy("")` overrides a NO_PROXY that excludes loopback.
    let builder = EloqApi::builder().api_key(network.api_key()).base_url(service).no_proxy("");
    let ca = network.ca_pem();
    let wrong_password = format!("http://guest:guess@{proxy}");
    let correct = format!("http://{}@{proxy}", company::USER_INFO);
    let attempts = [
        ("With a wrong password", builder.clone().add_root_certificate(ca.clone()).proxy(wrong_password)),
        ("Without the company's certificate authority", builder.clone().proxy(correct.clone())),
        ("With password and certificate authority", builder.add_root_certificate(ca).proxy(correct)),
    ];
    for (label, builder) in attempts {
        let text = organization(builder.skip_version_check(true)).await.unwrap_or_else(|error| format!("{error:#}"));
        println!("\n{label}:\n  {text}");
    }

    println!("\nThe requests that the proxy received; the rest is encrypted:");
    for line in network.proxy_requests() {
        println!("  {line}");
    }
    Ok(())
}
