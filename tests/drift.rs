//! Fields and values of responses that this version does not know: the client keeps them and reports each once.

#[path = "support/scripted.rs"]
mod scripted;

use std::sync::{Arc, Mutex};

use eloq_sdk::schema::ClusterStatus;
use eloq_sdk::{Drift, EloqApi, EloqApiBuilder};
use scripted::{Response, Script, Server, json, ok};

const KEY: &str = "canary-key-77aQ";

fn list(status: &str, more: &str) -> Response {
    ok(&format!(
        r#"{{"total":1,"cluster_list":[{{"cloud_provider":"aws","cluster_name":"c","create_at":"2025-08-26T08:06:41Z",
        "module_type":"EloqKV","region":"us-west-1","status":"{status}","version":"v","zone":"us-west-1a"{more}}}]}}"#
    ))
}

type Reports = Arc<Mutex<Vec<Drift>>>;

fn client_builder(reports: &Reports, server: &Server) -> EloqApiBuilder {
    let reports = reports.clone();
    let builder = EloqApi::builder().api_key(KEY).base_url(server.url());
    builder.on_drift(move |drift| reports.lock().unwrap().push(drift.clone()))
}

fn lines(reports: &Reports) -> Vec<String> {
    reports.lock().unwrap().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn unknown_fields_and_values_are_kept_and_reported_once() {
    let server = Server::start(Script::new().on(
        "list_clusters",
        [
            list("hibernating", r#","backups":{"daily":true},"sku_name":"s""#),
            list("hibernating", r#","backups":null"#),
            list("frozen", ""),
        ],
    ));
    let reports = Reports::default();
    let client = client_builder(&reports, &server).build().unwrap();

    let first = &client.clusters().await.unwrap().cluster_list[0];
    assert_eq!(first.status, ClusterStatus::from("hibernating"));
    assert_eq!(first.extra["backups"]["daily"], true);
    // Unknown fields can be secrets: they are serialized on purpose only.
    assert!(serde_json::to_value(first).unwrap().get("backups").is_none());
    assert_eq!(serde_json::to_value(&*first.extra).unwrap()["backups"]["daily"], true);
    assert_eq!(
        lines(&reports),
        ["unknown value of ClusterListItem.status: hibernating", "unknown field in ClusterListItem: backups",]
    );

    client.clone().clusters().await.unwrap();
    assert_eq!(reports.lock().unwrap().len(), 2);
    client.clusters().await.unwrap();
    assert_eq!(lines(&reports)[2..], ["unknown value of ClusterListItem.status: frozen"]);
}

#[tokio::test]
async fn unknown_fields_are_reported_at_every_level_of_a_response() {
    let account = r#"{"code":0,"message":"","trace":"t","data":{"auth_provider":"github","create_at":"2025-08-20 08:20:21",
        "email":"a@example.com","user_name":"a","mfa":true,"org_info":{"org_create_at":"2025-08-20 08:20:21","org_id":1,
        "org_name":"o","roles":["admin"],"tier":"free",
        "projects":[{"create_at":"2025-08-20 08:20:21","project_id":147,"project_name":"p","color":"red"}]}}}"#;
    let server = Server::start(Script::new().on("org_info", [json(200, account)]));
    let reports = Reports::default();
    let info = client_builder(&reports, &server).build().unwrap().info().await.unwrap();
    assert_eq!(info.org_info.projects[0].extra["color"], "red");
    let mut reported = lines(&reports);
    reported.sort();
    assert_eq!(
        reported,
        [
            "unknown field in Envelope: trace",
            "unknown field in OrgInfo: tier",
            "unknown field in SimpleProjectInfo: color",
            "unknown field in UserOrgInfoDto: mfa",
        ]
    );
}

#[tokio::test]
async fn reports_have_no_control_characters_no_credential_and_a_limit() {
    let hostile = format!(r#","\u001b[31m{KEY}":"value-{KEY}""#);
    let many: String = (0..1000).map(|number| format!(r#","field{number}":0"#)).collect();
    let server = Server::start(Script::new().on("list_clusters", [list(KEY, &hostile), list("idle", &many)]));
    let reports = Reports::default();
    let client = client_builder(&reports, &server).build().unwrap();

    let debug = format!("{:?}", client.clusters().await.unwrap().cluster_list[0].extra);
    assert!(!debug.contains("value-"), "{debug}");
    let text = format!("{:?} {:?}", lines(&reports), reports.lock().unwrap());
    assert!(!text.contains(KEY) && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains("[redacted]"), "{text}");

    client.clusters().await.unwrap();
    assert_eq!(reports.lock().unwrap().len(), 256);
}
