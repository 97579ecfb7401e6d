//! An HTTP client of your own below the SDK, for what the builder does not offer: here keep-alives and a smaller pool.
//!
//! Without an account: `cargo run --example own_http_client`. With one, set `ELOQ_API_KEY` before.

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
    // A program may choose rustls's provider for the whole process; the SDK, a library, does not. It fails if one is chosen
    // already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();

    let http = reqwest::Client::builder()
        // Both are unsafe for requests that change something; the SDK's own client has them off, too.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // The variables could put a proxy before plain http, where it would see the key. If you need one, name it.
        .no_proxy()
        .tcp_keepalive(Duration::from_secs(30))
        .pool_max_idle_per_host(2)
        .build()?;

    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        return show(EloqApi::builder().http_client(http).build()?).await;
    }
    println!("ELOQ_API_KEY is not set: this talks to the embedded simulator, not to EloqCloud.\n");
    let simulator = Simulator::builder().cluster("orders").start().await?;
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url()).http_client(http);
    // Credential, time limits, the limit of the body and the User-Agent stay the SDK's.
    show(builder.clone().timeout(Duration::from_secs(10)).build()?).await?;

    println!("\nWhat belongs to the connection has to be set on your own client:");
    if let Err(error) = builder.proxy("http://proxy.example.com:8080").build() {
        println!("  {error}");
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
