//! Waits under a paused clock: when they poll, when they end, and what they report. Randomness is fixed.

use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::error::api_error::ApiError;
use crate::facade::clusters::wait::Wait;
use crate::schema::DescClusterDto;

const SECOND: Duration = Duration::from_secs(1);

fn cluster(status: &str, elb_state: &str) -> DescClusterDto {
    let active = elb_state == "active";
    serde_json::from_value(json!({
        "admin_password": "cGFzc3dvcmQ=", "admin_user": "dXNlcg==", "cloud_provider": "AWS",
        "cluster_deploy_mode": "txWithInternalLog", "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": "c",
        "elb_addr": if active { "host" } else { "" }, "elb_port": if active { 6379 } else { 0 },
        "elb_state": elb_state, "log_cpu_limit": 0.5, "log_memory_mi_limit": 512.0, "log_replica": 1,
        "module_type": "EloqKV", "org_name": "o", "project_name": "p", "region": "us-west-1", "status": status,
        "tx_cpu_limit": 1.0, "tx_memory_mi_limit": 1024.0, "tx_replica": 1, "version": "v", "zone": "us-west-1a",
    }))
    .unwrap()
}

fn status(status: &str) -> Result<Observation> {
    Ok(Observation::Described(Box::new(cluster(status, "active"))))
}

fn absent() -> Result<Observation> {
    Ok(Observation::Absent(Some(ApiError::stub(403, None).into())))
}

fn fault(code: u16, retry_after: Option<Duration>) -> Result<Observation> {
    Err(ApiError::stub(code, retry_after).into())
}

/// The start of each poll, in milliseconds.
type Times = Arc<Mutex<Vec<u128>>>;

/// A source with these observations. The last observation repeats.
struct Script<const N: usize> {
    observations: [fn() -> Result<Observation>; N],
    times: Times,
}

impl<const N: usize> PollSource for Script<N> {
    fn operation(&self) -> Operation {
        Operation::DescribeCluster
    }

    fn poll(&self, start: CallStart, _: Duration) -> BoxFuture<'_, Result<Observation>> {
        let mut times = self.times.lock().unwrap();
        let observation = self.observations[times.len().min(N - 1)];
        times.push(start.elapsed().as_millis());
        Box::pin(async move { observation() })
    }

    fn sleep(&self, delay: Duration) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            Ok(())
        })
    }
}

/// A wait for `available` with these observations, without jitter.
fn wait<const N: usize>(observations: [fn() -> Result<Observation>; N]) -> (Wait<DescClusterDto>, Times) {
    wait_with(|| 1.0, observations)
}

fn wait_with<const N: usize>(
    random: fn() -> f64,
    observations: [fn() -> Result<Observation>; N],
) -> (Wait<DescClusterDto>, Times) {
    let times = Times::default();
    let source = Box::new(Script { observations, times: times.clone() });
    let accept: Acceptor<DescClusterDto> = Box::new(|observation| match observation {
        Observation::Described(cluster) if cluster.status == ClusterStatus::Available => Ok(Some(*cluster)),
        _ => Ok(None),
    });
    (Wait::new(Waiter::new(source, accept, "become available", "c".to_owned(), random)), times)
}

#[tokio::test(start_paused = true)]
async fn it_polls_immediately_then_at_intervals_from_2_to_15_seconds() {
    let (growing, times) = wait([|| status("provisioning")]);
    growing.max_wait(80 * SECOND).await.unwrap_err();
    // The last poll is at `max_wait`.
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 5_000, 9_500, 16_250, 26_375, 41_375, 56_375, 71_375, 80_000]);

    let (with_jitter, times) = wait_with(|| 0.0, [|| status("provisioning")]);
    with_jitter.max_wait(20 * SECOND).await.unwrap_err();
    assert_eq!(*times.lock().unwrap(), [0, 1_600, 4_000, 7_600, 13_000, 20_000]);
}

#[tokio::test(start_paused = true)]
async fn the_interval_between_polls_can_be_constant() {
    let (constant, times) = wait([|| status("provisioning")]);
    constant.poll_interval(7 * SECOND).max_wait(20 * SECOND).await.unwrap_err();
    assert_eq!(*times.lock().unwrap(), [0, 7_000, 14_000, 20_000]);

    let (with_jitter, times) = wait_with(|| 0.0, [|| status("provisioning")]);
    with_jitter.poll_interval(10 * SECOND).max_wait(20 * SECOND).await.unwrap_err();
    assert_eq!(*times.lock().unwrap(), [0, 8_000, 16_000, 20_000]);

    let (refused, times) = wait([|| status("provisioning")]);
    let error = refused.poll_interval(Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, Error::InvalidInput { parameter: "poll_interval", .. }), "{error}");
    assert!(times.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn ticks_are_the_states_of_all_polls() {
    for (ticks, expected) in [(false, 2), (true, 4)] {
        let creating = || status("creating");
        let (mut waiting, _) = wait([creating, creating, creating, || status("available")]);
        if ticks {
            waiting = waiting.ticks();
        }
        let mut states = Vec::new();
        while let Some(state) = waiting.next().await {
            states.push(state.elapsed.as_millis());
        }
        assert_eq!(states.len(), expected, "{states:?}");
        waiting.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_poll_that_reaches_the_goal() {
    let (reached, times) = wait([|| status("creating"), || status("provisioning"), || status("available")]);
    assert_eq!(reached.await.unwrap().status, ClusterStatus::Available);
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 5_000]);
}

#[tokio::test(start_paused = true)]
async fn the_last_poll_can_reach_the_goal() {
    let (last, times) = wait([|| status("creating"), || status("creating"), || status("available")]);
    last.max_wait(3 * SECOND).await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 3_000]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_names_the_goal_the_last_state_and_the_time() {
    let (late, _) = wait([|| status("creating"), || status("provisioning")]);
    let error = late.max_wait(10 * SECOND).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    let waited = error.waited().unwrap();
    assert_eq!(waited.elapsed, 10 * SECOND);
    assert_eq!(waited.last_state.as_ref().unwrap().status, Some(ClusterStatus::Provisioning));
    assert_eq!(
        error.to_string(),
        "describe_cluster: timed out waiting for the cluster to become available \
         (waited 10.0 s for c, last seen provisioning, load balancer active)"
    );
}

#[tokio::test(start_paused = true)]
async fn max_wait_is_15_minutes_by_default_and_does_not_overflow() {
    let (late, times) = wait([|| status("provisioning")]);
    late.await.unwrap_err();
    assert_eq!(times.lock().unwrap().last(), Some(&900_000));

    let (never, times) = wait([|| status("provisioning"), || status("available")]);
    never.max_wait(Duration::MAX).await.unwrap();
    assert_eq!(times.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_cluster_ends_it_immediately() {
    let (failed, times) = wait([|| status("provisioning"), || status("error")]);
    let error = failed.await.unwrap_err();
    assert!(matches!(error, Error::ClusterFailed { .. }), "{error:?}");
    assert_eq!(error.waited().unwrap().last_state.as_ref().unwrap().status, Some(ClusterStatus::Error));
    assert_eq!(*times.lock().unwrap(), [0, 2_000]);
}

#[tokio::test(start_paused = true)]
async fn three_failed_polls_in_a_row_are_tolerated_and_a_fourth_is_not() {
    let (passed, times) = wait([
        || fault(503, None),
        || fault(500, None),
        || fault(429, None),
        || status("provisioning"),
        || fault(503, None),
        || status("available"),
    ]);
    passed.await.unwrap();
    assert_eq!(times.lock().unwrap().len(), 6);

    let (given_up, times) = wait([|| status("creating"), || fault(503, None)]);
    let error = given_up.await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_eq!(error.waited().unwrap().last_state.as_ref().unwrap().status, Some(ClusterStatus::Creating));
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 5_000, 9_500, 16_250]);
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_ends_it_immediately() {
    let (rejected, times) = wait([|| status("creating"), || fault(401, None)]);
    assert!(matches!(rejected.await, Err(Error::Authentication { .. })));
    assert_eq!(times.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn retry_after_delays_the_next_poll() {
    let (throttled, times) = wait([|| fault(429, Some(7 * SECOND)), || status("available")]);
    throttled.await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 7_000]);

    // But not beyond `max_wait`.
    let (throttled, times) = wait([|| fault(429, Some(700 * SECOND)), || status("available")]);
    throttled.max_wait(9 * SECOND).await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 9_000]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_does_not_exist_yet_is_polled_a_few_times() {
    let (late, times) = wait([absent, absent, || status("available")]);
    late.await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 5_000]);

    let (missing, times) = wait([absent]);
    let error = missing.await.unwrap_err();
    assert!(matches!(error, Error::Permission { .. }), "{error:?}");
    assert_eq!(error.waited().unwrap().last_state.as_ref().unwrap().to_string(), "absent");
    assert_eq!(times.lock().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_last_poll_is_the_source_of_the_timeout() {
    let (late, _) = wait([|| status("creating"), || fault(503, None)]);
    let error = late.max_wait(SECOND).await.unwrap_err();
    assert!(error.is_timeout());
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    assert!(cause.unwrap().contains("HTTP 503"));
}

#[tokio::test(start_paused = true)]
async fn as_a_stream_it_returns_each_change_once_and_then_the_outcome() {
    let (mut watched, times) = wait([
        absent,
        || status("creating"),
        || status("creating"),
        || fault(503, None),
        || status("creating"),
        || status("provisioning"),
        || status("available"),
    ]);
    let mut states = Vec::new();
    while let Some(state) = watched.next().await {
        states.push((state.elapsed.as_millis(), state.status.map(|status| status.to_string())));
    }
    let status = |status: &str| Some(status.to_owned());
    assert_eq!(
        states,
        [(0, None), (2_000, status("creating")), (26_375, status("provisioning")), (41_375, status("available")),]
    );
    assert_eq!(watched.next().await, None);
    assert_eq!(watched.await.unwrap().status, ClusterStatus::Available);
    assert_eq!(times.lock().unwrap().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_the_outcome() {
    let (rejected, times) = wait([|| status("available")]);
    let error = rejected.after(|_| Box::pin(async { Err(ApiError::stub(409, None).into()) })).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }));
    assert!(times.lock().unwrap().is_empty());
}

#[test]
fn connectable_needs_a_running_cluster_and_a_load_balancer_with_an_address() {
    let cases = [
        ("available", "active", true),
        ("active", "active", true),
        ("idle", "active", true),
        ("provisioning", "active", false),
        ("creating", "active", false),
        ("unavailable", "active", false),
        ("error", "active", false),
        ("hibernating", "active", false),
        ("available", "provisioning", false),
    ];
    for (status, elb_state, connectable) in cases {
        assert_eq!(cluster(status, elb_state).is_connectable(), connectable, "{status} {elb_state}");
    }
    let changes: [fn(&mut DescClusterDto); 2] = [|c| c.elb_addr.clear(), |c| c.elb_port = 0];
    for change in changes {
        let mut early = cluster("available", "active");
        change(&mut early);
        assert!(!early.is_connectable());
    }
}
