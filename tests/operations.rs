//! Runs the table of operations against the simulator, with the async and the blocking client.

mod support;

use eloq_sdk::{EloqApi, blocking};

#[tokio::test]
async fn every_operation_has_the_outcome_of_the_table() {
    for case in support::cases() {
        let simulator = case.start().await;
        let client = EloqApi::from_key_and_url(case.key(&simulator), simulator.base_url()).unwrap();
        let outcome = support::run(&client, case.call).await;
        case.check(&outcome, &simulator);
    }
}

#[test]
fn every_operation_has_the_same_outcome_with_the_blocking_client() {
    let cloud = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for case in support::cases() {
        let simulator = cloud.block_on(case.start());
        let client = blocking::EloqApi::from_key_and_url(case.key(&simulator), simulator.base_url()).unwrap();
        let outcome = support::run_blocking(&client, case.call);
        case.check(&outcome, &simulator);
    }
}
