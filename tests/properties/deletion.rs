//! Deletes of a cluster whose status changes at random moments, in virtual time.

use std::time::Duration;

use eloq_sdk::simulator::{SeededCluster, Simulator};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::for_all;

const LIMIT: Duration = Duration::from_secs(120);
/// The last poll can exceed the limit.
const TOLERANCE: Duration = Duration::from_secs(1);

/// A status, and how long the cluster has it.
type Change = (&'static str, u64);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let statuses = ["provisioning", "creating", "available", "active", "unavailable", "updating", "frozen", "error"];
    // Waking an idle cluster resolves the name of its host, which takes real time.
    let status = prop_oneof![9 => select(statuses.to_vec()), 1 => Just("idle")];
    vec((status, 0..40_000u64), 1..6)
}

async fn check(changes: Vec<Change>) -> TestCaseResult {
    let seeded = SeededCluster::new("c").status(changes[0].0);
    let simulator = Simulator::builder().cluster(seeded).start().await.unwrap();
    let client = simulator.client();
    let start = Instant::now();
    let deleting = async { client.cluster_delete("c").if_exists().when_deletable().wait().max_wait(LIMIT).await };
    let changing = async {
        for (status, millis) in &changes {
            // Also while it is being deleted, which it then is no longer.
            simulator.set_cluster_status("c", status);
            tokio::time::sleep(Duration::from_millis(*millis)).await;
        }
        std::future::pending::<()>().await;
    };
    let outcome = tokio::select! { outcome = deleting => outcome, () = changing => unreachable!() };
    let took = start.elapsed();
    prop_assert!(took <= LIMIT + TOLERANCE, "{:?}", took);
    match outcome {
        Ok(()) => prop_assert!(simulator.clusters().is_empty(), "{:?}", simulator.clusters()),
        Err(error) => {
            let text = error.to_string();
            let reasons = ["last seen", "available state", "became deletable", "outcome is unknown"];
            prop_assert!(reasons.iter().any(|reason| text.contains(reason)), "{}", text);
            prop_assert!(!simulator.clusters().is_empty(), "{}", text);
        }
    }
    Ok(())
}

#[test]
fn a_cluster_in_any_status_is_deleted_within_the_limit_or_the_error_says_why() {
    for_all(100, changes(), |changes| {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(check(changes))
    });
}
