//! The README's quick start.

use eloq_sdk::EloqApi;

#[tokio::main]
async fn main() -> eloq_sdk::Result<()> {
    let client = EloqApi::from_environ()?;
    let account = client.info().await?;
    println!("Organization: {}", account.org_info.org_name);
    let clusters = client.clusters().await?;
    println!("Found {} clusters", clusters.total);
    Ok(())
}
