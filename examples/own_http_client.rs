//! Your own reqwest client, for settings that the builder does not have: here keep-alives and a smaller pool.
//!
//! `cargo run --example own_http_client` needs no account; set `ELOQ_API_KEY` to use yours.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use eloq_sdk::EloqApi;
use eloq_sdk::simulator::Simulator;

#[tokio::main]
async fn main() -> ExitCode {
    report::report(own_http_client().await)
}

async fn own_http_client() -> Result<(), Box<dyn Error>> {
    // The program installs rustls's provider for the whole process; a library must not. It fails if one is installed already,
    // which works as well.
    let _ = rustls::crypto::ring::default_provider().install_default();

    let http = reqwest::Client::builder()
        // Both are unsafe for writes; the SDK's own client disables them too.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // A proxy from the environment would see the key in plain http requests. If you need a proxy, set it here.
        .no_proxy()
        .tcp_keepalive(Duration::from_secs(30))
        .pool_max_idle_per_host(2)
        .build()?;

    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return show(EloqApi::builder().http_client(http).build()?).await;
    }
    println!("ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.\n");
    let simulator = Simulator::builder().cluster("orders").start().await?;
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url()).http_client(http);
    // The SDK still sets credential, timeouts, body limit and User-Agent.
    show(builder.clone().timeout(Duration::from_secs(10)).build()?).await?;

    println!("\nConnection settings belong to your own client:");
    if let Err(error) = builder.proxy("http://proxy.example.com:8080").build() {
        println!("  {error:#}");
    }
    Ok(())
}

async fn show(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let account = client.info().await?;
    println!("Organization {} (id {})", account.org_info.org_name, account.org_info.org_id);
    for cluster in client.clusters().await?.cluster_list {
        println!("  {:<16} {}", cluster.cluster_name, cluster.status);
    }
    Ok(())
}
