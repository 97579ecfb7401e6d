//! The table of operations against the simulator, through the async client.

mod support;

use eloq_sdk::EloqApi;

#[tokio::test]
async fn every_operation_gives_what_the_table_says() {
    for case in support::cases() {
        let simulator = case.cloud.clone().start().await.unwrap();
        case.faults.iter().cloned().for_each(|fault| simulator.inject(fault));
        let client = match case.key {
            Some(key) => EloqApi::from_key_and_url(key, simulator.base_url()).unwrap(),
            None => simulator.client(),
        };
        let outcome = support::run(&client, case.call).await;
        case.check(&outcome, &simulator);
    }
}
