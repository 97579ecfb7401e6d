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
    list(name, region, status, created, r#""kv-101""#).header("date", NOW)
}

/// A list with one cluster, without a date.
fn list(name: &str, region: &str, status: &str, created: &str, sku: &str) -> Response {
    let cluster = format!(
        r#"{{"cloud_provider":"AWS","cluster_name":"{name}","create_at":"{created}","module_type":"EloqKV",
            "region":"{region}","status":"{status}","version":"v","zone":"{region}a","sku_name":{sku}}}"#
    );
    ok(&format!(r#"{{"total":1,"cluster_list":[{cluster}]}}"#))
}

/// A catalogue of these SKUs, by id and name, each with as many CPUs as its id.
pub fn skus(skus: &[(i64, &str)]) -> Response {
    let sku = |(id, name): &(i64, &str)| {
        format!(
            r#"{{"sku_id":{id},"sku_name":"{name}","sku_type":"serverless","module_type":"EloqKV","version":"v",
                "tx_cpu_limit":{id},"tx_memory_mi_limit":1,"tx_ev_gi_limit":1,"tx_pv_gi_limit":1,"log_cpu_limit":1,
                "log_memory_mi_limit":1,"log_pv_gi_limit":1,"cloud_provider":"aws","tx_replica":1,"log_replica":1}}"#
        )
    };
    ok(&format!("[{}]", skus.iter().map(sku).collect::<Vec<_>>().join(",")))
}

/// The cluster `new` with this many CPUs.
fn described(status: &str, cpus: i64, memory: i64) -> Response {
    ok(&format!(
        r#"{{"admin_password":"cA==","admin_user":"dQ==","cloud_provider":"AWS","cluster_deploy_mode":"m",
            "create_at":"1994-11-06T08:49:37Z","display_cluster_name":"new","elb_addr":"","elb_port":0,
            "elb_state":"provisioning","log_cpu_limit":1,"log_memory_mi_limit":1,"log_replica":1,
            "module_type":"EloqKV","org_name":"o","project_name":"p","region":"us-west-1","status":"{status}",
            "tx_cpu_limit":{cpus},"tx_memory_mi_limit":{memory},"tx_replica":1,"version":"v","zone":"us-west-1a"}}"#
    ))
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
    [creates(), names(), deletes(), ages(), absences(), sku_comparisons()].into_iter().flatten().collect()
}

fn creates() -> Vec<Row> {
    const FAULT: &str = "create: applied, then the reply is lost";
    let zoned = || Call::Create { name: "new", region: "us-west-1", sku_id: 101, zone: Some("us-west-1b") };
    let mut rows = Vec::new();
    for (case, response) in lost_responses() {
        let create = |what: &str| write(FAULT, &format!("{case}, {what}"), CREATE).responds([response.clone()]);
        let found = || listed("new", "us-west-1", "creating");
        let adopted = |row: Row| compared(row).check(Check::Reconciled(true));
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
    let polled = write("polls of a reconciliation", "500, absent", CREATE).responds([headers(500, &[])]);
    rows.push(polled.list_requests(1).fails("Server").check(Check::Attempts(2)));
    let other_zone = write(FAULT, "another zone", zoned()).responds([closed()]);
    let other_zone = other_zone.on("list_clusters", [listed("new", "us-west-1", "creating")]);
    rows.push(other_zone.list_requests(1).fails("Conflict").check(Check::Displays("its zone is us-west-1a")));
    // After a 500 or 503 response the client polls once.
    for status in [500, 503] {
        let create = write(FAULT, &format!("{status}"), CREATE).responds([headers(status, &[])]);
        let found = create.on("list_clusters", [listed("new", "us-west-1", "creating")]);
        rows.push(compared(found).list_requests(1).check(Check::Reconciled(true)));
    }
    rows
}

/// The catalogue tells that the found cluster has the requested SKU.
fn compared(row: Row) -> Row {
    row.on("list_skus", [skus(&[(101, "kv-101")])]).comparisons(1)
}

/// The age of a cluster counts only where it can be told.
fn ages() -> Vec<Row> {
    const FAULT: &str = "age that cannot be told";
    let found = |created: &str| list("new", "us-west-1", "available", created, r#""kv-101""#);
    let cases = [
        ("no date", found("1994-11-06T08:49:37Z")),
        ("a date that is no date", found("1994-11-06T08:49:37Z").header("date", "today")),
        ("created in the future", found("1994-11-06T08:49:39Z").header("date", NOW)),
        ("created in the far future", found("2994-11-06T08:49:37Z").header("date", NOW)),
        ("no offset", found("1994-11-06T08:49:37").header("date", NOW)),
        ("an impossible offset", found("1994-11-06T08:49:37+99:00").header("date", NOW)),
        ("no time", found("just now").header("date", NOW)),
    ];
    let mut rows = Vec::new();
    for (case, list) in cases {
        let create = write(FAULT, case, CREATE).responds([closed()]).on("list_clusters", [list.clone()]);
        rows.push(create.list_requests(1).fails("OutcomeUnknown"));
        // Neither a success nor a second delete.
        let delete = Call::Delete("new");
        let lists: [Response; 8] = std::array::from_fn(|_| list.clone());
        rows.push(write(FAULT, case, delete).responds([closed()]).on("list_clusters", lists).stays_unknown());
    }
    rows
}

/// A list that shows fewer clusters than its total proves no absence.
fn absences() -> Vec<Row> {
    const FAULT: &str = "list shorter than its total";
    let short = || ok(r#"{"cluster_list":[],"total":1}"#).header("date", NOW);
    let lists: [Response; 64] = std::array::from_fn(|_| short());
    let mut delete = write(FAULT, "delete", DELETE).responds([closed()]).on("list_clusters", lists).stays_unknown();
    delete = delete.list_requests_up_to(64);
    vec![delete]
}

/// A cluster is adopted only if it has the requested SKU.
fn sku_comparisons() -> Vec<Row> {
    const FAULT: &str = "SKU that cannot be seen";
    let create = |case: &str, sku: &str| {
        let found = list("new", "us-west-1", "available", "1994-11-06T08:49:37Z", sku).header("date", NOW);
        write(FAULT, case, CREATE).responds([closed()]).on("list_clusters", [found]).list_requests(1)
    };
    let (named, unnamed) = (r#""shared""#, "null");
    let catalogue = || [skus(&[(100, "a"), (101, "b")]), skus(&[])];
    vec![
        create("two SKUs with one name", named)
            .on("list_skus", [skus(&[(100, "shared"), (101, "shared")])])
            .comparisons(1)
            .check(Check::Reconciled(true)),
        create("another SKU of the name", named)
            .on("list_skus", [skus(&[(100, "shared"), (101, "b")]), skus(&[])])
            .comparisons(2)
            .fails("Conflict")
            .check(Check::Displays("its sku is 100 and not 101")),
        create("no SKU in the catalogue", named)
            .on("list_skus", [skus(&[]), skus(&[])])
            .comparisons(2)
            .fails("OutcomeUnknown"),
        create("no name, the same size", unnamed)
            .on("list_skus", catalogue())
            .on("describe_cluster", [described("available", 101, 1)])
            .comparisons(3)
            .check(Check::Reconciled(true)),
        create("no name, another size", unnamed)
            .on("list_skus", catalogue())
            .on("describe_cluster", [described("available", 100, 1)])
            .comparisons(3)
            .fails("Conflict")
            .check(Check::Displays("its tx_cpu_limit is 100 and not 101")),
        create("no name, idle and without a size", unnamed)
            .on("list_skus", catalogue())
            .on("describe_cluster", [described("idle", 0, 0)])
            .comparisons(3)
            .fails("OutcomeUnknown"),
    ]
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
