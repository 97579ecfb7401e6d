//! Writes with an unknown outcome: the client reconciles them by polling, and reports no success that it did not observe.

use crate::row::{CREATE, Check, DELETE, Row, row};
use crate::scripted::{Response, Step, closed, headers, html, json, ok, reset, silence};
use crate::support::Call;

/// The time of the service's clock, which differs from this machine's.
const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// A list with one cluster. By the service's clock, a cluster named `old` is days old and any other has just been created.
pub fn listed(name: &str, region: &str, status: &str) -> Response {
    let created = if name == "old" { "1994-11-01T00:00:00Z" } else { "1994-11-06T08:49:37Z" };
    listed_since(name, region, status, created)
}

fn listed_since(name: &str, region: &str, status: &str, created: &str) -> Response {
    let cluster = format!(
        r#"{{"cloud_provider":"AWS","cluster_name":"{name}","create_at":"{created}","module_type":"EloqKV",
            "region":"{region}","status":"{status}","version":"v","zone":"{region}a"}}"#
    );
    ok(&format!(r#"{{"total":1,"cluster_list":[{cluster}]}}"#)).header("date", NOW)
}

/// Every way to lose the response to a write.
fn lost_responses() -> Vec<(&'static str, Response)> {
    vec![
        ("reset", reset()),
        ("closed", closed()),
        ("502", headers(502, &[])),
        ("504", html(504, "x")),
        ("timeout", silence()),
        ("cut", ok("null").truncated(5)),
        ("login page", html(200, "<html>")),
        ("empty 200", json(200, "")),
        ("no JSON", json(200, "{\"code\":")),
        ("code of another type", json(200, r#"{"code":"0","message":"success"}"#)),
    ]
}

fn write(fault: &'static str, case: &str, call: Call) -> Row {
    row(fault, format!("{case}, {call:?}"), call).set(|settings| {
        settings.timeout = std::time::Duration::from_millis(300);
        settings.deadline = std::time::Duration::from_secs(3);
    })
}

pub fn rows() -> Vec<Row> {
    [creates(), names(), deletes()].into_iter().flatten().collect()
}

fn creates() -> Vec<Row> {
    const FAULT: &str = "create: applied, then the reply is lost";
    let zoned = || Call::Create { name: "new", region: "us-west-1", sku_id: 101, zone: Some("us-west-1b") };
    let mut rows = Vec::new();
    for (case, response) in lost_responses() {
        let create = |what: &str| write(FAULT, &format!("{case}, {what}"), CREATE).responds([response.clone()]);
        let found = || listed("new", "us-west-1", "creating");
        let adopted = |row: Row| row.check(Check::Reconciled(true));
        rows.push(adopted(create("found at once").on("list_clusters", [found()]).list_requests(1)));
        let absent = || ok(r#"{"cluster_list":null,"total":0}"#);
        rows.push(adopted(create("found later").on("list_clusters", [absent(), found()]).list_requests(2)));
        let failing = || headers(500, &[]);
        rows.push(adopted(
            create("found after the list failed").on("list_clusters", [failing(), found()]).list_requests(2),
        ));
        let elsewhere = || listed("new", "eu-central-1", "creating");
        let differs = create("another region").on("list_clusters", [elsewhere()]);
        rows.push(differs.list_requests(1).fails("Conflict").check(Check::Displays("its region is eu-central-1")));
        rows.push(create("absent").stays_unknown().check(Check::Displays("look for the cluster")));
    }
    let other_zone = write(FAULT, "another zone", zoned()).responds([closed()]);
    let other_zone = other_zone.on("list_clusters", [listed("new", "us-west-1", "creating")]);
    rows.push(other_zone.list_requests(1).fails("Conflict").check(Check::Displays("its zone is us-west-1a")));
    // After a 500 or 503 response the client polls once.
    for status in [500, 503] {
        let create = write(FAULT, &format!("{status}"), CREATE).responds([headers(status, &[])]);
        let found = create.on("list_clusters", [listed("new", "us-west-1", "creating")]);
        rows.push(found.list_requests(1).check(Check::Reconciled(true)));
    }
    rows
}

fn names() -> Vec<Row> {
    const FAULT: &str = "create: the name existed before";
    let rejected = |status, variant| {
        let body = format!(r#"{{"code":{status},"message":"exists"}}"#);
        // The cluster exists and must not be adopted.
        let existing = listed("new", "us-west-1", "available");
        let create = write(FAULT, &format!("{status}"), CREATE).responds([json(status, body)]);
        create.on("list_clusters", [existing]).fails(variant)
    };
    let mut rows = vec![
        rejected(409, "Conflict"),
        rejected(400, "Validation"),
        rejected(422, "Validation"),
        rejected(403, "Permission"),
    ];
    for (case, response) in lost_responses().into_iter().chain([("500", headers(500, &[]))]) {
        let before = listed_since("new", "us-west-1", "available", "1994-11-06T08:49:00Z");
        let create = write(FAULT, case, CREATE).responds([response]).on("list_clusters", [before]);
        rows.push(create.list_requests(1).fails("Conflict").check(Check::Displays("existed before")));
    }
    rows
}

fn deletes() -> Vec<Row> {
    const FAULT: &str = "delete: applied, reply lost";
    let mut rows = Vec::new();
    for (case, response) in lost_responses() {
        let delete = |what: &str| write(FAULT, &format!("{case}, {what}"), DELETE);
        // The list is empty.
        rows.push(delete("gone").responds([response.clone()]).list_requests(1).check(Check::Reconciled(true)));
        let existing = || listed("old", "us-west-1", "available");
        for (what, second) in [("second try 404", json(404, "")), ("second try 200", ok("null"))] {
            let again = delete(what).responds([response.clone(), second]).on("list_clusters", [existing()]);
            rows.push(again.requests(2).list_requests(1).check(Check::Reconciled(true)).max_account_requests(2));
        }
    }
    for (case, response) in [("JSON", json(404, r#"{"code":404,"message":"no"}"#)), ("HTML", html(404, "<html>"))] {
        rows.push(write(FAULT, &format!("first try 404, {case}"), DELETE).responds([response]).fails("NotFound"));
    }
    let throttled = headers(429, &[]).then(Step::Close);
    rows.push(write(FAULT, "429, then 404", DELETE).responds([throttled, json(404, "")]).requests(2).fails("NotFound"));
    rows
}
