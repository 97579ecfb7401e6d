//! What a change may and may not be taken for when its answer does not tell.

use std::time::{Duration, Instant};

use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{EloqApi, Error, OperationResult};

const DEADLINE: Duration = Duration::from_secs(1);
/// For a busy machine.
const SLACK: Duration = Duration::from_millis(700);

async fn start(cloud: SimulatorBuilder) -> (Simulator, EloqApi) {
    let simulator = cloud.start().await.unwrap();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.deadline(DEADLINE).timeout(DEADLINE / 2).build().unwrap();
    (simulator, client)
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

async fn create(client: &EloqApi) -> OperationResult {
    client.cluster_create("new", "us-west-1", 101).await
}

#[tokio::test]
async fn json_of_another_service_is_no_success_of_a_change() {
    let bodies = ["[]", "[0]", "[1]", r#"[200,"success",null]"#, "{}", r#""welcome""#, "true", "null", "0"];
    for body in bodies.into_iter().chain([r#"{"error":"denied"}"#, r#"{"data":null}"#]) {
        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).reply(200, "application/json", body));
        let result = create(&client).await;
        assert!(matches!(result.error(), Some(Error::OutcomeUnknown(_))), "{body}: {result:?}");
        assert_eq!(count(&simulator, Operation::CreateCluster), 1, "{body}");

        simulator.inject(Fault::on(Operation::SubscribePlan).reply(200, "application/json", body));
        let result = client.subscribe_plan(2).await;
        assert!(matches!(result.error(), Some(Error::OutcomeUnknown(_))), "{body}: {result:?}");
    }
}

#[tokio::test]
async fn a_delete_under_way_is_no_failure_after_a_500() {
    for status in [500, 503] {
        let cloud = Simulator::builder().cluster("old").deleting(Duration::from_secs(3600));
        let (simulator, client) = start(cloud).await;
        simulator.inject(Fault::on(Operation::DeleteCluster).applied().status(status));
        let result = client.cluster_delete("old").await;
        assert!(matches!(result.error(), Some(Error::OutcomeUnknown(_))), "{status}: {result:?}");
        assert_eq!(count(&simulator, Operation::DeleteCluster), 1, "{status}");
    }
}

#[tokio::test]
async fn behind_a_failure_of_the_service_is_looked_once() {
    // 507 of a server, 520 to 524 of a gateway that is widely used.
    for status in [500, 503, 507, 520, 522, 524, 599] {
        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).applied().status(status));
        let result = create(&client).await;
        assert!(result.success && result.is_reconciled(), "{status}: {result:?}");

        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).status(status));
        let result = create(&client).await;
        assert_eq!(result.error().and_then(Error::status), Some(status), "{result:?}");
        let requests = (count(&simulator, Operation::CreateCluster), count(&simulator, Operation::ListClusters));
        assert_eq!(requests, (1, 1), "{status}");
    }
}

#[tokio::test]
async fn comparing_what_was_found_ends_with_the_deadline_of_the_call() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
    simulator.inject(Fault::on(Operation::ListSkus).always().latency(Duration::from_secs(3600)));
    let start = Instant::now();
    let result = create(&client).await;
    assert!(start.elapsed() < DEADLINE + SLACK, "{:?}: {result:?}", start.elapsed());
    assert_eq!(count(&simulator, Operation::CreateCluster), 1);
}

#[tokio::test]
async fn a_cluster_from_before_is_not_adopted_when_the_simulators_clock_was_moved() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.advance(Duration::from_secs(3600));
    assert!(create(&simulator.client()).await.success);
    simulator.advance(Duration::from_secs(3600));
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::Conflict(_))), "{result:?}");
}
