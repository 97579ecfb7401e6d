//! The generated client alone: requests as the document has them, without retries, and with the envelope of each response.
//!
//! `cargo run --example raw_client` needs no account; set `ELOQ_API_KEY` to use yours.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;
use eloq_sdk::raw;

mod support;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(raw_requests).await
}

async fn raw_requests(client: EloqApi) -> Result<(), Box<dyn Error>> {
    // It shares the connections, the credential and the limits of the client.
    let raw = client.raw();
    let response = raw.org_info().send().await.map_err(explain)?;
    println!("HTTP {}, request {}", response.status(), response.headers()["x-request-id"].to_str()?);
    let account = response.into_inner().data.ok_or("the response has no account")?;
    let project = account.org_info.projects.first().ok_or("the organization has no project")?;

    let clusters = raw.list_clusters().org_id(account.org_info.org_id).project_id(project.project_id);
    let envelope = clusters.page(1).per_page(50).send().await.map_err(explain)?.into_inner();
    println!("code {}, message {:?}", envelope.code, envelope.message);
    for cluster in envelope.data.map(|list| list.cluster_list).unwrap_or_default() {
        println!("  {:<16} {}", cluster.cluster_name, cluster.status);
    }
    Ok(())
}

/// The raw client has no hints, and a refusal is a response that was not expected.
fn explain(error: raw::Error) -> String {
    match error.status().map(|status| status.as_u16()) {
        Some(401) => "HTTP 401: check the API key".to_owned(),
        _ => error.to_string(),
    }
}
