//! Temporary clusters: nothing is left behind without its name in the log. Async tests have virtual time.

use std::io::Write;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{ClusterSpec, EloqApi, Error, ErrorKind, blocking};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

fn spec() -> ClusterSpec {
    ClusterSpec::new("temporary", "us-west-1", 101)
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

async fn cloud(provisioning: Duration) -> (Simulator, EloqApi) {
    let simulator = Simulator::builder().provisioning(provisioning).deleting(SECOND).start().await.unwrap();
    let client = simulator.client();
    client.scope().await.unwrap();
    (simulator, client)
}

/// The output of a subscriber.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Captures the log of this thread.
fn capture() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[tokio::test(start_paused = true)]
async fn it_is_connectable_until_it_is_deleted() {
    let (simulator, client) = cloud(20 * SECOND).await;
    let cluster = client.temporary_cluster(spec()).await.unwrap();
    assert_eq!(cluster.cluster_name(), "temporary");
    assert!(cluster.credentials().connection_url().is_ok());
    assert_eq!(simulator.clusters()[0].status, "available");
    cluster.delete().await.unwrap();
    assert_eq!(simulator.clusters()[0].status, "unavailable");
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
}

#[tokio::test(start_paused = true)]
async fn it_is_deleted_when_it_is_dropped_also_by_a_panic_and_when_it_is_idle() {
    for status in ["available", "idle"] {
        let (simulator, client) = cloud(SECOND).await;
        let cluster = client.temporary_cluster(spec()).await.unwrap();
        simulator.set_cluster_status("temporary", status);
        let panicking = tokio::spawn(async move {
            let _cluster = cluster;
            panic!("expected");
        });
        assert!(panicking.await.unwrap_err().is_panic());
        sleep(60 * SECOND).await;
        assert!(simulator.clusters().is_empty(), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_request_deletes_what_it_has_created() {
    for limit in [Duration::from_millis(1), SECOND, 10 * SECOND] {
        let (simulator, client) = cloud(30 * SECOND).await;
        simulator.inject(Fault::on(Operation::CreateCluster).latency(2 * SECOND));
        timeout(limit, client.temporary_cluster(spec()).send()).await.unwrap_err();
        sleep(120 * SECOND).await;
        assert!(simulator.clusters().is_empty(), "{limit:?}");
        assert_eq!(count(&simulator, Operation::CreateCluster), 1, "{limit:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_deletion_continues() {
    let (simulator, client) = cloud(SECOND).await;
    let cluster = client.temporary_cluster(spec()).await.unwrap();
    simulator.inject(Fault::on(Operation::DeleteCluster).latency(5 * SECOND));
    simulator.set_cluster_status("temporary", "active");
    timeout(SECOND, cluster.delete()).await.unwrap_err();
    simulator.set_cluster_status("temporary", "available");
    sleep(60 * SECOND).await;
    assert!(simulator.clusters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_does_not_become_connectable_in_time_is_deleted() {
    let (simulator, client) = cloud(40 * SECOND).await;
    let error = client.temporary_cluster(spec()).max_wait(10 * SECOND).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    sleep(60 * SECOND).await;
    assert!(simulator.clusters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_existing_cluster_of_the_name_stays() {
    let (simulator, client) = cloud(SECOND).await;
    client.cluster_create("temporary", "us-west-1", 101).wait().await.unwrap();
    let error = client.temporary_cluster(spec()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    sleep(600 * SECOND).await;
    assert_eq!((simulator.cluster_names().len(), count(&simulator, Operation::DeleteCluster)), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn another_cluster_of_the_name_stays() {
    let (simulator, client) = cloud(SECOND).await;
    let cluster = client.temporary_cluster(spec()).await.unwrap();
    client.cluster_delete("temporary").wait().await.unwrap();
    client.cluster_create("temporary", "us-west-1", 101).wait().await.unwrap();
    cluster.delete().await.unwrap();
    assert_eq!((simulator.cluster_names().len(), count(&simulator, Operation::DeleteCluster)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn it_can_be_kept() {
    let (simulator, client) = cloud(SECOND).await;
    let credentials = client.temporary_cluster(spec()).await.unwrap().keep();
    assert!(credentials.connection_url().is_ok());
    sleep(600 * SECOND).await;
    assert_eq!(simulator.cluster_names(), ["temporary"]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_may_exist_is_logged() {
    let (log, _guard) = capture();
    let (simulator, client) = cloud(SECOND).await;
    simulator.inject(Fault::on(Operation::CreateCluster).drop_before());
    let error = client.temporary_cluster(spec()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(log.text().contains("creating the temporary cluster temporary"), "{}", log.text());
    assert!(log.text().contains("the temporary cluster temporary may exist"), "{}", log.text());

    let (log, _guard) = capture();
    let cluster = client.temporary_cluster(spec()).await.unwrap();
    simulator.inject(Fault::on(Operation::DeleteCluster).always().status(501));
    assert_eq!(cluster.delete().await.unwrap_err().status(), Some(501));
    assert!(log.text().contains("the temporary cluster temporary may exist"), "{}", log.text());
}

#[test]
fn a_guard_that_outlives_its_runtime_logs_the_name() {
    let (log, _guard) = capture();
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let cluster = runtime.block_on(async {
        let (simulator, client) = cloud(SECOND).await;
        (simulator, client.temporary_cluster(spec()).await.unwrap())
    });
    drop(runtime);
    drop(cluster);
    assert!(log.text().contains("the temporary cluster temporary may exist: delete it"), "{}", log.text());
}

/// A simulator on its own runtime.
fn served(builder: SimulatorBuilder) -> (Runtime, Simulator, blocking::EloqApi) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(builder.start()).unwrap();
    let client = blocking::EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap();
    (runtime, simulator, client)
}

#[test]
fn the_blocking_guard_deletes_before_its_drop_returns_also_in_a_panic() {
    let (_runtime, simulator, client) =
        served(Simulator::builder().provisioning(Duration::ZERO).deleting(Duration::ZERO));
    let cluster = client.temporary_cluster(spec()).send().unwrap();
    assert_eq!((cluster.cluster_name(), simulator.cluster_names().len()), ("temporary", 1));
    cluster.delete().unwrap();
    assert!(simulator.cluster_names().is_empty());

    drop(client.temporary_cluster(spec()).send().unwrap());
    assert!(simulator.cluster_names().is_empty());

    let cluster = client.temporary_cluster(spec()).send().unwrap();
    let panicking = thread::spawn(move || {
        let _cluster = cluster;
        panic!("expected");
    });
    assert!(panicking.join().is_err());
    assert!(simulator.cluster_names().is_empty());

    assert!(client.temporary_cluster(spec()).send().unwrap().keep().connection_url().is_ok());
    assert_eq!(simulator.cluster_names(), ["temporary"]);
}

#[test]
fn a_blocking_wait_and_a_blocking_stream_stop_at_once() {
    let (_runtime, _simulator, client) = served(Simulator::builder().cluster("c"));
    let (sender, states) = mpsc::channel();
    let mut waiting = client.wait_for_cluster("c").deleted();
    let stop = waiting.stop_handle();
    let waiter = thread::spawn(move || {
        sender.send(waiting.next()).unwrap();
        let rest: Vec<_> = waiting.by_ref().collect();
        (rest.len(), waiting.send())
    });
    states.recv().unwrap().unwrap();
    // The next poll would be due in 2 s, and the wait ends in 15 minutes.
    stop.stop();
    let (rest, outcome) = waiter.join().unwrap();
    assert!(rest == 0 && matches!(outcome, Err(Error::Stopped)), "{outcome:?}");

    let request = client.clusters();
    request.stop_handle().stop();
    assert!(matches!(request.clone().send(), Err(Error::Stopped)));
    let items: Vec<_> = request.stream().collect();
    assert!(matches!(items[..], [Err(Error::Stopped)]), "{items:?}");
}

#[test]
fn a_stopped_request_for_a_temporary_cluster_deletes_what_it_has_created() {
    let (_runtime, simulator, client) = served(Simulator::builder().deleting(Duration::ZERO));
    let request = client.temporary_cluster(spec());
    let stop = request.stop_handle();
    let creating = thread::spawn(move || request.send());
    while simulator.cluster_names().is_empty() {
        thread::yield_now();
    }
    stop.stop();
    assert!(matches!(creating.join().unwrap(), Err(Error::Stopped)));
    assert!(simulator.cluster_names().is_empty());
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
}

#[test]
fn a_request_that_is_stopped_before_it_begins_sends_nothing() {
    let (_runtime, simulator, client) = served(Simulator::builder());
    let request = client.temporary_cluster(spec());
    request.stop_handle().stop();
    assert!(matches!(request.send(), Err(Error::Stopped)));
    assert!(simulator.requests().is_empty());
}
