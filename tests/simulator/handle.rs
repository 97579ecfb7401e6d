//! The `Simulator` handle: recorded requests, clients, drop.

use super::child::in_child;
use super::{CLUSTERS, Harness, operations, start, start_default};
use eloq_sdk::simulator::{DateHeader, Fault, Operation, SeededCluster, Simulator};
use serde_json::Value;
use std::io::{ErrorKind, Read};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[tokio::test]
async fn requests_are_recorded_as_received() {
    let harness = start_default().await;
    harness.create("orders").await;
    harness.get("skus-by-args?type=serverless").await;
    harness.get("nothing/here").await;
    let requests = harness.simulator.requests();
    assert_eq!(operations(&requests), [Some(Operation::CreateCluster), Some(Operation::ListSkus), None]);
    assert_eq!(requests[0].method(), "POST");
    assert_eq!(requests[0].path(), format!("/api/v1/{CLUSTERS}"));
    assert_eq!(requests[0].header("Content-Type"), Some("application/json"));
    let body: Value = serde_json::from_slice(requests[0].body()).unwrap();
    assert_eq!(body["clusterName"], "orders");
    assert_eq!(requests[1].query(), Some("type=serverless"));
    harness.simulator.clear_requests();
    assert!(harness.simulator.requests().is_empty());
}

#[tokio::test]
async fn debug_of_a_recorded_request_omits_the_key() {
    let harness = start(Simulator::builder().api_key("canary-key")).await;
    harness.get("org-info").await;
    let request = harness.simulator.requests().remove(0);
    assert_eq!(request.header("authorization"), Some("canary-key"));
    assert!(!format!("{request:?} {:?}", harness.simulator).contains("canary"));
}

#[tokio::test]
async fn only_the_newest_requests_are_kept() {
    let harness = start(Simulator::builder().record_limit(2)).await;
    for page in 1..=3 {
        harness.get(&format!("{CLUSTERS}?page={page}")).await;
    }
    let queries: Vec<_> =
        harness.simulator.requests().iter().map(|request| request.query().unwrap().to_owned()).collect();
    assert_eq!(queries, ["page=2", "page=3"]);
}

#[tokio::test]
async fn each_client_sends_its_requests_to_the_simulator() {
    let simulator = Simulator::start().await.unwrap();
    simulator.client().info().await.unwrap();
    simulator.client().info().await.unwrap();
    assert_eq!(operations(&simulator.requests()), [Some(Operation::OrgInfo); 2]);
}

#[tokio::test]
async fn the_client_ignores_environment_variables() {
    let variables = [
        ("ELOQ_API_KEY", "another-key"),
        ("ELOQ_BASE_URL", "https://elsewhere.example.com"),
        ("ELOQ_ORG_ID", "9"),
        ("ELOQ_PROJECT_ID", "5"),
        ("ELOQ_TIMEOUT", "soon"),
        ("https_proxy", "no proxy"),
    ];
    in_child("handle::the_client_ignores_environment_variables", &variables, async || {
        let simulator = Simulator::builder().cluster("orders").start().await.unwrap();
        assert_eq!(simulator.client().clusters().await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test]
async fn dropping_the_simulator_closes_its_connections_and_port() {
    let Harness { simulator, http } = start_default().await;
    let url = format!("{}org-info", simulator.base_url());
    simulator.inject(Fault::on_any().latency(Duration::from_secs(3600)));
    let waiting = tokio::spawn(http.get(&url).send());
    while simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(simulator);
    assert!(waiting.await.unwrap().is_err());
    assert!(http.get(&url).send().await.is_err());
}

#[test]
fn a_blocking_simulator_runs_on_a_thread_that_ends_with_it() {
    let hour = Duration::from_secs(3600);
    let simulator = Simulator::builder().provisioning(hour).start_blocking().unwrap();
    let client = eloq_sdk::blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    client.cluster_create("orders", "us-west-1", 101).send().into_result().unwrap();
    assert_eq!(client.cluster("orders").unwrap().status, "provisioning");
    simulator.advance(hour);
    assert_eq!(client.cluster("orders").unwrap().status, "available");
    assert!(simulator.rotate_password("orders").is_some());

    let address = simulator.base_url().split('/').nth(2).unwrap().to_owned();
    let mut open = std::net::TcpStream::connect(&address).unwrap();
    drop(simulator);
    let end = open.read(&mut [0]).map_err(|error| error.kind());
    assert!(matches!(end, Ok(0) | Err(ErrorKind::ConnectionReset)), "{end:?}");
    assert!(std::net::TcpStream::connect(&address).is_err(), "nothing listens");
}

#[tokio::test]
async fn a_blocking_simulator_starts_stops_and_serves_inside_a_runtime() {
    let simulator = Simulator::builder().cluster("orders").start_blocking().unwrap();
    assert_eq!(simulator.client().clusters().await.unwrap().total, 1);
}

#[test]
fn a_blocking_start_fails_as_start_does() {
    let error = Simulator::builder().no_projects().cluster("nowhere").start_blocking().unwrap_err();
    assert!(error.to_string().contains("project"), "{error}");
}

#[tokio::test]
async fn a_rotated_password_is_shown_from_then_on() {
    let harness = start(Simulator::builder().cluster("orders").admin_password("first")).await;
    let mut seen = vec!["first".to_owned()];
    for _ in 0..3 {
        let password = harness.simulator.rotate_password("orders").unwrap();
        let credentials = harness.simulator.client().cluster_credentials("orders").await.unwrap();
        assert_eq!(credentials.password.expose(), password);
        assert!(!seen.contains(&password), "{password} again");
        seen.push(password);
    }
    assert_eq!(harness.simulator.rotate_password("no-such-cluster"), None);
}

#[tokio::test]
async fn invalid_settings_fail_at_start() {
    let first = Simulator::start().await.unwrap();
    let port = first.base_url().split([':', '/']).nth(4).unwrap();
    for (builder, reason) in [
        (Simulator::builder().port(port.parse().unwrap()), port),
        (Simulator::builder().project(147, "again"), "147"),
        (Simulator::builder().no_projects().cluster("nowhere"), "project"),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(format!("{error:?}").starts_with("Config"), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn seeded_clusters_have_a_project_a_sku_a_region_a_status_and_an_age() {
    let cluster = SeededCluster::new("seeded").project(2).sku(202).region("r").status("frozen");
    let clock = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let builder = Simulator::builder().project(2, "staging").clock(clock).cluster(cluster.age(Duration::from_secs(60)));
    let simulator = builder.cluster("plain").start().await.unwrap();
    let client = simulator.client().with_project(2);
    let listed = client.clusters().await.unwrap().cluster_list.remove(0);
    assert_eq!((listed.region.as_str(), listed.status.as_str()), ("r", "frozen"));
    assert_eq!(listed.sku_name.as_deref(), Some("eloqkv-dedicated-gcp"));
    assert_eq!(listed.create_at.to_system_time(), Some(clock - Duration::from_secs(60)));
    let clusters = simulator.clusters();
    assert_eq!((clusters[0].project_id, clusters[0].status.as_str()), (2, "frozen"));
    assert_eq!((clusters[1].project_id, clusters[1].status.as_str()), (147, "available"));
}

#[tokio::test]
async fn a_cluster_cannot_be_seeded_without_its_project_or_sku() {
    let clusters = [SeededCluster::new("c").project(9), SeededCluster::new("c").sku(9)];
    for builder in clusters.map(|cluster| Simulator::builder().cluster(cluster)) {
        let error = builder.start().await.unwrap_err().to_string();
        assert!(error.contains("9, which does not exist"), "{error}");
    }
    assert!(Simulator::builder().no_projects().cluster("c").start().await.is_err());
}

#[tokio::test]
async fn projects_come_go_and_move() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = simulator.client().with_project(147);
    simulator.set_projects([(2, "other")]);
    assert!(client.clusters().await.is_err());
    simulator.set_projects([(2, "other"), (147, "project1")]);
    assert_eq!(client.clusters().await.unwrap().total, 1);
    let names: Vec<_> = client.projects().await.unwrap().into_iter().map(|project| project.project_name).collect();
    assert_eq!(names, ["other", "project1"]);
}

#[tokio::test]
async fn the_date_header_can_differ_from_the_clock() {
    let clock = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let harness = start(Simulator::builder().clock(clock)).await;
    let by = Duration::from_secs(3600);
    let dates = [
        (DateHeader::Clock, Some(clock)),
        (DateHeader::Fast(by), Some(clock + by)),
        (DateHeader::Slow(by), Some(clock - by)),
        (DateHeader::Absent, None),
    ];
    for (header, expected) in dates {
        harness.simulator.set_date_header(header);
        let url = format!("{}org-info", harness.simulator.base_url());
        let response = harness.http.get(url).send().await.unwrap();
        let date = response.headers().get("date").map(|date| parse_date(date.to_str().unwrap()));
        let near = |date: SystemTime, expected| date >= expected && date < expected + Duration::from_secs(30);
        assert!(date.zip(expected).is_none_or(|(date, expected)| near(date, expected)), "{header:?}: {date:?}");
        assert_eq!(date.is_some(), expected.is_some(), "{header:?}");
    }
    assert!(harness.simulator.now() >= clock);
}

/// A date of HTTP, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
fn parse_date(date: &str) -> SystemTime {
    let parts: Vec<&str> = date.split(' ').collect();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = 1 + months.iter().position(|month| *month == parts[2]).unwrap();
    humantime::parse_rfc3339(&format!("{}-{month:02}-{}T{}Z", parts[3], parts[1], parts[4])).unwrap()
}
