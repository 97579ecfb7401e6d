//! A company network: a proxy that asks for a password, and a certificate authority of the company's own.
//!
//! With an account: `HTTPS_PROXY=http://user:password@proxy:8080 ELOQ_API_KEY=… cargo run --example proxy -- company-ca.pem`;
//! leave out what you do not have. Without one, `cargo run --example proxy` builds such a network on loopback.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use eloq_sdk::{EloqApi, EloqApiBuilder};

#[path = "support/company.rs"]
mod company;

#[tokio::main]
async fn main() -> ExitCode {
    report::report(choose_service().await)
}

async fn choose_service() -> Result<(), Box<dyn Error>> {
    let mut builder = EloqApi::builder();
    if let Some(path) = std::env::args_os().nth(1) {
        builder = builder.add_root_certificate(pem(Path::new(&path))?);
    }
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        // The proxy is the one of HTTPS_PROXY, if it is set.
        println!("{}", account(builder).await?);
        return Ok(());
    }
    println!("ELOQ_API_KEY is not set: this talks to the embedded simulator, not to EloqCloud.\n");
    demonstrate().await
}

fn pem(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

async fn account(builder: EloqApiBuilder) -> eloq_sdk::Result<String> {
    let account = builder.connect().await?.info().await?;
    Ok(format!("Organization {} (id {})", account.org_info.org_name, account.org_info.org_id))
}

async fn demonstrate() -> Result<(), Box<dyn Error>> {
    let network = company::Network::start().await?;
    let (service, proxy) = (network.service(), network.proxy());
    println!("The service is {service}, behind the proxy {proxy}.");

    // `no_proxy("")` keeps a NO_PROXY of yours from sparing loopback the proxy.
    let builder = EloqApi::builder().api_key(network.api_key()).base_url(service).no_proxy("");
    let ca = network.authority_pem();
    let guest = format!("http://guest:guess@{proxy}");
    let employee = format!("http://{}@{proxy}", company::USER_INFO);
    let attempts = [
        ("With a wrong password", builder.clone().add_root_certificate(ca.clone()).proxy(guest)),
        ("Without the company's authority", builder.clone().proxy(employee.clone())),
        ("With both as they should be", builder.add_root_certificate(ca).proxy(employee)),
    ];
    for (what, builder) in attempts {
        let text = account(builder.skip_version_check(true)).await.unwrap_or_else(|error| error.to_string());
        println!("\n{what}:\n  {text}");
    }

    println!("\nAll that the proxy was told, besides encrypted bytes:");
    for line in network.told() {
        println!("  {line}");
    }
    Ok(())
}
