//! The account is fetched once, and the project that was resolved first stays.

use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Error, ProjectPolicy};

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

/// Starts all calls before one of them ends.
async fn describe_at_once(client: &EloqApi, calls: usize) -> Vec<eloq_sdk::Result<()>> {
    let tasks: Vec<_> = (0..calls)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.cluster("seeded").await.map(drop) })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_calls_of_a_new_client_send_101_requests() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let results = describe_at_once(&simulator.client(), 100).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(simulator.requests().len(), 101);
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_share_an_error_and_later_calls_retry() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).status(403));
    let client = simulator.client();
    let results = describe_at_once(&client, 20).await;
    assert!(results.iter().all(|result| matches!(result, Err(eloq_sdk::Error::Permission { .. }))), "{results:?}");
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);

    client.cluster("seeded").await.unwrap();
    assert_eq!(count(&simulator, Operation::OrgInfo), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_while_it_fetches_does_not_break_others() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = simulator.client();
    // Polled once, then dropped: the request is in flight.
    tokio::select! {
        biased;
        _ = client.cluster("seeded") => unreachable!("no response comes in one poll"),
        () = std::future::ready(()) => {}
    }
    assert!(client.cluster("seeded").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn info_provides_the_account() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = simulator.client();
    client.info().await.unwrap();
    client.clone().cluster("seeded").await.unwrap();
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
}

/// A cloud with two projects besides `project1`, which has the id 147.
async fn three_projects() -> Simulator {
    Simulator::builder().project(7, "old").project(900, "new\u{1b}[31m").token("t").start().await.unwrap()
}

fn builder(simulator: &Simulator) -> eloq_sdk::EloqApiBuilder {
    EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url())
}

fn by_token(simulator: &Simulator) -> eloq_sdk::EloqApiBuilder {
    EloqApi::builder().token("t").base_url(simulator.base_url())
}

/// The project of the last request.
fn asked_project(simulator: &Simulator) -> String {
    let path = simulator.requests().last().unwrap().path().to_owned();
    path.split('/').nth(6).unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn with_several_projects_a_key_uses_the_first() {
    let simulator = three_projects().await;
    builder(&simulator).build().unwrap().clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "147");
}

#[tokio::test(start_paused = true)]
async fn with_several_projects_a_token_must_choose() {
    let simulator = three_projects().await;
    let error = by_token(&simulator).build().unwrap().clusters().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "configuration: project_id: several projects and none chosen: 147 (project1), 7 (old), 900 (new\\u{1b}[31m)"
    );
    assert!(matches!(by_token(&simulator).connect().await, Err(Error::Config { .. })));

    by_token(&simulator).project_id(7).build().unwrap().clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "7");
}

#[tokio::test(start_paused = true)]
async fn the_policy_overrides_both() {
    let simulator = three_projects().await;
    let first = by_token(&simulator).project_policy(ProjectPolicy::First).build().unwrap();
    first.clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "147");
    let newest = builder(&simulator).project_policy(ProjectPolicy::Newest).build().unwrap();
    newest.clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "900");
    let none = builder(&simulator).project_policy(ProjectPolicy::Error).build().unwrap();
    assert!(matches!(none.clusters().await, Err(Error::Config { .. })));
}

#[tokio::test(start_paused = true)]
async fn one_project_is_used_whatever_the_credential() {
    let simulator = Simulator::builder().token("t").start().await.unwrap();
    by_token(&simulator).build().unwrap().clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "147");
}

#[tokio::test(start_paused = true)]
async fn a_missing_project_or_organization_is_an_error_that_lists_those_of_the_account() {
    let simulator = three_projects().await;
    let error = builder(&simulator).project_id(8).build().unwrap().clusters().await.unwrap_err();
    assert!(error.message().starts_with("the account has no project 8; it has 147 (project1), 7 (old)"), "{error}");
    let error = builder(&simulator).org_id(2).build().unwrap().clusters().await.unwrap_err();
    assert_eq!(error.to_string(), "configuration: org_id: the account belongs to organization 1");
}

#[tokio::test(start_paused = true)]
async fn a_client_for_another_project_does_not_fetch_the_account_again() {
    let simulator = three_projects().await;
    let client = builder(&simulator).build().unwrap();
    client.clusters().await.unwrap();
    client.with_project(900).clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "900");
    client.clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "147");
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
}

/// An `org-info` response with these projects, in this order.
fn account(projects: &[(i64, &str)]) -> Fault {
    let project = |(id, name): &(i64, &str)| {
        format!(r#"{{"create_at":"2025-08-20 08:20:21","project_id":{id},"project_name":"{name}"}}"#)
    };
    let projects: Vec<_> = projects.iter().map(project).collect();
    let body = format!(
        r#"{{"code":0,"message":"","data":{{"auth_provider":"","create_at":"","email":"","user_name":"",
            "org_info":{{"org_create_at":"","org_id":1,"org_name":"org","roles":null,"projects":[{}]}}}}}}"#,
        projects.join(",")
    );
    Fault::on(Operation::OrgInfo).always().reply(200, "application/json", body)
}

/// The projects that requests on clusters went to, each once.
fn asked_projects(simulator: &Simulator) -> Vec<String> {
    let requests = simulator.requests();
    let mut projects: Vec<_> =
        requests.iter().filter_map(|request| Some(request.path().split('/').nth(6)?.to_owned())).collect();
    projects.dedup();
    projects
}

#[tokio::test(start_paused = true)]
async fn the_first_project_stays_when_the_account_lists_others_first() {
    let simulator = Simulator::builder().project(900, "other").cluster("c").start().await.unwrap();
    let client = builder(&simulator).build().unwrap();
    client.clusters().await.unwrap();
    simulator.inject(account(&[(900, "other"), (147, "project1")]));
    client.info().await.unwrap();
    client.projects().await.unwrap();
    client.clone().cluster("c").await.unwrap();
    assert!(client.find_cluster("missing").await.unwrap().is_none());
    client.cluster_delete("c").wait().await.unwrap();
    assert_eq!(asked_projects(&simulator), ["147"]);
    assert_eq!(client.scope().await.unwrap().project_id, 147);
}

#[tokio::test(start_paused = true)]
async fn the_first_account_that_came_decides() {
    let simulator = Simulator::builder().project(900, "other").start().await.unwrap();
    let client = builder(&simulator).build().unwrap();
    client.info().await.unwrap();
    simulator.inject(account(&[(900, "other"), (147, "project1")]));
    client.info().await.unwrap();
    client.clusters().await.unwrap();
    assert_eq!(asked_projects(&simulator), ["147"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_is_never_sent_to_another_project() {
    for policy in [ProjectPolicy::First, ProjectPolicy::Newest] {
        let simulator = Simulator::builder().project(900, "added").start().await.unwrap();
        simulator.inject(account(&[(147, "project1")]).times(1));
        simulator.inject(account(&[(900, "added"), (147, "project1")]));
        for operation in [Operation::CreateCluster, Operation::DeleteCluster, Operation::ListClusters] {
            simulator.inject(Fault::on(operation).status(403));
        }
        let client = builder(&simulator).project_policy(policy).build().unwrap();
        client.info().await.unwrap();
        assert!(matches!(client.clusters().await, Err(Error::Permission { .. })));
        for result in [client.cluster_create("c", "us-west-1", 101).await, client.cluster_delete("c").await] {
            assert!(matches!(result.into_result(), Err(Error::Permission { .. })));
        }
        assert_eq!(client.cluster_delete("c").await.error().map(|error| error.is_not_found()), Some(true));
        assert_eq!(asked_projects(&simulator), ["147"], "{policy:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_project_that_no_longer_exists_is_an_error_that_lists_the_others() {
    let simulator = Simulator::builder().no_projects().project(900, "other").start().await.unwrap();
    simulator.inject(account(&[(147, "gone"), (900, "other")]).times(1));
    let client = builder(&simulator).build().unwrap();
    client.info().await.unwrap();
    let errors = [
        client.clusters().await.err(),
        client.cluster("c").await.err(),
        client.find_cluster("c").await.err(),
        client.cluster_delete("c").await.into_result().err(),
        client.cluster_create("c", "us-west-1", 101).await.into_result().err(),
        client.wait_for_cluster("c").deleted().await.err(),
    ];
    for error in errors {
        assert_eq!(
            error.unwrap().to_string(),
            "configuration: project_id: the project 147 of organization 1 no longer exists; the account has 900 (other)"
        );
    }
    assert_eq!(asked_projects(&simulator), ["147"]);
    client.with_project(900).clusters().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_scope_names_organization_and_project() {
    let simulator = three_projects().await;
    let client = builder(&simulator).build().unwrap();
    let scope = client.scope().await.unwrap();
    assert_eq!((scope.org_id, scope.project_id), (1, 147));
    assert_eq!((&*scope.org_name, &*scope.project_name), ("default-free-org", "project1"));
    assert_eq!(client.with_project(7).scope().await.unwrap().project_name, "old");
    assert_eq!(client.scope().await.unwrap(), scope);
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
    assert!(matches!(client.with_project(8).scope().await, Err(Error::Config { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_error_lists_the_first_projects_of_thousands() {
    let simulator = Simulator::start().await.unwrap();
    let projects: Vec<_> = (0..5000).map(|id| (id, "p")).collect();
    simulator.inject(account(&projects));
    let error = builder(&simulator).project_id(9999).build().unwrap().clusters().await.unwrap_err();
    assert!(error.to_string().ends_with("8 (p), 9 (p) and 4990 more"), "{error}");
    assert!(error.to_string().len() < 300, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_an_existing_project_stands() {
    let simulator = Simulator::builder().project(900, "created since").start().await.unwrap();
    simulator.inject(account(&[(147, "project1")]).times(1));
    simulator.inject(Fault::on(Operation::DeleteCluster).status(403));
    let client = builder(&simulator).project_policy(ProjectPolicy::Newest).build().unwrap();
    client.info().await.unwrap();
    let result = client.cluster_delete("of-both").await;
    assert!(matches!(result.into_result(), Err(Error::Permission { .. })));
    assert_eq!(count(&simulator, Operation::DeleteCluster), 1);
    assert_eq!(asked_projects(&simulator), ["147"]);
}

#[tokio::test(start_paused = true)]
async fn refused_reads_check_the_account_once() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    for _ in 0..5 {
        assert!(client.cluster("missing").await.unwrap_err().is_not_found());
    }
    assert_eq!(count(&simulator, Operation::DescribeCluster), 5);
    assert_eq!(count(&simulator, Operation::OrgInfo), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_read_checks_the_account_again_after_5_seconds_and_a_refused_write_at_once() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    client.scope().await.unwrap();
    let checks = async |expected| {
        let _ = client.cluster("missing").await;
        assert_eq!(count(&simulator, Operation::OrgInfo), expected);
    };
    checks(2).await;
    tokio::time::sleep(Duration::from_millis(4990)).await;
    checks(2).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    checks(3).await;
    assert!(client.cluster_delete("missing").await.error().is_some_and(Error::is_not_found));
    assert_eq!(count(&simulator, Operation::OrgInfo), 4);
}

#[tokio::test(start_paused = true)]
async fn an_account_without_projects_is_said_to_have_none() {
    let simulator = Simulator::builder().project(2, "p").start().await.unwrap();
    let client = builder(&simulator).project_id(2).build().unwrap();
    client.scope().await.unwrap();
    simulator.set_projects::<&str>([]);
    let error = client.cluster("c").await.unwrap_err();
    assert!(error.to_string().ends_with("no longer exists; the account has none"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_project_created_later_is_found() {
    const NONE: &str = r#"{"code":0,"message":"","data":{"auth_provider":"","create_at":"","email":"","user_name":"",
        "org_info":{"org_create_at":"","org_id":1,"org_name":"","roles":null,"projects":null}}}"#;
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).reply(200, "application/json", NONE));
    let client = simulator.client();
    assert!(matches!(client.clusters().await, Err(Error::NoProject)));
    client.clusters().await.unwrap();
}
