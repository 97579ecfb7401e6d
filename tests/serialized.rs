//! The JSON of values that programs log and return, and its agreement with their JSON Schemas.

#[path = "support/json_schema.rs"]
mod json_schema;

use std::sync::mpsc::channel;
use std::time::Duration;

use eloq_sdk::schema::{ClusterList, ClusterStatus, DescClusterDto, ErrorResponse};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{
    Attempt, ClusterChange, ClusterCredentials, ClusterResult, ClusterSnapshot, ClusterSpec, ClusterState, Difference,
    Drift, EloqApi, EnsureOutcome, Error, OperationResult, ProjectResult, RetryPolicy, Scope, WaitInfo, WaitResult,
    record_attempts,
};
use json_schema::validate;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

/// The JSON of a value, valid by the schemas of its type for both directions.
#[track_caller]
fn checked<T: Serialize + JsonSchema>(value: &T) -> Value {
    let json = serde_json::to_value(value).unwrap();
    for settings in [SchemaSettings::draft2020_12(), SchemaSettings::draft2020_12().for_serialize()] {
        let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
        if let Err(error) = validate(&schema, &json) {
            panic!("{error}\n{json:#}\n{schema:#}");
        }
    }
    json
}

#[tokio::test]
async fn the_validator_refuses_what_a_schema_does_not_allow() {
    let cloud = Simulator::builder().cluster("orders").start().await.unwrap();
    let scope = cloud.client().scope().await.unwrap();
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Scope>();
    let (schema, valid) = (schema.to_value(), serde_json::to_value(&scope).unwrap());
    assert_eq!(validate(&schema, &valid), Ok(()));
    for (name, wrong) in [("org_id", json!("1")), ("project_name", json!(null)), ("added", json!(1))] {
        let mut changed = valid.clone();
        changed[name] = wrong;
        assert!(validate(&schema, &changed).is_err(), "{name}");
    }
    let mut less = valid;
    less.as_object_mut().unwrap().remove("org_name");
    assert!(validate(&schema, &less).is_err());
}

#[tokio::test]
async fn a_change_of_the_list_has_its_project_and_no_unknown_field() {
    let cloud = Simulator::builder().cluster("orders").extra_fields(true).start().await.unwrap();
    let client = cloud.client();
    let mut watch = client.watch_clusters().poll_interval(Duration::from_millis(1));
    let added: ProjectResult<ClusterChange> = watch.next().await.unwrap().unwrap();
    let json = checked(&added);
    let listed = client.clusters().await.unwrap().cluster_list.remove(0);
    let scope = serde_json::to_value(client.scope().await.unwrap()).unwrap();
    let expected = json!({ "change": "added", "cluster": listed });
    assert_eq!(json, json!({ "project": scope, "value": expected, "error": null }));
    assert!(added.result.unwrap().cluster().extra.is_empty());
    let snapshot: &ClusterSnapshot = watch.snapshot();
    assert_eq!(checked(snapshot), json!({ "147": { "orders": listed } }));

    cloud.set_cluster_status("orders", "idle");
    let changed = checked(&watch.next().await.unwrap().unwrap());
    assert_eq!(changed.pointer("/value/cluster/from/status"), Some(&json!("available")));
    assert_eq!(changed.pointer("/value/cluster/to/status"), Some(&json!("idle")));

    let waits = client.wait_for_clusters(["orders", ""]).connectable().await.unwrap();
    let [waited, failed]: [WaitResult<ClusterCredentials>; 2] = waits.try_into().unwrap();
    let credentials = waited.result.as_ref().unwrap();
    assert_eq!(checked(&waited), json!({ "cluster_name": "orders", "value": credentials, "error": null }));
    assert!(!format!("{waited:?}").contains(credentials.password.expose()));
    assert_eq!(checked(&failed)["error"]["kind"], "InvalidInput");
}

#[tokio::test]
async fn credentials_have_no_password() {
    let cloud = Simulator::builder().cluster("orders").admin_password("canary-password").start().await.unwrap();
    let credentials: ClusterCredentials = cloud.client().cluster_credentials("orders").await.unwrap();
    let json = checked(&credentials);
    assert_eq!(
        json,
        json!({
            "cluster_name": "orders", "username": credentials.username, "password": "[redacted]",
            "host": credentials.host, "port": credentials.port, "status": "available", "module_type": "EloqKV",
            "elb_state": "active",
        })
    );
    assert!(!json.to_string().contains("canary"));
}

#[tokio::test]
async fn the_result_of_a_write_has_its_error_and_attempts() {
    let cloud = Simulator::builder().cluster("orders").start().await.unwrap();
    let client = cloud.client();
    let success: OperationResult = client.cluster_create("new", "us-west-1", 101).await;
    let request_id = success.attempts()[1].request_id.clone();
    assert_eq!(
        checked(&success),
        json!({
            "success": true, "message": success.message, "reconciled": false, "error": null,
            "attempts": [
                { "operation": "org_info", "error": null, "status": 200,
                  "request_id": success.attempts()[0].request_id, "wait_seconds": 0.0 },
                { "operation": "create_cluster", "error": null, "status": 200, "request_id": request_id,
                  "wait_seconds": 0.0 },
            ],
        })
    );

    cloud.inject(Fault::on(Operation::DeleteCluster).status(403).header("x-request-id", "r-1"));
    let failure = client.cluster_delete("orders").await;
    let json = checked(&failure);
    let error = failure.error().unwrap();
    assert_eq!(json["message"], error.to_string());
    assert_eq!(
        json["error"],
        json!({ "kind": "Permission", "message": error.message(), "status": 403, "request_id": "r-1" })
    );
    assert_eq!((&json["success"], &json["attempts"][0]["error"]), (&json!(false), &json!("Permission")));

    cloud.inject(Fault::on(Operation::DeleteCluster).drop_after());
    assert_eq!(checked(&client.cluster_delete("orders").await)["reconciled"], true);
}

#[tokio::test]
async fn an_error_has_no_body_and_names_the_setting_or_the_argument() {
    let cloud = Simulator::start().await.unwrap();
    let client = cloud.client();
    cloud.inject(Fault::on(Operation::OrgInfo).reply(403, "text/html", "canary"));
    let refused: Error = client.info().await.unwrap_err();
    assert_eq!(
        checked(&refused),
        json!({ "kind": "Permission", "message": "Forbidden", "status": 403, "request_id": refused.request_id() })
    );
    let argument = client.clusters().page(0).await.unwrap_err();
    assert_eq!(checked(&argument)["message"], format!("page: {}", argument.message()));
    let setting = EloqApi::builder().api_key("canary canary").build().unwrap_err();
    let json = checked(&setting);
    assert_eq!((&json["kind"], &json["status"]), (&json!("Config"), &json!(null)));
    assert!(json["message"].as_str().unwrap().starts_with("api_key: ") && !json.to_string().contains("canary"));
    client.close();
    let closed = json!({ "kind": "Closed", "message": "the client is closed", "status": null, "request_id": null });
    assert_eq!(checked(&client.info().await.unwrap_err()), closed);
}

#[tokio::test(start_paused = true)]
async fn durations_are_seconds() {
    let cloud = Simulator::builder().cluster("orders").start().await.unwrap();
    let client = cloud.client();
    assert!(cloud.set_cluster_status("orders", "creating"));
    let mut wait = client.wait_for_cluster("orders").available().max_wait(Duration::from_secs(90));
    let state: ClusterState = wait.next().await.unwrap();
    let expected = json!({
        "status": "creating", "elb_state": state.elb_state, "elapsed_seconds": state.elapsed.as_secs_f64(),
    });
    assert_eq!(checked(&state), expected);

    let error = wait.await.unwrap_err();
    let info: &WaitInfo = error.waited().unwrap();
    let json = checked(info);
    assert!(info.elapsed >= Duration::from_secs(90));
    assert_eq!(json["elapsed_seconds"].as_f64(), Some(info.elapsed.as_secs_f64()));
    assert_eq!((&json["cluster_name"], &json["last_state"]["status"]), (&json!("orders"), &json!("creating")));

    let mut deleting = client.wait_for_cluster("no-such-cluster").deleted();
    let absent = deleting.next().await.unwrap();
    assert_eq!(checked(&absent)["status"], json!(null));

    let policy = RetryPolicy::default().backoff(Duration::from_secs(8));
    let retrying =
        EloqApi::builder().api_key(cloud.api_key()).base_url(cloud.base_url()).retry(policy).build().unwrap();
    cloud.inject(Fault::on(Operation::OrgInfo).status(500));
    let (_, attempts): (_, Vec<Attempt>) = record_attempts(retrying.info()).await;
    let json = checked(&attempts);
    assert_eq!(json[0]["wait_seconds"].as_f64(), Some(attempts[0].wait.as_secs_f64()));
    assert_eq!((&json[0]["error"], &json[1]["error"]), (&json!("Server"), &json!(null)));
}

#[tokio::test]
async fn drift_names_its_kind() {
    let cloud = Simulator::builder().cluster("orders").start().await.unwrap();
    let (sender, reports) = channel::<Drift>();
    let builder = EloqApi::builder().api_key(cloud.api_key()).base_url(cloud.base_url());
    let client = builder.on_drift(move |drift| sender.send(drift.clone()).unwrap()).build().unwrap();
    assert!(cloud.set_cluster_status("orders", "hibernating"));
    client.cluster("orders").await.unwrap();
    let value = json!({ "kind": "value", "schema": "DescClusterDto", "field": "status", "value": "hibernating" });
    assert_eq!(checked(&reports.recv().unwrap()), value);

    let body = r#"{"code":0,"message":"","data":[{"name":"d","interval":true,"percentile":null,"added":1}]}"#;
    cloud.inject(Fault::on(Operation::DashboardInfo).reply(200, "application/json", body));
    client.dashboard_info(None).await.unwrap();
    let field = json!({ "kind": "field", "schema": "DashboardType", "field": "added" });
    assert_eq!(checked(&reports.recv().unwrap()), field);
}

#[tokio::test]
async fn an_ensured_cluster_has_an_outcome_and_its_differences() {
    let cloud = Simulator::start().await.unwrap();
    let client = cloud.client();
    let spec = ClusterSpec::new("orders", "us-west-1", 101);
    let created: EnsureOutcome = client.ensure_cluster(spec.clone()).await.unwrap();
    assert_eq!(checked(&created), json!({ "outcome": "created" }));
    let adopted = client.ensure_cluster(spec).await.unwrap();
    assert_eq!(checked(&adopted), json!({ "outcome": "adopted" }));
    let other = client.ensure_cluster(ClusterSpec::new("orders", "us-east-1", 101)).await.unwrap();
    let difference = json!({ "field": "region", "expected": "us-east-1", "actual": "us-west-1" });
    assert_eq!(checked(&other), json!({ "outcome": "mismatch", "differences": [difference] }));
    let EnsureOutcome::Mismatch(differences) = other else { panic!("{other:?}") };
    assert_eq!(checked::<Difference>(&differences[0]), difference);
}

#[tokio::test]
async fn the_result_of_one_cluster_has_a_value_or_an_error() {
    let cloud = Simulator::builder().cluster("broken").cluster("orders").start().await.unwrap();
    cloud.inject(Fault::on(Operation::DescribeCluster).cluster("broken").status(403));
    let all: Vec<ClusterResult<DescClusterDto>> = cloud.client().describe_all().await.unwrap();
    for each in all {
        let json = checked(&each);
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["cluster", "error", "position", "value"]);
        assert_eq!((&json["position"], &json["cluster"]["status"]), (&json!(each.position), &json!("available")));
        match each.result {
            Ok(cluster) => {
                assert_eq!(cluster.status, ClusterStatus::Available);
                assert_eq!((&json["value"]["display_cluster_name"], &json["error"]), (&json!("orders"), &json!(null)));
            }
            Err(_) => assert_eq!((&json["value"], &json["error"]["status"]), (&json!(null), &json!(403))),
        }
    }
}

#[test]
fn a_null_or_absent_list_is_empty_and_is_written_as_an_empty_list() {
    for json in [json!({ "total": 0 }), json!({ "cluster_list": null, "total": 0 })] {
        let list: ClusterList = serde_json::from_value(json).unwrap();
        assert_eq!(checked(&list), json!({ "cluster_list": [], "total": 0 }));
    }
}

#[test]
fn an_error_response_keeps_unknown_fields() {
    let json = json!({ "code": 403, "message": "permission denied", "data": null, "reason": "new" });
    let response: ErrorResponse = serde_json::from_value(json).unwrap();
    assert_eq!((response.code, &response.extra["reason"]), (403, &json!("new")));
}
