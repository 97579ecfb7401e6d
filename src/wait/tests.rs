//! Waits under a paused clock: when they look, when they give up, and what they tell. Chance is pinned.

use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::error::ApiError;

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

fn status(status: &str) -> Result<Sight> {
    Ok(Sight::Described(Box::new(cluster(status, "active"))))
}

fn absent() -> Result<Sight> {
    Ok(Sight::Absent(Some(ApiError::stub(403, None).into_error())))
}

fn fault(code: u16, retry_after: Option<Duration>) -> Result<Sight> {
    Err(ApiError::stub(code, retry_after).into_error())
}

/// When the looks were made, in milliseconds.
type Times = Arc<Mutex<Vec<u128>>>;

/// A wait for `available` whose looks bring these sights, the last again and again.
fn wait<const N: usize>(sights: [fn() -> Result<Sight>; N]) -> (Wait<DescClusterDto>, Times) {
    let client = EloqApi::from_key_and_url("k", "http://127.0.0.1:1").unwrap();
    let times = Times::default();
    let log = times.clone();
    let look = move |began: Began, _| -> Looking {
        let mut log = log.lock().unwrap();
        let sight = sights[log.len().min(N - 1)];
        log.push(began.elapsed().as_millis());
        Box::pin(async move { sight() })
    };
    let judge = |sight| match sight {
        Sight::Described(cluster) if cluster.status == ClusterStatus::Available => Ok(Some(*cluster)),
        _ => Ok(None),
    };
    let wait = Wait::new(move || Began::now(&client), || 0.0, look, judge);
    (Wait { cluster_name: "c".to_owned(), operation: "describe_cluster", ..wait }, times)
}

#[tokio::test(start_paused = true)]
async fn it_looks_at_once_then_from_two_seconds_growing_to_fifteen() {
    let (growing, times) = wait([|| status("provisioning")]);
    growing.limit(80 * SECOND).await.unwrap_err();
    // The last look is made at the limit.
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 5_000, 9_500, 16_250, 26_375, 41_375, 56_375, 71_375, 80_000]);

    let (by_chance, times) = wait([|| status("provisioning")]);
    Wait { dice: || 1.0, ..by_chance }.limit(20 * SECOND).await.unwrap_err();
    assert_eq!(*times.lock().unwrap(), [0, 1_600, 4_000, 7_600, 13_000, 20_000]);
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_look_that_finds_what_is_waited_for() {
    let (reached, times) = wait([|| status("creating"), || status("provisioning"), || status("available")]);
    assert_eq!(reached.await.unwrap().status, ClusterStatus::Available);
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 5_000]);
}

#[tokio::test(start_paused = true)]
async fn the_last_look_at_the_limit_counts() {
    let (last, times) = wait([|| status("creating"), || status("creating"), || status("available")]);
    last.limit(3 * SECOND).await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 3_000]);
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_told_with_the_last_state_and_the_time() {
    let (late, _) = wait([|| status("creating"), || status("provisioning")]);
    let error = late.limit(10 * SECOND).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    let waited = error.waited().unwrap();
    assert_eq!(waited.elapsed, 10 * SECOND);
    assert_eq!(waited.last_state.as_ref().unwrap().status, Some(ClusterStatus::Provisioning));
    assert_eq!(
        error.to_string(),
        "describe_cluster: the cluster did not become what was waited for \
         (waited 10.0 s for c, last seen provisioning, load balancer active)"
    );
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_fifteen_minutes_by_default_and_nothing_overflows_without_one() {
    let (late, times) = wait([|| status("provisioning")]);
    late.await.unwrap_err();
    assert_eq!(times.lock().unwrap().last(), Some(&900_000));

    let (never, times) = wait([|| status("provisioning"), || status("available")]);
    never.limit(Duration::MAX).await.unwrap();
    assert_eq!(times.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_final_ends_it_at_once() {
    let (failed, times) = wait([|| status("provisioning"), || status("error")]);
    let error = failed.await.unwrap_err();
    assert!(matches!(error, Error::ClusterFailed(_)), "{error:?}");
    assert_eq!(error.waited().unwrap().last_state.as_ref().unwrap().status, Some(ClusterStatus::Error));
    assert_eq!(*times.lock().unwrap(), [0, 2_000]);
}

#[tokio::test(start_paused = true)]
async fn three_failures_in_a_row_pass_and_a_fourth_does_not() {
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
async fn a_failure_that_cannot_pass_ends_it_at_once() {
    let (refused, times) = wait([|| status("creating"), || fault(401, None)]);
    assert!(matches!(refused.await, Err(Error::Authentication(_))));
    assert_eq!(times.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn it_rests_as_long_as_the_service_asks() {
    let (throttled, times) = wait([|| fault(429, Some(7 * SECOND)), || status("available")]);
    throttled.await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 7_000]);

    // But not beyond the limit.
    let (throttled, times) = wait([|| fault(429, Some(700 * SECOND)), || status("available")]);
    throttled.limit(9 * SECOND).await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 9_000]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_not_there_yet_is_looked_for_a_few_times() {
    let (late, times) = wait([absent, absent, || status("available")]);
    late.await.unwrap();
    assert_eq!(*times.lock().unwrap(), [0, 2_000, 5_000]);

    let (missing, times) = wait([absent]);
    let error = missing.await.unwrap_err();
    assert!(matches!(error, Error::Permission(_)), "{error:?}");
    assert_eq!(error.waited().unwrap().last_state.as_ref().unwrap().to_string(), "absent");
    assert_eq!(times.lock().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_the_limit_is_the_cause_of_the_timeout() {
    let (late, _) = wait([|| status("creating"), || fault(503, None)]);
    let error = late.limit(SECOND).await.unwrap_err();
    assert!(error.is_timeout());
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    assert!(cause.unwrap().contains("HTTP 503"));
}

#[tokio::test(start_paused = true)]
async fn as_a_stream_it_tells_each_change_once_and_then_the_outcome() {
    let (mut watched, times) = wait([
        absent,
        || status("creating"),
        || status("creating"),
        || fault(503, None),
        || status("creating"),
        || status("provisioning"),
        || status("available"),
    ]);
    let mut told = Vec::new();
    while let Some(state) = watched.next().await {
        told.push((state.elapsed.as_millis(), state.status.map(|status| status.to_string())));
    }
    let status = |status: &str| Some(status.to_owned());
    assert_eq!(
        told,
        [(0, None), (2_000, status("creating")), (26_375, status("provisioning")), (41_375, status("available")),]
    );
    assert_eq!(watched.next().await, None);
    assert_eq!(watched.await.unwrap().status, ClusterStatus::Available);
    assert_eq!(times.lock().unwrap().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_fails_is_the_outcome() {
    let (refused, times) = wait([|| status("available")]);
    let error = refused.after(async { Err(ApiError::stub(409, None).into_error()) }).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)));
    assert!(times.lock().unwrap().is_empty());
}

#[test]
fn connectable_is_up_with_a_load_balancer_that_has_an_address() {
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
