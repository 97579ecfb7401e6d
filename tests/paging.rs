//! Lists of many pages: streams, iterators, and `find_cluster`.

use eloq_sdk::simulator::{DateHeader, Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Error, blocking};

async fn cloud(clusters: usize) -> Simulator {
    let names = (0..clusters).map(|number| format!("c{number:05}"));
    let builder = names.fold(Simulator::builder().cluster_limit(None), |builder, name| builder.cluster(name));
    builder.start().await.unwrap()
}

/// The requested pages as number and size, for example `1/50`.
fn pages(simulator: &Simulator) -> Vec<String> {
    let lists = simulator.requests().into_iter().filter(|each| each.operation() == Some(Operation::ListClusters));
    let query = |list: eloq_sdk::simulator::RecordedRequest| {
        let query = list.query().unwrap_or_default().to_owned();
        query.replace("page=", "").replace("&perPage=", "/")
    };
    lists.map(query).collect()
}

#[tokio::test]
async fn a_stream_returns_every_cluster_once_and_requests_pages_on_demand() {
    let simulator = cloud(120).await;
    let mut stream = simulator.client().clusters().stream();
    let mut names = Vec::new();
    while let Some(cluster) = stream.next().await.transpose().unwrap() {
        names.push(cluster.cluster_name);
        assert_eq!(pages(&simulator).len(), names.len().div_ceil(50));
    }
    assert_eq!(names, simulator.cluster_names());
    assert_eq!(pages(&simulator), ["1/50", "2/50", "3/50"]);
    assert!(stream.next().await.is_none());
    assert_eq!(pages(&simulator).len(), 3);
}

#[tokio::test]
async fn a_stream_over_ten_thousand_clusters_requests_no_page_early() {
    let simulator = cloud(10_000).await;
    let mut stream = simulator.client().clusters().stream();
    let mut count = 0_usize;
    while let Some(cluster) = stream.next().await {
        cluster.unwrap();
        count += 1;
        if count.is_multiple_of(1_000) {
            assert_eq!(pages(&simulator).len(), count.div_ceil(50));
        }
    }
    assert_eq!(count, 10_000);
    // The last page is empty.
    assert_eq!(pages(&simulator).len(), 201);
}

#[tokio::test]
async fn page_size_first_page_and_prefetching_can_be_chosen() {
    let simulator = cloud(25).await;
    let client = simulator.client();
    let mut selected = client.clusters().page(2).per_page(10).pages();
    let second = selected.next().await.unwrap().unwrap();
    assert_eq!((second.total, second.cluster_list.len()), (25, 10));
    assert_eq!(selected.next().await.unwrap().unwrap().cluster_list.len(), 5);
    assert!(selected.next().await.is_none());
    assert_eq!(pages(&simulator), ["2/10", "3/10"]);

    simulator.clear_requests();
    let mut prefetched = client.clusters().per_page(10).prefetch().pages();
    let mut count = 0;
    while let Some(page) = prefetched.next().await.transpose().unwrap() {
        count += page.cluster_list.len();
    }
    assert_eq!((count, pages(&simulator).len()), (25, 3));
}

#[tokio::test]
async fn an_empty_list_and_a_null_list_need_one_request() {
    for null in [false, true] {
        let simulator = Simulator::builder().null_lists(null).start().await.unwrap();
        assert!(simulator.client().clusters().stream().next().await.is_none());
        assert_eq!(pages(&simulator), ["1/50"]);
    }
}

#[tokio::test]
async fn a_cluster_deleted_between_pages_hides_no_other_cluster() {
    let simulator = cloud(120).await;
    let client = simulator.client();
    let mut stream = client.clusters().stream();
    let first = stream.next().await.unwrap().unwrap().cluster_name;
    client.cluster_delete(first.as_str()).await.into_result().unwrap();
    simulator.advance(std::time::Duration::from_secs(3600));
    let mut names = vec![first];
    while let Some(cluster) = stream.next().await.transpose().unwrap() {
        names.push(cluster.cluster_name);
    }
    names.sort();
    assert_eq!(names, (0..120).map(|number| format!("c{number:05}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let simulator = cloud(120).await;
    simulator.inject(Fault::on(Operation::ListClusters).after(1).status(401));
    let mut stream = simulator.client().clusters().stream();
    for _ in 0..50 {
        stream.next().await.unwrap().unwrap();
    }
    assert!(matches!(stream.next().await, Some(Err(Error::Authentication { .. }))));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn invalid_page_parameters_fail_before_any_request() {
    let simulator = cloud(1).await;
    let client = simulator.client();
    for invalid in [client.clusters().page(0), client.clusters().per_page(0), client.clusters().per_page(51)] {
        let mut stream = invalid.stream();
        assert!(matches!(stream.next().await, Some(Err(Error::InvalidInput { .. }))));
        assert!(stream.next().await.is_none());
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn find_cluster_returns_none_only_for_a_cluster_that_is_not_in_the_list() {
    let simulator = cloud(60).await;
    let client = simulator.client();
    assert_eq!(client.find_cluster("c00059").await.unwrap().unwrap().display_cluster_name, "c00059");
    assert!(pages(&simulator).is_empty());
    // The service returns 403 for a missing cluster.
    assert!(client.find_cluster("missing").await.unwrap().is_none());
    assert_eq!(pages(&simulator), ["1/50", "2/50"]);
    // The cluster exists, but the service does not describe it.
    simulator.inject(Fault::on(Operation::DescribeCluster).always().status(403));
    assert!(matches!(client.find_cluster("c00001").await, Err(Error::Permission { .. })));
    assert!(matches!(client.find_cluster("..").await, Err(Error::InvalidInput { .. })));
}

#[test]
fn the_blocking_client_has_iterators() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(cloud(60));
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    let names: Vec<_> = client.clusters().stream().map(|cluster| cluster.unwrap().cluster_name).collect();
    assert_eq!(names, simulator.cluster_names());
    assert_eq!(client.clusters().per_page(20).prefetch().pages().count(), 3);
    assert!(client.find_cluster("missing").unwrap().is_none());
}

/// `Send` lets another task use a stream.
#[test]
fn streams_are_send() {
    fn is_send<T: Send>(_: impl Fn(EloqApi) -> T) {}
    is_send(|client| client.clusters().stream());
    is_send(|client| client.wait_for_cluster("c").connectable());
    is_send(|client| client.describe_all());
}

#[tokio::test]
async fn a_list_on_one_page_proves_absence_without_any_times() {
    let simulator = cloud(3).await;
    simulator.set_date_header(DateHeader::Absent);
    assert!(simulator.client().find_cluster("missing").await.unwrap().is_none());
    // With a second page a cluster could have moved in between.
    let simulator = cloud(51).await;
    simulator.set_date_header(DateHeader::Absent);
    assert!(matches!(simulator.client().find_cluster("missing").await, Err(Error::Protocol { .. })));
}
