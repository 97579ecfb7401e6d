//! The settings of `RetryPolicy` and their effect on requests.

use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, RetryPolicy, record_attempts};

fn client(simulator: &Simulator, policy: RetryPolicy) -> EloqApi {
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    builder.retry(policy).build().unwrap()
}

fn deletes(simulator: &Simulator) -> usize {
    let requests = simulator.requests();
    requests.iter().filter(|request| request.operation() == Some(Operation::DeleteCluster)).count()
}

#[tokio::test(start_paused = true)]
async fn each_setting_keeps_the_others() {
    let brief = Duration::from_millis(1);
    let policy = RetryPolicy::default().max_retries(1);
    let policies = [
        policy.clone().backoff(brief),
        policy.clone().throttled_backoff(brief),
        policy.clone().max_backoff(brief),
        policy.clone().budget(500),
    ];
    for policy in policies {
        let simulator = Simulator::start().await.unwrap();
        simulator.inject(Fault::on(Operation::OrgInfo).always().status(429));
        let client = client(&simulator, policy.clone());
        assert_eq!(client.info().await.unwrap_err().attempts().len(), 2, "{policy:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn throttled_backoff_limits_the_backoff_after_429() {
    let simulator = Simulator::start().await.unwrap();
    let brief = Duration::from_millis(5);
    let client = client(&simulator, RetryPolicy::default().throttled_backoff(brief));
    for _ in 0..20 {
        simulator.inject(Fault::on(Operation::OrgInfo).status(429));
        let (account, attempts) = record_attempts(client.info()).await;
        assert!(account.is_ok() && attempts[0].wait <= brief, "{attempts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_delete_is_retried_as_often_as_the_policy_allows() {
    for (policy, expected) in [(RetryPolicy::none(), 1), (RetryPolicy::default().max_retries(2), 3)] {
        let simulator = Simulator::builder().cluster("old").start().await.unwrap();
        simulator.inject(Fault::on(Operation::DeleteCluster).always().drop_before());
        let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
        let client = builder.retry(policy).deadline(Duration::from_secs(3)).build().unwrap();
        assert!(!client.cluster_delete("old").await.success);
        assert_eq!(deletes(&simulator), expected);
    }
}
