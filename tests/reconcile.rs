//! Writes whose response is lost: the client reconciles them by polling, and creates nothing twice. Time is virtual.

use std::time::{Duration, UNIX_EPOCH};

use eloq_sdk::simulator::{DateHeader, Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{EloqApi, Error, OperationResult, RetryPolicy};
use tokio::time::Instant;

async fn start(cloud: SimulatorBuilder) -> (Simulator, EloqApi) {
    start_with(cloud, Duration::from_secs(2)).await
}

/// The time of the service: in the middle of a second, which the service's times do not tell from its beginning.
const NOW: Duration = Duration::from_millis(1_800_000_000_500);

async fn start_with(cloud: SimulatorBuilder, deadline: Duration) -> (Simulator, EloqApi) {
    start_at(NOW, cloud, deadline).await
}

async fn start_at(time: Duration, cloud: SimulatorBuilder, deadline: Duration) -> (Simulator, EloqApi) {
    let simulator = cloud.clock(UNIX_EPOCH + time).start().await.unwrap();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.deadline(deadline).timeout(Duration::from_millis(500)).build().unwrap();
    (simulator, client)
}

/// For tests that wait for the deadline.
const SHORT_DEADLINE: Duration = Duration::from_secs(1);

async fn start_with_short_deadline(cloud: SimulatorBuilder) -> (Simulator, EloqApi) {
    start_with(cloud, SHORT_DEADLINE).await
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

async fn create(client: &EloqApi) -> OperationResult {
    client.cluster_create("new", "us-west-1", 101).await
}

/// Every way to lose the response to a write that the service has carried out.
fn lost_responses(operation: Operation) -> Vec<Fault> {
    vec![
        Fault::on(operation).drop_after(),
        Fault::on(operation).applied().status(500),
        Fault::on(operation).applied().status(502),
        Fault::on(operation).applied().status(504),
        Fault::on(operation).applied().reply(200, "text/html", "<html>log in</html>"),
        Fault::on(operation).applied().reply(200, "", ""),
        Fault::on(operation).truncate(5),
        Fault::on(operation).applied().reply(201, "application/json", r#"{"code":200}"#).truncate(5),
        Fault::on(operation).latency(Duration::from_secs(3600)),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_response_is_lost_is_adopted_and_never_retried() {
    for fault in lost_responses(Operation::CreateCluster) {
        let fault_text = format!("{fault:?}");
        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(fault);
        let result = create(&client).await;
        assert!(result.success && result.is_reconciled(), "{fault_text}: {result:?}");
        assert_eq!(result.message, "Cluster created successfully");
        assert_eq!(count(&simulator, Operation::CreateCluster), 1, "{fault_text}");
        assert_eq!(simulator.cluster_names(), ["new"]);
        assert!(result.attempts().iter().any(|attempt| attempt.operation == "list_clusters"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_no_poll_finds_is_unknown_and_never_retried() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{result:?}");
    assert!(result.message.contains("look for the cluster"), "{}", result.message);
    assert_eq!(count(&simulator, Operation::CreateCluster), 1);
    assert!(count(&simulator, Operation::ListClusters) >= 2, "the client polls until the deadline");
}

#[tokio::test(start_paused = true)]
async fn a_500_on_a_create_is_a_server_error_after_one_poll() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).status(500));
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::Server { .. })), "{result:?}");
    assert_eq!((count(&simulator, Operation::CreateCluster), count(&simulator, Operation::ListClusters)), (1, 1));
}

/// The list with one cluster, created this long ago.
fn listed(name: &str, region: &str, ago: Duration) -> Fault {
    let created = humantime::format_rfc3339_seconds(UNIX_EPOCH + NOW - ago);
    let body = format!(
        r#"{{"code":0,"message":"","data":{{"total":1,"cluster_list":[{{"cloud_provider":"AWS","cluster_name":"{name}",
            "create_at":"{created}","module_type":"EloqKV","region":"{region}","status":"available","version":"v",
            "zone":"{region}a","sku_name":"eloqkv-serverless-aws"}}]}}}}"#
    );
    Fault::on(Operation::ListClusters).always().reply(200, "application/json", body)
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_existed_before_is_never_adopted() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    simulator.inject(listed("new", "us-west-1", Duration::from_secs(5)));
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::Conflict { .. })), "{result:?}");
    assert!(result.message.contains("existed before"), "{}", result.message);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_differs_is_a_conflict_that_names_the_difference() {
    let cases =
        [("us-east-1", 101, "region is us-east-1 and not us-west-1"), ("us-west-1", 201, "sku is 101 and not 201")];
    for (region, sku_id, difference) in cases {
        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
        simulator.inject(listed("new", region, Duration::ZERO));
        let result = client.cluster_create("new", "us-west-1", sku_id).await;
        assert!(matches!(result.error(), Some(Error::Conflict { .. })), "{result:?}");
        assert!(result.message.contains(&format!("its {difference}")), "{}", result.message);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_this_client_has_just_created_is_not_adopted_again() {
    let (simulator, client) = start(Simulator::builder()).await;
    assert!(create(&client).await.success);
    simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
    let result = create(&client).await;
    let unknown = matches!(result.error(), Some(Error::OutcomeUnknown { .. } | Error::Conflict { .. }));
    assert!(unknown && count(&simulator, Operation::CreateCluster) == 2, "{result:?}");
}

/// Both creates begin in the same second, and the second one's response is lost by a timeout longer than that.
#[tokio::test(start_paused = true)]
async fn a_cluster_that_this_client_created_before_a_slow_call_is_not_adopted() {
    let simulator = Simulator::builder().clock(UNIX_EPOCH + NOW).start().await.unwrap();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.deadline(Duration::from_secs(60)).timeout(Duration::from_secs(10)).build().unwrap();
    assert!(create(&client).await.success);
    simulator.inject(Fault::on(Operation::CreateCluster).latency(Duration::from_secs(3600)));
    let error = create(&client).await.into_result().unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error}");
}

/// Another client created and deleted it in the second in which this call begins.
#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_being_deleted_is_not_adopted() {
    let cloud = Simulator::builder().provisioning(Duration::ZERO).deleting(Duration::from_secs(3600));
    let (simulator, client) = start(cloud).await;
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let other = builder.build().unwrap();
    assert!(create(&other).await.success);
    assert!(other.cluster_delete("new").await.success);
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    let error = create(&client).await.into_result().unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_response_is_lost_is_a_success() {
    for fault in lost_responses(Operation::DeleteCluster) {
        let fault_text = format!("{fault:?}");
        let (simulator, client) = start(Simulator::builder().cluster("old").deleting(Duration::ZERO)).await;
        simulator.inject(fault);
        let result = client.cluster_delete("old").await;
        assert!(result.success && result.is_reconciled(), "{fault_text}: {result:?}");
        assert!(simulator.cluster_names().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_was_not_processed_is_retried() {
    let (simulator, client) = start(Simulator::builder().cluster("old").deleting(Duration::ZERO)).await;
    simulator.inject(Fault::on(Operation::DeleteCluster).drop_before());
    let result = client.cluster_delete("old").await;
    assert!(result.success, "{result:?}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 2);
    assert!(simulator.cluster_names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_404_is_a_success_for_a_retried_delete_and_not_found_for_the_first() {
    let (simulator, client) = start(Simulator::builder().cluster("old").deleting(Duration::ZERO)).await;
    simulator.inject(Fault::on(Operation::DeleteCluster).drop_after());
    // The poll returns the list from before the delete.
    simulator.inject(listed("old", "us-west-1", Duration::from_secs(60)));
    assert!(client.cluster_delete("old").await.success);
    assert_eq!(count(&simulator, Operation::DeleteCluster), 2);
    assert!(matches!(client.cluster_delete("old").await.error(), Some(Error::NotFound { .. })));
    assert_eq!(count(&simulator, Operation::DeleteCluster), 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_delete_is_unknown_if_all_polls_fail() {
    let (simulator, client) = start(Simulator::builder().cluster("old")).await;
    simulator.inject(Fault::on(Operation::DeleteCluster).drop_before());
    simulator.inject(Fault::on(Operation::ListClusters).always().status(500));
    let result = client.cluster_delete("old").await;
    assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{result:?}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_never_sent_is_not_reconciled() {
    let (simulator, client) = start(Simulator::builder().cluster("old")).await;
    simulator.inject(Fault::on(Operation::OrgInfo).always().status(500));
    assert!(matches!(create(&client).await.error(), Some(Error::Server { .. })));
    assert!(matches!(client.cluster_delete("old").await.error(), Some(Error::Server { .. })));
    assert_eq!(count(&simulator, Operation::OrgInfo), simulator.requests().len());
}

#[tokio::test(start_paused = true)]
async fn json_without_an_envelope_is_not_the_success_of_a_write() {
    let bodies = ["[]", "[0]", "[1]", r#"[200,"success",null]"#, "{}", r#""welcome""#, "true", "null", "0"];
    for body in bodies.into_iter().chain([r#"{"error":"denied"}"#, r#"{"data":null}"#]) {
        let (simulator, client) = start_with_short_deadline(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).reply(200, "application/json", body));
        let result = create(&client).await;
        assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{body}: {result:?}");
        assert_eq!(count(&simulator, Operation::CreateCluster), 1, "{body}");

        simulator.inject(Fault::on(Operation::SubscribePlan).reply(200, "application/json", body));
        let result = client.subscribe_plan(2).await;
        assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{body}: {result:?}");
        assert!(result.message.contains("user_subscription()"), "{}", result.message);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_in_progress_after_a_500_or_503_is_unknown() {
    for status in [500, 503] {
        let cloud = Simulator::builder().cluster("old").deleting(Duration::from_secs(3600));
        let (simulator, client) = start_with_short_deadline(cloud).await;
        simulator.inject(Fault::on(Operation::DeleteCluster).applied().status(status));
        let result = client.cluster_delete("old").await;
        assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{status}: {result:?}");
        assert_eq!(count(&simulator, Operation::DeleteCluster), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_fails_with_a_5xx_is_reconciled_with_one_poll() {
    // A server sends 507, a widely used gateway 520 to 524.
    for status in [500, 503, 507, 520, 522, 524, 599] {
        let (simulator, client) = start_with_short_deadline(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).applied().status(status));
        let result = create(&client).await;
        assert!(result.success && result.is_reconciled(), "{status}: {result:?}");

        let (simulator, client) = start_with_short_deadline(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).status(status));
        let result = create(&client).await;
        assert_eq!(result.error().and_then(Error::status), Some(status), "{result:?}");
        let requests = (count(&simulator, Operation::CreateCluster), count(&simulator, Operation::ListClusters));
        assert_eq!(requests, (1, 1), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn comparing_a_found_cluster_ends_at_the_deadline_of_the_call() {
    let (simulator, client) = start_with_short_deadline(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
    simulator.inject(Fault::on(Operation::ListSkus).always().latency(Duration::from_secs(3600)));
    let start = Instant::now();
    let result = create(&client).await;
    assert!(start.elapsed() <= SHORT_DEADLINE + Duration::from_millis(10), "{:?}: {result:?}", start.elapsed());
    assert_eq!(count(&simulator, Operation::CreateCluster), 1);
}

#[tokio::test(start_paused = true)]
async fn an_older_cluster_is_not_adopted_after_the_simulators_clock_advances() {
    let (simulator, client) = start_with_short_deadline(Simulator::builder()).await;
    simulator.advance(Duration::from_secs(3600));
    assert!(create(&simulator.client()).await.success);
    simulator.advance(Duration::from_secs(3600));
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::Conflict { .. })), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_could_not_connect_is_retried_and_not_unknown() {
    let (simulator, client) = start(Simulator::builder()).await;
    // Leaves the client no open connection for the write.
    simulator.inject(Fault::on(Operation::OrgInfo).header("connection", "close"));
    client.info().await.unwrap();
    drop(simulator);
    let result = create(&client).await;
    let error = result.error().unwrap();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(error.attempts().len(), 4);
}

/// A list that fails once, also with an error that is not transient.
fn failing_lists() -> [Fault; 2] {
    [Fault::on(Operation::ListClusters).status(400), Fault::on(Operation::ListClusters).hide_cluster("new")]
}

#[tokio::test(start_paused = true)]
async fn a_failed_poll_does_not_end_the_reconciliation_of_a_lost_response() {
    for failing in failing_lists() {
        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
        simulator.inject(failing);
        let result = create(&client).await;
        assert!(result.success && result.is_reconciled(), "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_poll_after_an_error_response_leaves_the_outcome_unknown() {
    for failing in failing_lists() {
        let (simulator, client) = start(Simulator::builder()).await;
        simulator.inject(Fault::on(Operation::CreateCluster).applied().status(500));
        simulator.inject(failing.always());
        let result = create(&client).await;
        assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_is_a_success_if_another_client_has_created_the_name_again() {
    let simulator = Simulator::builder().cluster("old").start().await.unwrap();
    let other = simulator.client();
    simulator.inject(Fault::on(Operation::DeleteCluster).latency(Duration::from_secs(60)));
    let recreate = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        other.cluster_create("old", "us-west-1", 101).await.into_result().unwrap();
    };
    let client = client_with_timeout(&simulator);
    let (result, ()) = tokio::join!(client.cluster_delete("old"), recreate);
    assert!(result.success && result.is_reconciled(), "{result:?}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
    assert_eq!(simulator.cluster_names(), ["old"]);
}

/// A client whose writes wait 5 s for a response.
fn client_with_timeout(simulator: &Simulator) -> EloqApi {
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    builder.timeout(Duration::from_secs(5)).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_lost_delete_of_a_cluster_that_is_being_deleted_waits_for_its_end() {
    let cloud = Simulator::builder().cluster("old").deleting(Duration::from_secs(4));
    let (simulator, client) = start_with(cloud, Duration::from_secs(30)).await;
    simulator.inject(Fault::on(Operation::DeleteCluster).drop_after());
    let result = client.cluster_delete("old").await;
    assert!(result.success && result.is_reconciled(), "{result:?}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
}

#[tokio::test(start_paused = true)]
async fn a_delete_refused_with_a_500_is_sent_once() {
    let (simulator, client) = start(Simulator::builder().cluster("old")).await;
    simulator.inject(Fault::on(Operation::DeleteCluster).status(500));
    let result = client.cluster_delete("old").await;
    assert!(matches!(result.error(), Some(Error::Server { .. })), "{result:?}");
    assert_eq!((count(&simulator, Operation::DeleteCluster), count(&simulator, Operation::ListClusters)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_lost_delete_is_sent_again_as_often_as_the_policy_retries() {
    for retries in [0, 1, 3] {
        let simulator = Simulator::builder().cluster("old").start().await.unwrap();
        let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
        let client = builder.retry(RetryPolicy::default().max_retries(retries)).build().unwrap();
        simulator.inject(Fault::on(Operation::DeleteCluster).always().drop_before());
        let result = client.cluster_delete("old").await;
        assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{result:?}");
        assert_eq!(count(&simulator, Operation::DeleteCluster), 1 + retries as usize, "{retries}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_delete_is_not_sent_again_to_a_cluster_of_unknown_age() {
    let (simulator, client) = start(Simulator::builder().cluster("old")).await;
    simulator.set_date_header(DateHeader::Absent);
    simulator.inject(Fault::on(Operation::DeleteCluster).drop_before());
    let result = client.cluster_delete("old").await;
    assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{result:?}");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_deletion_reads_an_incomplete_list_again() {
    let (simulator, client) = start(Simulator::builder().cluster("old").deleting(Duration::from_secs(1))).await;
    simulator.inject(Fault::on(Operation::ListClusters).hide_cluster("old"));
    client.cluster_delete("old").wait().await.unwrap();
    assert!(simulator.cluster_names().is_empty());
}

/// Creates another cluster of the name so long before a create that never arrives, at this moment of the service's second.
async fn create_after_another(fraction: u64, before: u64, latency: u64) -> OperationResult {
    let time = Duration::from_secs(1_800_000_000) + Duration::from_millis(fraction);
    let cloud = Simulator::builder().latency(Duration::from_millis(latency));
    let (simulator, client) = start_at(time, cloud, Duration::from_secs(30)).await;
    client.scope().await.unwrap();
    let other = simulator.client();
    other.scope().await.unwrap();
    let moment = UNIX_EPOCH + time + Duration::from_secs(2);
    tokio::time::sleep(moment.duration_since(simulator.now()).unwrap()).await;
    assert!(create(&other).await.success);
    tokio::time::sleep(Duration::from_millis(before).saturating_sub(Duration::from_millis(latency))).await;
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    let result = create(&client).await;
    assert_eq!(count(&simulator, Operation::CreateCluster), 2);
    result
}

/// Whatever the latency: the polls tell the second in which the call began.
#[tokio::test(start_paused = true)]
async fn a_cluster_of_the_second_before_the_call_is_never_adopted() {
    for fraction in (0..1000).step_by(50) {
        for (before, latency) in [50, 400, 800, 1000, 1500].into_iter().flat_map(|before| [(before, 0), (before, 40)]) {
            let result = create_after_another(fraction, before, latency).await;
            let same_second = (fraction + before) / 1000 == 0;
            // Close to a whole second the outcome can stay unknown.
            let is_unknown = matches!(result.error(), Some(Error::OutcomeUnknown { .. }));
            let text = format!("{fraction} ms, {before} ms before, {latency} ms: {result:?}");
            assert!(result.success == same_second || is_unknown && latency > 0, "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_is_adopted_at_any_moment_of_the_services_second() {
    for fraction in (0..1000).step_by(50) {
        for latency in [0, 30, 300, 700, 1600] {
            let time = Duration::from_secs(1_800_000_000) + Duration::from_millis(fraction);
            let cloud = Simulator::builder().latency(Duration::from_millis(latency));
            let (simulator, _) = start_at(time, cloud, Duration::from_secs(2)).await;
            let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
            let client = builder.build().unwrap();
            client.scope().await.unwrap();
            simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
            let result = create(&client).await;
            assert!(result.success, "{fraction} ms, {latency} ms: {result:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_whose_clock_is_set_during_the_call_tells_no_age() {
    let (simulator, client) = start(Simulator::builder().cluster("other")).await;
    simulator.set_date_header(DateHeader::Fast(Duration::from_secs(3600)));
    simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
    simulator.inject(Fault::on(Operation::ListClusters).hide_cluster("new").times(3));
    let set = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        simulator.set_date_header(DateHeader::Clock);
    };
    let (result, ()) = tokio::join!(create(&client), set);
    assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn a_found_cluster_that_cannot_be_compared_after_an_error_response_leaves_the_outcome_unknown() {
    let (simulator, client) = start(Simulator::builder()).await;
    simulator.inject(Fault::on(Operation::CreateCluster).applied().status(503));
    simulator.inject(Fault::on(Operation::ListSkus).status(400));
    let result = create(&client).await;
    assert!(matches!(result.error(), Some(Error::OutcomeUnknown { .. })), "{result:?}");
    assert_eq!(simulator.cluster_names(), ["new"]);
}
