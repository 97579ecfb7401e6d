//! Changes whose outcome is unknown: settled by looking, and never claimed without having seen it.

use crate::row::{CREATE, Check, DELETE, Row, row};
use crate::scripted::{Reply, Step, closed, headers, html, json, ok, reset, silence};
use crate::support::Call;

/// The service's clock, which is not this machine's.
const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// A list with one cluster; one that is named `old` is old, any other was created just now, by the service's clock.
pub fn listed(name: &str, region: &str, status: &str) -> Reply {
    let created = if name == "old" { "1994-11-01T00:00:00Z" } else { "1994-11-06T08:49:37Z" };
    listed_since(name, region, status, created)
}

fn listed_since(name: &str, region: &str, status: &str, created: &str) -> Reply {
    let cluster = format!(
        r#"{{"cloud_provider":"AWS","cluster_name":"{name}","create_at":"{created}","module_type":"EloqKV",
            "region":"{region}","status":"{status}","version":"v","zone":"{region}a"}}"#
    );
    ok(&format!(r#"{{"total":1,"cluster_list":[{cluster}]}}"#)).header("date", NOW)
}

/// Every way in which the answer to a change can be lost.
fn lost() -> Vec<(&'static str, Reply)> {
    vec![
        ("reset", reset()),
        ("closed", closed()),
        ("502", headers(502, &[])),
        ("504", html(504, "x")),
        ("timeout", silence()),
        ("cut", ok("null").cut(5)),
        ("login page", html(200, "<html>")),
        ("empty 200", json(200, "")),
        ("no JSON", json(200, "{\"code\":")),
        ("code of another type", json(200, r#"{"code":"0","message":"success"}"#)),
    ]
}

fn change(fault: &'static str, case: &str, call: Call) -> Row {
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
    for (case, reply) in lost() {
        let create = |what: &str| change(FAULT, &format!("{case}, {what}"), CREATE).answers([reply.clone()]);
        let found = || listed("new", "us-west-1", "creating");
        let adopted = |row: Row| row.check(Check::Reconciled(true));
        rows.push(adopted(create("found at once").on("list_clusters", [found()]).looks(1)));
        let absent = || ok(r#"{"cluster_list":null,"total":0}"#);
        rows.push(adopted(create("found later").on("list_clusters", [absent(), found()]).looks(2)));
        let failing = || headers(500, &[]);
        rows.push(adopted(create("found after the list failed").on("list_clusters", [failing(), found()]).looks(2)));
        let elsewhere = || listed("new", "eu-central-1", "creating");
        let differs = create("another region").on("list_clusters", [elsewhere()]);
        rows.push(differs.looks(1).fails("Conflict").check(Check::Says("its region is eu-central-1")));
        rows.push(create("absent").stays_unknown().check(Check::Says("look for the cluster")));
    }
    let other_zone = change(FAULT, "another zone", zoned()).answers([closed()]);
    let other_zone = other_zone.on("list_clusters", [listed("new", "us-west-1", "creating")]);
    rows.push(other_zone.looks(1).fails("Conflict").check(Check::Says("its zone is us-west-1a")));
    // Answers that were not lost are looked behind once.
    for status in [500, 503] {
        let create = change(FAULT, &format!("{status}"), CREATE).answers([headers(status, &[])]);
        let found = create.on("list_clusters", [listed("new", "us-west-1", "creating")]);
        rows.push(found.looks(1).check(Check::Reconciled(true)));
    }
    rows
}

fn names() -> Vec<Row> {
    const FAULT: &str = "create: the name existed before";
    let told = |status, variant| {
        let body = format!(r#"{{"code":{status},"message":"exists"}}"#);
        // It is there, and must not be adopted.
        let there = listed("new", "us-west-1", "available");
        let create = change(FAULT, &format!("{status}"), CREATE).answers([json(status, body)]);
        create.on("list_clusters", [there]).fails(variant)
    };
    let mut rows =
        vec![told(409, "Conflict"), told(400, "Validation"), told(422, "Validation"), told(403, "Permission")];
    for (case, reply) in lost().into_iter().chain([("500", headers(500, &[]))]) {
        let before = listed_since("new", "us-west-1", "available", "1994-11-06T08:49:00Z");
        let create = change(FAULT, case, CREATE).answers([reply]).on("list_clusters", [before]);
        rows.push(create.looks(1).fails("Conflict").check(Check::Says("existed before")));
    }
    rows
}

fn deletes() -> Vec<Row> {
    const FAULT: &str = "delete: applied, reply lost";
    let mut rows = Vec::new();
    for (case, reply) in lost() {
        let delete = |what: &str| change(FAULT, &format!("{case}, {what}"), DELETE);
        // The list is empty.
        rows.push(delete("gone").answers([reply.clone()]).looks(1).check(Check::Reconciled(true)));
        let there = || listed("old", "us-west-1", "available");
        for (what, second) in [("second try 404", json(404, "")), ("second try 200", ok("null"))] {
            let again = delete(what).answers([reply.clone(), second]).on("list_clusters", [there()]);
            rows.push(again.requests(2).looks(1).check(Check::Reconciled(true)).asks_for_the_account_again());
        }
    }
    for (case, reply) in [("JSON", json(404, r#"{"code":404,"message":"no"}"#)), ("HTML", html(404, "<html>"))] {
        rows.push(change(FAULT, &format!("first try 404, {case}"), DELETE).answers([reply]).fails("NotFound"));
    }
    let throttled = headers(429, &[]).then(Step::Close);
    rows.push(change(FAULT, "429, then 404", DELETE).answers([throttled, json(404, "")]).requests(2).fails("NotFound"));
    rows
}
