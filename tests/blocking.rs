//! The blocking client works inside runtimes, on several threads, and after errors.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use eloq_sdk::blocking::{EloqApi, record_attempts};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{ErrorKind, VersionCheck};
use tokio::runtime::{Builder, Runtime};

/// A simulator on its own runtime.
fn cloud() -> (Runtime, Simulator) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = runtime.block_on(Simulator::builder().cluster("seeded").start()).unwrap();
    (runtime, simulator)
}

fn client(simulator: &Simulator) -> EloqApi {
    EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url()).unwrap()
}

#[test]
fn it_works_and_drops_inside_a_runtime_of_either_flavor() {
    let (_runtime, simulator) = cloud();
    for mut flavor in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        flavor.enable_all().build().unwrap().block_on(async {
            let client = client(&simulator);
            assert!(client.cluster("seeded").is_ok());
            drop(client);
        });
    }
}

/// Tokio's cooperative budget suspends a task that does much work until it yields, and a blocking call never yields.
#[test]
fn one_task_can_make_any_number_of_calls() {
    let (_runtime, simulator) = cloud();
    let client = client(&simulator);
    let (sender, done) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        sender.send(runtime.block_on(async { (0..200).all(|_| client.info().is_ok()) })).unwrap();
    });
    assert_eq!(done.recv_timeout(Duration::from_secs(60)), Ok(true), "all calls succeed");
    assert_eq!(simulator.requests().len(), 200);
}

#[test]
fn several_threads_share_one_account_request() {
    let (_runtime, simulator) = cloud();
    let client = client(&simulator);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(client.cluster("seeded").is_ok()));
        }
    });
    assert_eq!(simulator.requests().len(), 9);
}

#[test]
fn it_works_after_an_error() {
    let (_runtime, simulator) = cloud();
    let client = client(&simulator);
    simulator.inject(Fault::on(Operation::OrgInfo).status(403));
    assert!(client.info().is_err());
    assert!(client.info().is_ok());
}

#[test]
fn clones_outlive_the_first_client_and_close_together() {
    let (_runtime, simulator) = cloud();
    let first = client(&simulator);
    let clone = first.with_project(147);
    drop(first);
    assert!(clone.cluster("seeded").is_ok());
    clone.clone().close();
    assert!(matches!(clone.info(), Err(eloq_sdk::Error::Closed)));
}

#[test]
fn its_thread_ends_with_the_last_clone() {
    let (_runtime, simulator) = cloud();
    let client = client(&simulator);
    // A task on the client's own runtime that is dropped with it.
    let (sender, dropped) = mpsc::channel::<()>();
    client.wait(async {
        tokio::spawn(async move {
            let _held = sender;
            std::future::pending::<()>().await;
        });
    });
    drop(client);
    assert_eq!(dropped.recv(), Err(mpsc::RecvError));
}

#[test]
fn wait_runs_a_call_of_the_raw_client() {
    let (_runtime, simulator) = cloud();
    let client = client(&simulator);
    let response = client.wait(client.raw().org_info().send()).unwrap();
    assert_eq!(response.data.as_ref().unwrap().org_info.org_id, 1);
}

#[test]
fn record_attempts_includes_calls_that_succeed() {
    let (_runtime, simulator) = cloud();
    let client = client(&simulator);
    simulator.inject(Fault::on(Operation::DescribeCluster).status(503));
    let (named, attempts) = record_attempts(|| client.cluster("seeded").map(|cluster| cluster.display_cluster_name));
    assert_eq!(named.unwrap(), "seeded");
    let outcomes: Vec<_> = attempts.iter().map(|attempt| (attempt.operation, attempt.error)).collect();
    let expected = [("org_info", None), ("describe_cluster", Some(ErrorKind::Server)), ("describe_cluster", None)];
    assert_eq!(outcomes, expected);
    assert_eq!(record_attempts(|| ()).1, []);
}

#[test]
fn connect_resolves_the_project_with_one_request() {
    let (_runtime, simulator) = cloud();
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.connect().unwrap();
    assert_eq!(simulator.requests().len(), 1);
    assert!(client.cluster("seeded").is_ok());
    assert_eq!(simulator.requests().len(), 2);
}

/// What a task of the client's own runtime returns, which must not hang.
fn in_own_task<T: Send + 'static>(call: impl FnOnce(EloqApi) -> T + Send + 'static) -> Result<T, String> {
    let (_runtime, simulator) = cloud();
    let client = client(&simulator);
    let (sender, done) = mpsc::channel();
    thread::spawn(move || {
        let in_task = client.clone();
        let task = client.wait(async { tokio::spawn(async move { call(in_task) }).await });
        sender.send(task.map_err(|error| error.to_string())).unwrap();
    });
    done.recv_timeout(Duration::from_secs(10)).unwrap()
}

#[test]
fn a_blocking_call_in_a_task_of_its_own_runtime_fails_and_does_not_hang() {
    let failures = in_own_task(|client| {
        let mut wait = client.wait_for_cluster("seeded").available();
        assert_eq!(wait.next(), None);
        let streamed: Vec<_> = client.clusters().stream().filter_map(Result::err).collect();
        assert_eq!(client.check_version(), VersionCheck::Unknown);
        let mut errors =
            vec![client.info().unwrap_err(), client.clusters().send().unwrap_err(), wait.send().unwrap_err()];
        errors.push(client.cluster_delete("seeded").send().into_result().unwrap_err());
        errors.push(client.start_cluster("seeded").into_result().unwrap_err());
        assert_eq!(streamed.len(), 1);
        errors.into_iter().chain(streamed).map(|error| error.to_string()).collect::<Vec<_>>()
    });
    for failure in failures.unwrap() {
        assert!(failure.contains("use the async client there"), "{failure}");
    }
}

#[test]
fn waiting_for_a_future_in_a_task_of_its_own_runtime_panics_and_does_not_hang() {
    let panic = in_own_task(|client| client.wait(std::future::ready(()))).unwrap_err();
    assert!(panic.contains("use the async client there"), "{panic}");
}
