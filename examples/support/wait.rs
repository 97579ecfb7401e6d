//! Waits for a new cluster.

use std::error::Error;
use std::time::Duration;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::ClusterStatus;
use tokio::time::{Instant, sleep};

const PAUSE: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Asks for the cluster's status until it is available, and prints every change.
pub(crate) async fn until_available(client: &EloqApi, name: &str) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut shown = None;
    loop {
        let status = client.cluster(name).await?.status;
        let waited = start.elapsed();
        if shown.as_ref() != Some(&status) {
            println!("  {:>5.1} s  {status}", waited.as_secs_f32());
        }
        if status == ClusterStatus::Available {
            return Ok(());
        }
        if status == ClusterStatus::Error || waited + PAUSE > LIMIT {
            return Err(format!("{name} is {status} after {} s and still exists", waited.as_secs()).into());
        }
        shown = Some(status);
        sleep(PAUSE).await;
    }
}
