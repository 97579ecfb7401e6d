//! Error handling: the kind, the parts and the hint of an error. It changes nothing in the account.

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
            println!("{error:#}");
            explain(&error);
        }
        Err(error) => return Err(error.into()),
    }

    println!("\n=== A write that fails ===");
    let result = client.cluster_delete(MISSING).await;
    println!("{} {}", if result.success { "✅" } else { "❌" }, result.message);
    if let Some(error) = result.error() {
        explain(error);
    }

    println!("\n=== An invalid argument: no request is sent ===");
    if let Err(error) = client.clusters().per_page(51).await {
        println!("{error:#}");
        explain(&error);
    }
    Ok(())
}

fn explain(error: &eloq_sdk::Error) {
    use eloq_sdk::Error::*;

    let meaning = match error {
        Authentication { .. } => "the service does not accept the key",
        Permission { .. } => "permission denied, or no such cluster",
        NotFound { .. } => "not found",
        RateLimit { .. } => "too many requests",
        Validation { .. } | InvalidInput { .. } => "invalid parameters",
        Server { .. } => "the service failed",
        Connect { .. } | Timeout { .. } => "network error or timeout",
        // The enum is non-exhaustive: later versions can add variants.
        _ => "another error",
    };
    println!("  kind:       {} ({meaning})", error.kind());
    println!("  operation:  {}", error.operation().unwrap_or("none"));
    println!("  status:     {}", error.status().map_or("none".to_owned(), |status| status.to_string()));
    println!("  request id: {}", error.request_id().unwrap_or("none"));
    println!("  retryable:  {}", error.is_retryable());
    println!("  hint:       {}", error.hint().unwrap_or("none"));
}
