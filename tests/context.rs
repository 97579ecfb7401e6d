//! The organization and project are fetched once, whatever happens at the same time.

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Error, ProjectPolicy};

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

/// Starts all calls before any of them is polled to its end.
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
async fn a_hundred_calls_of_a_fresh_client_are_a_hundred_and_one_requests() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let results = describe_at_once(&simulator.client(), 100).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(simulator.requests().len(), 101);
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
}

#[tokio::test]
async fn calls_that_wait_share_a_failure_and_later_ones_try_again() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).status(403));
    let client = simulator.client();
    let results = describe_at_once(&client, 20).await;
    assert!(results.iter().all(|result| matches!(result, Err(eloq_sdk::Error::Permission(_)))), "{results:?}");
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);

    client.cluster("seeded").await.unwrap();
    assert_eq!(count(&simulator, Operation::OrgInfo), 2);
}

#[tokio::test]
async fn a_call_that_is_given_up_while_it_fetches_leaves_the_others_working() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = simulator.client();
    // Polled once, then dropped: the request is on its way and the context is being fetched.
    tokio::select! {
        biased;
        _ = client.cluster("seeded") => unreachable!("no answer comes in one poll"),
        () = std::future::ready(()) => {}
    }
    assert!(client.cluster("seeded").await.is_ok());
}

#[tokio::test]
async fn info_brings_the_context_along() {
    let simulator = Simulator::builder().cluster("seeded").start().await.unwrap();
    let client = simulator.client();
    client.info().await.unwrap();
    client.clone().cluster("seeded").await.unwrap();
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
}

/// A cloud with two projects beside `project1`, which is 147.
async fn three_projects() -> Simulator {
    Simulator::builder().project(7, "old").project(900, "new\u{1b}[31m").token("t").start().await.unwrap()
}

fn builder(simulator: &Simulator) -> eloq_sdk::EloqApiBuilder {
    EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url())
}

fn by_token(simulator: &Simulator) -> eloq_sdk::EloqApiBuilder {
    EloqApi::builder().token("t").base_url(simulator.base_url())
}

/// The project that the last request went to.
fn asked_project(simulator: &Simulator) -> String {
    let path = simulator.requests().last().unwrap().path().to_owned();
    path.split('/').nth(6).unwrap().to_owned()
}

#[tokio::test]
async fn with_several_projects_a_key_uses_the_first() {
    let simulator = three_projects().await;
    builder(&simulator).build().unwrap().clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "147");
}

#[tokio::test]
async fn with_several_projects_a_token_has_to_choose() {
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

#[tokio::test]
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

#[tokio::test]
async fn one_project_is_used_whatever_the_credential() {
    let simulator = Simulator::builder().token("t").start().await.unwrap();
    by_token(&simulator).build().unwrap().clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "147");
}

#[tokio::test]
async fn a_project_or_organization_that_the_account_does_not_have_is_refused_with_those_it_has() {
    let simulator = three_projects().await;
    let error = builder(&simulator).project_id(8).build().unwrap().clusters().await.unwrap_err();
    assert!(error.message().starts_with("the account has no project 8; it has 147 (project1), 7 (old)"), "{error}");
    let error = builder(&simulator).org_id(2).build().unwrap().clusters().await.unwrap_err();
    assert_eq!(error.to_string(), "configuration: org_id: is not that of the account, which is 1");
}

#[tokio::test]
async fn a_clone_on_another_project_needs_no_second_look_at_the_account() {
    let simulator = three_projects().await;
    let client = builder(&simulator).build().unwrap();
    client.clusters().await.unwrap();
    client.with_project(900).clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "900");
    client.clusters().await.unwrap();
    assert_eq!(asked_project(&simulator), "147");
    assert_eq!(count(&simulator, Operation::OrgInfo), 1);
}

#[tokio::test]
async fn a_refusal_that_a_stale_context_explains_refreshes_it_once() {
    const STALE: &str = r#"{"code":0,"message":"","data":{"auth_provider":"","create_at":"","email":"","user_name":"",
        "org_info":{"org_create_at":"","org_id":1,"org_name":"","roles":null,
        "projects":[{"create_at":"","project_id":5,"project_name":"gone"}]}}}"#;
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).reply(200, "application/json", STALE));
    let client = simulator.client();
    client.info().await.unwrap();
    client.clusters().await.unwrap();
    let seen: Vec<_> = simulator.requests().iter().filter_map(|request| request.operation()).collect();
    assert_eq!(seen, [Operation::OrgInfo, Operation::ListClusters, Operation::OrgInfo, Operation::ListClusters]);
}

#[tokio::test]
async fn a_refusal_by_a_project_that_is_still_there_stands() {
    const BEFORE: &str = r#"{"code":0,"message":"","data":{"auth_provider":"","create_at":"","email":"","user_name":"",
        "org_info":{"org_create_at":"","org_id":1,"org_name":"","roles":null,
        "projects":[{"create_at":"","project_id":147,"project_name":"project1"}]}}}"#;
    let simulator = Simulator::builder().project(900, "created since").start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).reply(200, "application/json", BEFORE));
    simulator.inject(Fault::on(Operation::DeleteCluster).status(403));
    let client = builder(&simulator).project_policy(ProjectPolicy::Newest).build().unwrap();
    client.info().await.unwrap();
    let result = client.cluster_delete("of-both").await;
    assert!(matches!(result.into_result(), Err(Error::Permission(_))));
    let deletions = simulator.requests().into_iter().filter(|seen| seen.operation() == Some(Operation::DeleteCluster));
    let paths: Vec<_> = deletions.map(|seen| seen.path().to_owned()).collect();
    assert!(paths.len() == 1 && paths[0].contains("/147/"), "{paths:?}");
}

#[tokio::test]
async fn looking_for_what_does_not_exist_asks_for_the_account_once_more_and_then_not_again() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    for _ in 0..5 {
        assert!(client.cluster("missing").await.unwrap_err().is_not_found());
    }
    assert_eq!(count(&simulator, Operation::DescribeCluster), 5);
    assert_eq!(count(&simulator, Operation::OrgInfo), 2);
}

#[tokio::test]
async fn a_project_that_was_missing_is_found_once_it_is_there() {
    const NONE: &str = r#"{"code":0,"message":"","data":{"auth_provider":"","create_at":"","email":"","user_name":"",
        "org_info":{"org_create_at":"","org_id":1,"org_name":"","roles":null,"projects":null}}}"#;
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).reply(200, "application/json", NONE));
    let client = simulator.client();
    assert!(matches!(client.clusters().await, Err(Error::NoProject)));
    client.clusters().await.unwrap();
}
