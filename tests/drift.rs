//! What the service says that this version does not know: kept, and told once.

#[path = "support/scripted.rs"]
mod scripted;

use std::sync::{Arc, Mutex};

use eloq_sdk::schema::ClusterStatus;
use eloq_sdk::{Drift, EloqApi, EloqApiBuilder};
use scripted::{Reply, Script, Server, json, ok};

const KEY: &str = "canary-key-77aQ";

fn list(status: &str, more: &str) -> Reply {
    ok(&format!(
        r#"{{"total":1,"cluster_list":[{{"cloud_provider":"aws","cluster_name":"c","create_at":"2025-08-26T08:06:41Z",
        "module_type":"EloqKV","region":"us-west-1","status":"{status}","version":"v","zone":"us-west-1a"{more}}}]}}"#
    ))
}

type Told = Arc<Mutex<Vec<Drift>>>;

fn told_to(told: &Told, server: &Server) -> EloqApiBuilder {
    let told = told.clone();
    let builder = EloqApi::builder().api_key(KEY).base_url(server.url());
    builder.on_drift(move |drift| told.lock().unwrap().push(drift.clone()))
}

fn lines(told: &Told) -> Vec<String> {
    told.lock().unwrap().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn unknown_fields_and_values_are_kept_and_told_once() {
    let server = Server::start(Script::new().on(
        "list_clusters",
        [
            list("hibernating", r#","backups":{"daily":true},"sku_name":"s""#),
            list("hibernating", r#","backups":null"#),
            list("frozen", ""),
        ],
    ));
    let told = Told::default();
    let client = told_to(&told, &server).build().unwrap();

    let first = &client.clusters().await.unwrap().cluster_list[0];
    assert_eq!(first.status, ClusterStatus::from("hibernating"));
    assert_eq!(first.extra["backups"]["daily"], true);
    assert_eq!(serde_json::to_value(first).unwrap()["backups"]["daily"], true);
    assert_eq!(
        lines(&told),
        ["unknown value of ClusterListItem.status: hibernating", "unknown field in ClusterListItem: backups",]
    );

    client.clone().clusters().await.unwrap();
    assert_eq!(told.lock().unwrap().len(), 2);
    client.clusters().await.unwrap();
    assert_eq!(lines(&told)[2..], ["unknown value of ClusterListItem.status: frozen"]);
}

#[tokio::test]
async fn every_level_of_an_answer_is_looked_at() {
    let account = r#"{"code":0,"message":"","trace":"t","data":{"auth_provider":"github","create_at":"2025-08-20 08:20:21",
        "email":"a@example.com","user_name":"a","mfa":true,"org_info":{"org_create_at":"2025-08-20 08:20:21","org_id":1,
        "org_name":"o","roles":["admin"],"tier":"free",
        "projects":[{"create_at":"2025-08-20 08:20:21","project_id":147,"project_name":"p","color":"red"}]}}}"#;
    let server = Server::start(Script::new().on("org_info", [json(200, account)]));
    let told = Told::default();
    let info = told_to(&told, &server).build().unwrap().info().await.unwrap();
    assert_eq!(info.org_info.projects[0].extra["color"], "red");
    let mut found = lines(&told);
    found.sort();
    assert_eq!(
        found,
        [
            "unknown field in Envelope: trace",
            "unknown field in OrgInfo: tier",
            "unknown field in SimpleProjectInfo: color",
            "unknown field in UserOrgInfoDto: mfa",
        ]
    );
}

#[tokio::test]
async fn what_is_told_steers_no_terminal_repeats_no_credential_and_has_an_end() {
    let hostile = format!(r#","\u001b[31m{KEY}":"value-{KEY}""#);
    let many: String = (0..1000).map(|number| format!(r#","field{number}":0"#)).collect();
    let server = Server::start(Script::new().on("list_clusters", [list(KEY, &hostile), list("idle", &many)]));
    let told = Told::default();
    let client = told_to(&told, &server).build().unwrap();

    let debug = format!("{:?}", client.clusters().await.unwrap().cluster_list[0].extra);
    assert!(!debug.contains("value-"), "{debug}");
    let text = format!("{:?} {:?}", lines(&told), told.lock().unwrap());
    assert!(!text.contains(KEY) && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains("[redacted]"), "{text}");

    client.clusters().await.unwrap();
    assert_eq!(told.lock().unwrap().len(), 256);
}
