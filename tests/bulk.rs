//! Calls for each cluster, with bounded concurrency and a result per cluster, in one project or all, and `ensure_cluster`.

#[path = "support/scripted.rs"]
mod scripted;

use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{ClusterSpec, EloqApi, EnsureOutcome, Error, blocking};
use scripted::{Gate, Script, Server, ok};

async fn cloud(clusters: usize) -> Simulator {
    let names = (0..clusters).map(|number| format!("c{number:03}"));
    let builder = names.fold(Simulator::builder().cluster_limit(None), |builder, name| builder.cluster(name));
    builder.start().await.unwrap()
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

#[tokio::test(start_paused = true)]
async fn describe_all_keeps_the_order_of_the_list_and_sends_one_request_per_cluster() {
    let simulator = cloud(100).await;
    let all = simulator.client().describe_all().await.unwrap();
    let names: Vec<_> = all.iter().map(|each| each.result.as_ref().unwrap().display_cluster_name.clone()).collect();
    assert_eq!(names, simulator.cluster_names());
    assert_eq!(count(&simulator, Operation::DescribeCluster), 100);
    // Two full pages and an empty page.
    assert_eq!(count(&simulator, Operation::ListClusters), 3);
    assert_eq!(simulator.requests().len(), 104);
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_does_not_affect_the_other_clusters() {
    let simulator = cloud(20).await;
    simulator.inject(Fault::on(Operation::DescribeCluster).after(3).status(404));
    let all = simulator.client().credentials_for_all().await.unwrap();
    let failed: Vec<_> = all.iter().filter_map(|each| each.result.as_ref().err()).collect();
    assert_eq!((all.len(), failed.len()), (20, 1));
    assert!(matches!(failed[0], Error::NotFound { .. }));
    let connectable = all.iter().filter_map(|each| each.result.as_ref().ok());
    assert!(connectable.into_iter().all(|credentials| credentials.connection_url().is_ok()));
}

#[tokio::test]
async fn a_failed_list_request_fails_the_whole_call() {
    let simulator = cloud(60).await;
    simulator.inject(Fault::on(Operation::ListClusters).after(1).always().status(401));
    let client = simulator.client();
    assert!(matches!(client.describe_all().await, Err(Error::Authentication { .. })));

    let (mut described, mut errors, mut stream) = (0, 0, client.describe_all());
    simulator.clear_faults();
    simulator.inject(Fault::on(Operation::ListClusters).after(1).always().status(401));
    while let Some(each) = stream.next().await {
        match each {
            Ok(each) => described += usize::from(each.result.is_ok()),
            Err(_) => errors += 1,
        }
    }
    assert_eq!((described, errors), (50, 1));
}

fn page(clusters: usize) -> scripted::Response {
    let item = |number| {
        format!(
            r#"{{"cloud_provider":"aws","cluster_name":"c{number}","create_at":"2025-08-26T08:06:41Z","module_type":"EloqKV",
            "region":"r","status":"available","version":"v","zone":"z"}}"#
        )
    };
    let items: Vec<_> = (0..clusters).map(item).collect();
    ok(&format!(r#"{{"total":{clusters},"cluster_list":[{}]}}"#, items.join(",")))
}

/// Checks how many describe calls run concurrently.
async fn assert_concurrency(setting: Option<usize>, expected: usize) {
    let gate = Gate::closed();
    let held = ok("{}").held_by(&gate);
    let server = Server::start(Script::new().on("list_clusters", [page(40)]).on("describe_cluster", [held]));
    let client = EloqApi::from_key_and_url("k", server.url()).unwrap();
    let all = match setting {
        Some(calls) => client.describe_all().concurrency(calls),
        None => client.describe_all(),
    };
    let all = tokio::spawn(all.into_future());
    server.wait_until(|recorded| recorded.count("describe_cluster") == expected).await;
    gate.open();
    assert_eq!(all.await.unwrap().unwrap().len(), 40);
    // Concurrent requests use separate connections; the account and list requests use the first.
    let recorded = server.recorded();
    assert_eq!((recorded.connections, recorded.count("describe_cluster")), (expected, 40));
}

#[tokio::test]
async fn eight_calls_run_concurrently_by_default() {
    assert_concurrency(None, 8).await;
    assert_concurrency(Some(3), 3).await;
    assert_concurrency(Some(32), 32).await;
}

#[tokio::test]
async fn a_concurrency_of_zero_is_invalid() {
    let simulator = cloud(1).await;
    let rejected = simulator.client().describe_all().concurrency(0).await;
    assert!(matches!(rejected, Err(Error::InvalidInput { parameter: "concurrency", .. })));
    assert!(simulator.requests().is_empty());
}

#[test]
fn the_blocking_client_returns_results_as_they_arrive_or_in_order() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(cloud(20));
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    assert_eq!(client.describe_all().concurrency(4).map(|each| each.unwrap().position).sum::<usize>(), 190);
    let names: Vec<_> = client.credentials_for_all().send().unwrap();
    assert!(names.iter().map(|each| &each.cluster.cluster_name).eq(&simulator.cluster_names()));
}

/// An account with six projects, and a server that holds their lists, of one cluster each; the first to arrive is refused.
fn six_projects(gate: &Gate) -> Server {
    let projects = (1..=6).map(|id| format!(r#"{{"create_at":"","project_id":{id},"project_name":"p{id}"}}"#));
    let account = format!(
        r#"{{"auth_provider":"","create_at":"","email":"","user_name":"","org_info":{{"org_create_at":"","org_id":1,
        "org_name":"o","roles":[],"projects":[{}]}}}}"#,
        projects.collect::<Vec<_>>().join(",")
    );
    let page = r#"{"total":1,"cluster_list":[{"cloud_provider":"aws","cluster_name":"c","create_at":"2025-08-26T08:06:41Z",
        "module_type":"EloqKV","region":"r","status":"available","version":"v","zone":"z"}]}"#;
    let refused = scripted::json(403, r#"{"code":403,"message":"permission denied"}"#);
    let lists = [refused.held_by(gate), ok(page).held_by(gate)];
    Server::start(
        Script::new().on("org_info", [ok(&account)]).on("list_clusters", lists).on("describe_cluster", [ok("{}")]),
    )
}

#[tokio::test]
async fn results_of_all_projects_have_their_project_and_one_that_fails_stops_no_other() {
    let gate = Gate::closed();
    let server = six_projects(&gate);
    let client = EloqApi::from_key_and_url("k", server.url()).unwrap();
    let listing = tokio::spawn(client.clusters().all_projects().into_future());
    let recorded = server.wait_until(|recorded| recorded.count("list_clusters") == 4).await;
    assert_eq!((recorded.connections, recorded.count("org_info")), (4, 1));
    gate.open();
    let all = listing.await.unwrap().unwrap();
    assert_eq!(all.iter().map(|each| each.project.project_id).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let failed: Vec<_> = all.iter().filter_map(|each| each.result.as_ref().err()).collect();
    assert!(matches!(failed[..], [Error::Permission { .. }]), "{failed:?}");
    // Nothing more than the account again, to see whether the project that refused still exists.
    assert_eq!((server.recorded().count("list_clusters"), server.recorded().count("org_info")), (6, 2));

    let described = client.describe_all().all_projects().await.unwrap();
    assert_eq!(described.len(), 6);
    assert!(described.iter().all(|each| each.result.as_ref().unwrap().cluster.cluster_name == "c"));
    let requests = server.recorded().requests.len();
    for refused in [
        client.clusters().page(0).all_projects().await.err(),
        client.describe_all().concurrency(0).all_projects().await.err(),
    ] {
        assert!(matches!(refused, Some(Error::InvalidInput { .. })), "{refused:?}");
    }
    assert_eq!(server.recorded().requests.len(), requests);
}

fn spec() -> ClusterSpec {
    ClusterSpec::new("wanted", "us-west-1", 101)
}

#[tokio::test(start_paused = true)]
async fn ensuring_a_cluster_twice_creates_it_once() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    assert_eq!(client.ensure_cluster(spec()).await.unwrap(), EnsureOutcome::Created);
    assert_eq!(client.ensure_cluster(spec()).await.unwrap(), EnsureOutcome::Adopted);
    assert_eq!(client.ensure_cluster(spec().zone("us-west-1a")).await.unwrap(), EnsureOutcome::Adopted);
    assert_eq!(count(&simulator, Operation::CreateCluster), 1);
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_ensure_calls_create_one_cluster() {
    let simulator = Simulator::start().await.unwrap();
    let (one, other) = (simulator.client(), simulator.client());
    let (one, other) = tokio::join!(one.ensure_cluster(spec()), other.ensure_cluster(spec()));
    let mut both = [one.unwrap(), other.unwrap()];
    both.sort_by_key(|ensured| *ensured != EnsureOutcome::Created);
    assert_eq!(both, [EnsureOutcome::Created, EnsureOutcome::Adopted]);
    assert_eq!(simulator.cluster_names(), ["wanted"]);
    // Both calls found no cluster before they sent a create request.
    assert_eq!(count(&simulator, Operation::CreateCluster), 2);
}

#[tokio::test(start_paused = true)]
async fn ensure_returns_the_differences_and_changes_nothing() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    client.cluster_create("wanted", "us-west-1", 101).await.into_result().unwrap();
    let EnsureOutcome::Mismatch(differences) =
        client.ensure_cluster(ClusterSpec::new("wanted", "ap-northeast-1", 201).zone("ap-northeast-1c")).await.unwrap()
    else {
        panic!("it differs");
    };
    let lines: Vec<_> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "region is us-west-1 and not ap-northeast-1",
            "zone is us-west-1a and not ap-northeast-1c",
            "sku is 101 and not 201",
        ]
    );
    assert_eq!(count(&simulator, Operation::CreateCluster), 1);
}

#[tokio::test(start_paused = true)]
async fn ensure_compares_the_sizes_if_the_list_has_no_sku() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    client.cluster_create("wanted", "us-west-1", 101).await.into_result().unwrap();
    let listed = serde_json::to_value(client.clusters().await.unwrap()).unwrap();
    let mut listed = serde_json::json!({ "code": 0, "message": "", "data": listed });
    listed["data"]["cluster_list"][0].as_object_mut().unwrap().remove("sku_name");
    simulator.inject(Fault::on(Operation::ListClusters).always().reply(200, "application/json", listed.to_string()));
    assert_eq!(client.ensure_cluster(spec()).await.unwrap(), EnsureOutcome::Adopted);
    let another = client.ensure_cluster(ClusterSpec::new("wanted", "us-west-1", 201)).await.unwrap();
    assert!(matches!(&another, EnsureOutcome::Mismatch(differences) if !differences.is_empty()), "{another:?}");
}

#[tokio::test(start_paused = true)]
async fn any_other_failure_of_ensure_is_an_error() {
    let simulator = Simulator::builder().cluster_limit(Some(0)).start().await.unwrap();
    let client = simulator.client();
    assert!(matches!(client.ensure_cluster(spec()).await, Err(Error::Permission { .. })));
    let invalid = ClusterSpec::new("", "us-west-1", 101);
    assert!(matches!(client.ensure_cluster(invalid).await, Err(Error::InvalidInput { .. })));
}

#[tokio::test(start_paused = true)]
async fn ensure_ends_within_one_deadline() {
    let simulator = Simulator::builder().latency(Duration::from_millis(400)).start().await.unwrap();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.deadline(Duration::from_secs(1)).build().unwrap();
    simulator.inject(Fault::on(Operation::CreateCluster).latency(Duration::from_secs(3600)));
    let start = tokio::time::Instant::now();
    client.ensure_cluster(spec()).await.unwrap_err();
    // The deadline ends the create request, which would have one second of its own.
    assert!(start.elapsed() <= Duration::from_millis(1010), "{:?}", start.elapsed());
    let operations: Vec<_> = simulator.requests().iter().filter_map(|request| request.operation()).collect();
    assert_eq!(operations, [Operation::OrgInfo, Operation::ListClusters, Operation::CreateCluster]);
}

#[tokio::test(start_paused = true)]
async fn ensure_does_not_adopt_a_cluster_that_is_unavailable_or_has_failed() {
    let simulator = cloud(1).await;
    for (status, adopted) in [("unavailable", false), ("error", false), ("idle", true), ("provisioning", true)] {
        simulator.set_cluster_status("c000", status);
        let outcome = simulator.client().ensure_cluster(ClusterSpec::new("c000", "us-west-1", 101)).await.unwrap();
        match outcome {
            EnsureOutcome::Mismatch(differences) => {
                assert_eq!(differences[0].to_string(), format!("status is {status} and not available"));
                assert!(!adopted);
            }
            outcome => assert!(adopted && outcome == EnsureOutcome::Adopted, "{status}: {outcome:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ensure_does_not_adopt_a_cluster_whose_sku_is_unknown() {
    let simulator = Simulator::builder().cluster("wanted").start().await.unwrap();
    let client = simulator.client();
    for skus in ["[]", "null"] {
        let body = format!(r#"{{"code":0,"message":"","data":{skus}}}"#);
        simulator.clear_faults();
        simulator.inject(Fault::on(Operation::ListSkus).always().reply(200, "application/json", body));
        let EnsureOutcome::Mismatch(differences) = client.ensure_cluster(spec()).await.unwrap() else {
            panic!("the SKU is unknown");
        };
        assert_eq!(differences[0].to_string(), "sku is unknown and not 101");
    }
}
