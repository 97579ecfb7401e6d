//! Watching the list of clusters, in one project or all, and waiting for many clusters: results, and requests on the wire.

use std::time::Duration;

use eloq_sdk::schema::ClusterStatus;
use eloq_sdk::simulator::{Fault, Operation, SeededCluster, Simulator, SimulatorBuilder};
use eloq_sdk::{ClusterSnapshot, ClusterWatch, EloqApi, Error, RetryPolicy, blocking};
use tokio::time::{Instant, timeout};

const HOUR: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);
const POLL_INTERVAL: Duration = Duration::from_secs(15);

fn cloud(clusters: usize) -> SimulatorBuilder {
    let names = (0..clusters).map(|number| SeededCluster::new(format!("c{number:03}")).age(HOUR));
    // Only `advance` ends a transition, since paused clocks jump.
    let builder = Simulator::builder().cluster_limit(None).provisioning(HOUR).deleting(HOUR);
    names.fold(builder, |builder, cluster| builder.cluster(cluster))
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

/// A client without retries, so that every fault has an effect.
fn client(simulator: &Simulator) -> EloqApi {
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    builder.retry(RetryPolicy::none()).build().unwrap()
}

/// The next changes and failures, as `project: text`.
async fn lines(watch: &mut ClusterWatch, count: usize) -> Vec<String> {
    let mut lines = Vec::new();
    while lines.len() < count {
        let next = timeout(10 * POLL_INTERVAL, watch.next()).await.expect("something happens");
        let each = next.unwrap().unwrap();
        let text = each.result.map_or_else(|error| format!("{:?}", error.kind()), |change| change.to_string());
        lines.push(format!("{}: {text}", each.project.project_id));
    }
    lines
}

#[tokio::test(start_paused = true)]
async fn a_watch_announces_what_exists_and_then_each_change() {
    let simulator = cloud(0).cluster("orders").cluster("old").start().await.unwrap();
    let api = simulator.client();
    let mut watch = api.watch_clusters();
    assert_eq!(lines(&mut watch, 2).await, ["147: + old: available", "147: + orders: available"]);
    api.cluster_create("new", "us-west-1", 101).await.into_result().unwrap();
    api.cluster_delete("old").await.into_result().unwrap();
    assert!(simulator.set_cluster_status("orders", "idle"));
    let changes = [
        "147: + new: provisioning",
        "147: ~ old: status available → unavailable",
        "147: ~ orders: status available → idle",
    ];
    assert_eq!(lines(&mut watch, 3).await, changes);
    simulator.advance(HOUR);
    assert_eq!(lines(&mut watch, 2).await, ["147: ~ new: status provisioning → available", "147: - old"]);
    assert_eq!(watch.snapshot().clusters().map(|(_, each)| &each.cluster_name).collect::<Vec<_>>(), ["new", "orders"]);

    // Deleted and created again between two lists.
    api.cluster_delete("new").await.into_result().unwrap();
    simulator.advance(HOUR);
    api.cluster_create("new", "us-west-1", 101).await.into_result().unwrap();
    assert_eq!(lines(&mut watch, 2).await, ["147: - new", "147: + new: provisioning"]);
}

#[tokio::test(start_paused = true)]
async fn an_interval_costs_the_pages_of_the_list_however_many_clusters_change() {
    let simulator = cloud(1000).start().await.unwrap();
    let mut watch = simulator.client().watch_clusters().poll_interval(10 * SECOND);
    lines(&mut watch, 1000).await;
    assert_eq!(count(&simulator, Operation::ListClusters), 20);
    for round in 1..4 {
        let began = Instant::now();
        for number in 0..50 {
            simulator.set_cluster_status(&format!("c{number:03}"), ["idle", "active"][round % 2]);
        }
        lines(&mut watch, 50).await;
        let interval = began.elapsed().as_secs_f64();
        assert!((8.0..10.5).contains(&interval), "{interval}");
    }
    // Four lists and the account.
    assert_eq!((count(&simulator, Operation::ListClusters), simulator.requests().len()), (80, 81));
}

#[tokio::test(start_paused = true)]
async fn a_watch_resumes_from_a_snapshot_that_was_stored() {
    let simulator = cloud(60).project(2, "other").extra_fields(true).start().await.unwrap();
    let mut watch = simulator.client().watch_clusters();
    lines(&mut watch, 55).await;
    let stored = serde_json::to_string(watch.snapshot()).unwrap();
    drop(watch);
    simulator.set_cluster_status("c010", "idle");
    let known: ClusterSnapshot = serde_json::from_str(&stored).unwrap();
    let mut watch = simulator.client().watch_clusters().resume_from(known.clone());
    let added = (55..60).map(|number| format!("147: + c{number:03}: available"));
    let expected: Vec<_> = ["147: ~ c010: status available → idle".to_owned()].into_iter().chain(added).collect();
    assert_eq!(lines(&mut watch, 6).await, expected);

    let refused = simulator.client().with_project(2).watch_clusters().resume_from(known).next().await;
    assert!(matches!(refused, Some(Err(Error::InvalidInput { parameter: "resume_from", .. }))), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_can_pass_is_told_and_the_watch_continues() {
    let simulator = cloud(1).start().await.unwrap();
    let mut watch = client(&simulator).watch_clusters();
    lines(&mut watch, 1).await;
    let busy = Fault::on(Operation::ListClusters).status(429).header("Retry-After", "90");
    simulator.inject(Fault::on(Operation::ListClusters).drop_before());
    simulator.inject(busy);
    simulator.set_cluster_status("c000", "idle");
    assert_eq!(lines(&mut watch, 2).await, ["147: Connect", "147: RateLimit"]);
    let told = Instant::now();
    assert_eq!(lines(&mut watch, 1).await, ["147: ~ c000: status available → idle"]);
    assert!(told.elapsed() >= 90 * SECOND, "{:?}", told.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lacks_clusters_removes_none() {
    let simulator = cloud(3).start().await.unwrap();
    let mut watch = client(&simulator).watch_clusters();
    lines(&mut watch, 3).await;
    simulator.inject(Fault::on(Operation::ListClusters).hide_cluster("c001").always());
    simulator.set_cluster_status("c002", "idle");
    assert_eq!(lines(&mut watch, 2).await, ["147: ~ c002: status available → idle", "147: Protocol"]);
    assert_eq!(watch.snapshot().clusters().count(), 3);
    simulator.clear_faults();
    simulator.set_cluster_status("c001", "idle");
    assert_eq!(lines(&mut watch, 1).await, ["147: ~ c001: status available → idle"]);
}

#[tokio::test(start_paused = true)]
async fn close_and_an_error_that_cannot_pass_end_a_watch_and_zero_is_no_interval() {
    let simulator = cloud(1).start().await.unwrap();
    let api = client(&simulator);
    let (mut closed, mut revoked) = (api.watch_clusters(), client(&simulator).watch_clusters().all_projects());
    lines(&mut closed, 1).await;
    lines(&mut revoked, 1).await;
    api.close();
    assert!(matches!(closed.next().await, Some(Err(Error::Closed))));
    simulator.set_api_key("another");
    assert!(matches!(revoked.next().await, Some(Err(Error::Authentication { .. }))));
    simulator.set_api_key(simulator.api_key());
    simulator.inject(Fault::on(Operation::ListClusters).status(403));
    let mut refused = client(&simulator).watch_clusters();
    assert!(matches!(refused.next().await, Some(Err(Error::Permission { .. }))));
    for watch in [&mut closed, &mut revoked, &mut refused] {
        assert!(watch.next().await.is_none());
    }

    let requests = simulator.requests().len();
    let zero = client(&simulator).watch_clusters().poll_interval(Duration::ZERO).next().await;
    assert!(matches!(zero, Some(Err(Error::InvalidInput { parameter: "poll_interval", .. }))));
    assert_eq!(simulator.requests().len(), requests);
}

async fn three_projects() -> Simulator {
    let builder = cloud(2).project(2, "empty").project(3, "third").cluster(SeededCluster::new("c000").project(3));
    builder.start().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn all_projects_are_watched_with_one_interval_and_a_project_that_is_gone_stops_no_other() {
    let simulator = three_projects().await;
    let mut watch = client(&simulator).watch_clusters().all_projects();
    let all = ["147: + c000: available", "147: + c001: available", "3: + c000: available"];
    assert_eq!(lines(&mut watch, 3).await, all);
    assert_eq!((count(&simulator, Operation::ListClusters), count(&simulator, Operation::OrgInfo)), (3, 1));
    simulator.set_projects([(2, "empty"), (3, "third")]);
    let gone = watch.next().await.unwrap().unwrap();
    assert_eq!((gone.project.project_id, gone.project.project_name.as_str()), (147, "project1"));
    assert!(matches!(gone.result, Err(Error::Config { .. })), "{:?}", gone.result);
    let known = watch.snapshot().clone();
    simulator.clear_requests();
    timeout(40 * SECOND, watch.next()).await.unwrap_err();
    assert!(simulator.requests().iter().all(|request| !request.path().contains("/147/")));

    // A snapshot with a project that is gone: its clusters are neither removed nor forgotten.
    let mut watch = client(&simulator).watch_clusters().all_projects().resume_from(known.clone());
    assert_eq!(lines(&mut watch, 1).await, ["147: Config"]);
    assert_eq!(*watch.snapshot(), known);
}

#[tokio::test(start_paused = true)]
async fn fifty_clusters_are_waited_for_with_one_list_in_each_interval() {
    let simulator = cloud(0).start().await.unwrap();
    let api = simulator.client();
    let names: Vec<_> = (0..50).map(|number| format!("c{number:03}")).collect();
    for name in &names {
        api.cluster_create(name, "us-west-1", 101).await.into_result().unwrap();
    }
    simulator.clear_requests();
    let mut waits = api.wait_for_clusters(&names).connectable();
    assert!(timeout(20 * SECOND, waits.next()).await.is_err());
    let lists = count(&simulator, Operation::ListClusters);
    assert!((4..=7).contains(&lists) && simulator.requests().len() == lists, "{lists}");
    simulator.advance(HOUR);
    let all = waits.await.unwrap();
    assert!(all.iter().map(|each| &each.cluster_name).eq(&names));
    assert!(all.iter().all(|each| each.result.as_ref().unwrap().connection_url().is_ok()));
    assert_eq!(count(&simulator, Operation::DescribeCluster), 50);
    assert_eq!(simulator.requests().len(), lists + 1 + 50);
}

#[tokio::test(start_paused = true)]
async fn each_cluster_of_a_wait_succeeds_or_fails_on_its_own() {
    let simulator = cloud(0).cluster("good").cluster("bad").cluster("slow").start().await.unwrap();
    simulator.set_cluster_status("bad", "error");
    simulator.set_cluster_status("slow", "provisioning");
    let api = client(&simulator);
    let names = ["slow", "missing", "", "bad", "good"];
    let mut waits = api.wait_for_clusters(names).available().max_wait(60 * SECOND);
    let mut seen = Vec::new();
    while let Some(each) = waits.next().await.transpose().unwrap() {
        let error = each.result.as_ref().err();
        seen.push((each.cluster_name.clone(), error.map(|error| (error.kind().as_str(), error.waited().is_some()))));
    }
    let expected = [
        ("", Some(("InvalidInput", false))),
        ("bad", Some(("ClusterFailed", true))),
        ("good", None),
        ("missing", Some(("Permission", true))),
        ("slow", Some(("Timeout", true))),
    ];
    assert_eq!(seen, expected.map(|(name, error)| (name.to_owned(), error)));
    // For the one that is good, and for the one that is missing.
    assert_eq!(count(&simulator, Operation::DescribeCluster), 2);

    let again = api.wait_for_clusters(names).available().max_wait(60 * SECOND).await.unwrap();
    assert_eq!(again.iter().map(|each| each.cluster_name.as_str()).collect::<Vec<_>>(), names);
    let error = again[1].result.as_ref().unwrap_err();
    assert_eq!((error.waited().unwrap().cluster_name.as_str(), error.attempts().is_empty()), ("missing", false));
    simulator.clear_requests();
    let zero = api.wait_for_clusters(["good"]).deleted().poll_interval(Duration::ZERO).await.unwrap();
    assert!(matches!(zero[0].result, Err(Error::InvalidInput { parameter: "poll_interval", .. })));
    assert!(api.wait_for_clusters([""]).deleted().await.unwrap()[0].result.is_err());
    assert!(simulator.requests().is_empty());
    assert!(api.wait_for_clusters([""; 0]).deleted().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn deletions_and_statuses_of_many_clusters_can_be_waited_for() {
    let simulator = cloud(4).start().await.unwrap();
    let api = client(&simulator);
    for name in ["c000", "c001"] {
        api.cluster_delete(name).await.into_result().unwrap();
    }
    simulator.clear_requests();
    simulator.inject(Fault::on(Operation::ListClusters).hide_cluster("c000").always());
    let mut deleted = api.wait_for_clusters(["c000", "c001", "missing"]).deleted();
    let waited = timeout(3 * SECOND, deleted.next()).await;
    assert!(waited.is_err(), "an incomplete list proves nothing: {waited:?}");
    simulator.clear_faults();
    simulator.inject(Fault::on(Operation::ListClusters).status(503));
    simulator.advance(HOUR);
    assert!(deleted.await.unwrap().iter().all(|each| each.result.is_ok()));
    assert_eq!(count(&simulator, Operation::DescribeCluster), 0);

    simulator.inject(Fault::on(Operation::ListClusters).times(4).status(503));
    for each in api.wait_for_clusters(["c002", "c003"]).available().await.unwrap() {
        let error = each.result.unwrap_err();
        assert_eq!((error.status(), error.attempts().len()), (Some(503), 4), "{error}");
    }
    assert_eq!(count(&simulator, Operation::DescribeCluster), 0);

    simulator.set_cluster_status("c002", "idle");
    let idle = api.wait_for_clusters(["c002", "c003"]).status(|status| *status == ClusterStatus::Idle);
    let idle = idle.max_wait(5 * SECOND).await.unwrap();
    assert_eq!(idle[0].result.as_ref().unwrap().status, "idle");
    assert!(matches!(idle[1].result, Err(Error::Timeout { .. })));
    assert_eq!(count(&simulator, Operation::DescribeCluster), 1);

    let mut closed = api.wait_for_clusters(["c002", "c003"]).available();
    assert!(closed.next().await.unwrap().unwrap().result.is_ok());
    api.close();
    assert!(matches!(closed.await.unwrap()[..], [ref each] if matches!(each.result, Err(Error::Closed))));
}

#[test]
fn the_blocking_client_watches_waits_and_lists_all_projects() {
    let simulator =
        cloud(3).project(2, "other").cluster(SeededCluster::new("far").project(2)).start_blocking().unwrap();
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    let mut watch = client.watch_clusters().all_projects();
    let added = watch.by_ref().take(4).map(|each| each.unwrap().result.unwrap().to_string());
    assert_eq!(added.last().unwrap(), "+ far: available");
    assert_eq!(watch.snapshot().clusters().count(), 4);
    client.close();
    assert!(matches!(watch.next(), Some(Err(Error::Closed))));

    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    let waited = client.wait_for_clusters(["c000", "c001"]).connectable().max_wait(HOUR).send().unwrap();
    assert!(waited.iter().all(|each| each.result.is_ok()));
    assert_eq!(
        client.wait_for_clusters(["c000"]).available().map(|each| each.unwrap().cluster_name).last().unwrap(),
        "c000"
    );
    let listed = client.clusters().all_projects().send().unwrap();
    let described = client.describe_all().concurrency(2).all_projects().send().unwrap();
    assert_eq!((listed.len(), described.len()), (4, 4));
    let credentials = client.credentials_for_all().all_projects();
    assert_eq!(credentials.filter(|each| each.as_ref().is_ok_and(|each| each.result.is_ok())).count(), 4);
}
