//! Accounts that change while a client works: it stays in the project that it first resolved.

use eloq_sdk::{EloqApi, ErrorKind, blocking};

use crate::canary::{self, KEY};
use crate::row::{CREATE, DELETE};
use crate::scripted::{Response, Script, Server, json, ok};
use crate::support::{Call, Outcome, run, run_blocking};

const FIRST: (i64, &str) = (147, "first");
const OTHER: (i64, &str) = (2, "other");

/// The calls, the operation of each and its target.
const CALLS: [(Call, &str, &str); 4] = [
    (DELETE, "delete_cluster", "/api/v1/orgs/1/projects/147/clusters/old/delete"),
    (CREATE, "create_cluster", "/api/v1/orgs/1/projects/147/clusters"),
    (Call::Cluster("c"), "describe_cluster", "/api/v1/orgs/1/projects/147/clusters/c"),
    (Call::FirstClusters, "list_clusters", "/api/v1/orgs/1/projects/147/clusters?page=1&perPage=20"),
];

/// The account with these projects.
fn account(projects: &[(i64, &str)]) -> Response {
    let project = |(id, name): &(i64, &str)| {
        format!(r#"{{"create_at":"2025-08-20 08:20:21","project_id":{id},"project_name":"{name}"}}"#)
    };
    let projects = projects.iter().map(project).collect::<Vec<_>>().join(",");
    ok(&format!(
        r#"{{"auth_provider":"github","create_at":"2025-08-20 08:20:21","email":"a@example.com","user_name":"a",
            "org_info":{{"org_create_at":"2025-08-20 08:20:21","org_id":1,"org_name":"o","roles":[],"projects":[{projects}]}}}}"#
    ))
}

fn call_async(server: &Server, call: Call) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = EloqApi::builder().api_key(KEY).base_url(server.url()).proxy("").build()?;
        assert_eq!(client.scope().await?.project_id, FIRST.0);
        client.info().await?;
        run(&client, call).await
    })
}

fn call_blocking(server: &Server, call: Call) -> Outcome {
    let client = blocking::EloqApi::builder().api_key(KEY).base_url(server.url()).proxy("").build()?;
    assert_eq!(client.scope()?.project_id, FIRST.0);
    client.info()?;
    run_blocking(&client, call)
}

/// Makes each call with both clients, after the account has changed; the service refuses it.
fn for_each_refused_call(later: &[(i64, &str)], status: u16, expected: ErrorKind) {
    canary::capture();
    for (call, operation, target) in CALLS {
        for client in [call_async, call_blocking] {
            let accounts = [account(&[FIRST, OTHER]), account(later), account(later)];
            let script =
                Script::new().on("org_info", accounts).on(operation, [json(status, r#"{"code":1,"message":"no"}"#)]);
            let server = Server::start(script);
            let outcome = client(&server, call);
            let recorded = server.recorded();
            let own: Vec<_> = recorded.requests.iter().filter(|request| request.operation == operation).collect();
            assert_eq!(own.len(), 1, "{call:?}: {:?}", recorded.requests);
            assert_eq!(own[0].target, target);
            let elsewhere = |request: &crate::scripted::Request| request.target.contains("/projects/2/");
            assert!(!recorded.requests.iter().any(elsewhere), "{call:?}: {:?}", recorded.requests);
            assert!(recorded.count("org_info") <= 3, "{call:?}: {:?}", recorded.requests);
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), expected, "{call:?}: {error:?}");
            canary::assert_error_clean(&error);
        }
    }
}

#[test]
pub fn a_project_that_moves_in_the_list_stays_that_of_the_client() {
    for later in [&[OTHER, FIRST][..], &[(1, "new"), OTHER, FIRST]] {
        for (status, expected) in [(403, ErrorKind::Permission), (404, ErrorKind::NotFound)] {
            for_each_refused_call(later, status, expected);
        }
    }
}

#[test]
pub fn a_project_that_is_gone_is_an_error_and_no_other_is_used() {
    for status in [403, 404] {
        for_each_refused_call(&[OTHER], status, ErrorKind::Config);
    }
}
