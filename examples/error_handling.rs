//! What an error tells: its kind, its parts, and what to do. Nothing here changes an account.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;

mod support;

const MISSING: &str = "non-existent-cluster";

#[tokio::main]
async fn main() -> ExitCode {
    support::run(error_handling).await
}

async fn error_handling(client: EloqApi) -> Result<(), Box<dyn Error>> {
    println!("=== A cluster that does not exist ===");
    match client.cluster(MISSING).await {
        Ok(cluster) => println!("{MISSING} is {}", cluster.status),
        Err(error) if error.is_not_found() => {
            println!("{error}");
            explain(&error);
        }
        Err(error) => return Err(error.into()),
    }

    println!("\n=== An operation that fails ===");
    let result = client.cluster_delete(MISSING).await;
    println!("{} {}", if result.success { "✅" } else { "❌" }, result.message);
    if let Some(error) = result.error() {
        explain(error);
    }

    println!("\n=== An argument that is refused before anything is sent ===");
    if let Err(error) = client.clusters().per_page(51).await {
        println!("{error}");
        explain(&error);
    }
    Ok(())
}

fn explain(error: &eloq_sdk::Error) {
    use eloq_sdk::Error::*;

    let kind = match error {
        Authentication { .. } => "the key is not accepted",
        Permission { .. } => "not allowed, or not there",
        NotFound { .. } => "not there",
        RateLimit { .. } => "too many requests",
        Validation { .. } | InvalidInput { .. } => "wrong parameters",
        Server { .. } => "the service failed",
        Connect { .. } | Timeout { .. } => "the network failed",
        // The set grows with the crate.
        _ => "something else",
    };
    println!("  kind:       {kind}");
    println!("  operation:  {}", error.operation().unwrap_or("none"));
    println!("  status:     {}", error.status().map_or("none".to_owned(), |status| status.to_string()));
    println!("  request id: {}", error.request_id().unwrap_or("none"));
    println!("  retryable:  {}", error.is_retryable());
    println!("  hint:       {}", error.hint().unwrap_or("none"));
}
