//! `eloq api`.

mod support;

use std::process::Stdio;
use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use serde_json::{Value, json};
use support::{Eloq, run};

const CLUSTERS: &str = "/orgs/{org}/projects/{project}/clusters";

fn with_clusters(count: usize) -> Eloq {
    let builder = Simulator::builder().cluster_limit(None);
    Eloq::with((0..count).fold(builder, |builder, number| builder.cluster(format!("c{number:03}"))))
}

#[test]
fn a_read_prints_the_response_and_its_columns() {
    let eloq = with_clusters(3);
    let account = eloq.json(&["api", "GET", "/org-info"]);
    assert_eq!((&account["code"], &account["data"]["org_info"]["org_id"]), (&json!(0), &json!(1)));
    // A document in every format that has columns; the method in any case, the path without a slash.
    assert_eq!(serde_json::from_str::<Value>(&eloq.ok(&["api", "get", "org-info"])).unwrap(), account);
    let page = eloq.json(&["api", "GET", CLUSTERS, "-f", "page=2", "-f", "perPage:=2"]);
    assert_eq!(page["data"]["cluster_list"][0]["cluster_name"], "c002");
    assert_eq!(eloq.json(&["api", "GET", &format!("{CLUSTERS}?page=2&perPage=2")]), page);
    let total = ["api", "GET", &format!("{CLUSTERS}?page=1&perPage=1"), "--columns", "data.total"];
    assert_eq!(eloq.ok(&[&total[..], &["-o", "name"]].concat()), "3\n");
    assert_eq!(eloq.json(&total), json!({"data.total": 3}));
}

#[test]
fn passwords_are_shown_on_request_only() {
    let eloq = with_clusters(1);
    let path = format!("{CLUSTERS}/c000");
    let hidden = eloq.json(&["api", "GET", &path]);
    assert_eq!(hidden["data"]["admin_password"], "[redacted]");
    let shown = eloq.json(&["api", "GET", &path, "--show-password"]);
    assert!(shown["data"]["admin_password"].as_str().is_some_and(|password| !password.starts_with('[')), "{shown}");
}

#[test]
fn all_pages_are_one_list_or_none() {
    let eloq = with_clusters(120);
    let all = eloq.json(&["api", "GET", CLUSTERS, "--paginate"]);
    assert_eq!((all.as_array().unwrap().len(), &all[119]["cluster_name"]), (120, &json!("c119")));
    let lines = eloq.ok(&["api", "GET", CLUSTERS, "--paginate", "-f", "perPage=7", "-o", "jsonl"]);
    assert_eq!(lines.lines().count(), 120);
    let names = eloq.ok(&["api", "GET", CLUSTERS, "--paginate", "-o", "csv", "--columns", "cluster_name"]);
    assert_eq!(names.lines().nth(1), Some("c000"));

    let second = Fault::on(Operation::ListClusters).after(1);
    eloq.simulator.inject(second.clone().status(404));
    let failed = eloq.run(&["api", "GET", CLUSTERS, "--paginate", "-o", "json"]);
    assert_eq!((failed.code, failed.stdout.as_str()), (5, ""), "{failed:?}");
    // A list that shows fewer items than it has proves nothing.
    eloq.simulator.inject(second.reply(200, "application/json", r#"{"code":0,"message":"","data":{"total":120}}"#));
    let short = eloq.run(&["api", "GET", CLUSTERS, "--paginate"]);
    assert!(short.code == 1 && short.stdout.is_empty() && short.stderr.contains("50 of its 120"), "{short:?}");
    assert_eq!(eloq.run(&["api", "GET", "/org-info", "--paginate"]).code, 2);
}

#[test]
fn a_write_is_sent_once() {
    let eloq = with_clusters(0);
    let fields = ["-f", "clusterName=a", "-f", "region=us-west-1", "-f", "skuId:=101"];
    let create = [&["api", "POST", CLUSTERS, "-o", "json"], &fields[..]].concat();
    let busy = Fault::on(Operation::CreateCluster).status(503).header("Retry-After", "0");
    eloq.simulator.inject(busy);
    assert_eq!((eloq.run(&create).code, eloq.requests("POST")), (1, 1));
    eloq.simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
    let lost = eloq.run(&create);
    assert_eq!(
        (lost.code, eloq.requests("POST"), &lost.error()["kind"]),
        (11, 2, &json!("OutcomeUnknown")),
        "{lost:?}"
    );
    assert_eq!(eloq.simulator.cluster_names(), ["a"]);

    let body = eloq.directory.path().join("body.json");
    std::fs::write(&body, r#"{"clusterName": "b", "region": "us-west-1", "skuId": 101}"#).unwrap();
    eloq.ok(&["api", "POST", CLUSTERS, "--input", body.to_str().unwrap()]);
    let stdin = Stdio::from(std::fs::File::open(&body).unwrap());
    let again = run(eloq.command(&["api", "POST", CLUSTERS, "--input", "-"]).stdin(stdin));
    assert_eq!(again.code, 6, "{again:?}");
    eloq.simulator.advance(Duration::from_secs(60));
    eloq.ok(&["api", "DELETE", &format!("{CLUSTERS}/b/delete")]);
    assert_eq!(eloq.requests("DELETE"), 1);
}

#[test]
fn an_error_is_never_on_stdout() {
    let eloq = with_clusters(0);
    for (fault, code) in [
        (Fault::on_any().status(401), 4),
        (Fault::on_any().status(409), 6),
        (Fault::on_any().code(5001, "internal error"), 1),
        (Fault::on_any().reply(200, "text/html", "<html>"), 1),
    ] {
        eloq.simulator.inject(fault);
        let failed = eloq.run(&["api", "GET", "/org-info", "-o", "json"]);
        assert_eq!((failed.code, failed.stdout.as_str()), (code, ""), "{failed:?}");
        assert_eq!(failed.error()["exit_code"], code);
    }
    assert_eq!(eloq.run(&["api", "GET", "/no-such-path"]).code, 5);
}

#[test]
fn the_key_goes_to_no_other_host() {
    let eloq = with_clusters(0);
    let paths =
        ["https://127.0.0.1:1/", "//127.0.0.1:1/org-info", "/../../x", "/%2e%2E/x", "/{cluster}", "/a#b", r"/a\b"];
    for path in paths {
        assert_eq!(eloq.run(&["api", "GET", path]).code, 2, "{path}");
    }
    for arguments in [&["PUSH", "/x"][..], &["GET", "/x", "-f", "a"], &["POST", "/x", "-f", "a=1", "-f", "a=2"]] {
        assert_eq!(eloq.run(&[&["api"], arguments].concat()).code, 2, "{arguments:?}");
    }
    // One placeholder needs the account.
    assert!(eloq.simulator.requests().iter().all(|request| request.path() == "/api/v1/org-info"));
}
