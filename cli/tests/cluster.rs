//! `eloq cluster` and `eloq ping`.

#![cfg(unix)]

mod support;

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, SeededCluster, Simulator};
use serde_json::{Value, json};
use support::process::{Background, at_terminal, finish, until};
use support::{Eloq, run};

const CREATE: [&str; 5] = ["cluster", "create", "orders", "--region", "us-west-1"];

fn create(more: &[&'static str]) -> Vec<&'static str> {
    [&CREATE, more].concat()
}

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().expect("an array").iter().map(|row| row["cluster_name"].as_str().unwrap()).collect()
}

#[test]
fn a_create_whose_response_is_lost_is_sent_once() {
    let eloq = Eloq::with(Simulator::builder().provisioning(Duration::ZERO));
    eloq.simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
    let created = eloq.json(&create(&["--sku", "101", "--wait"]));
    assert_eq!((&created["outcome"], &created["status"]), (&"reconciled".into(), &"available".into()), "{created}");
    assert_eq!((eloq.requests("POST"), &created["sku"]), (1, &101.into()));
    assert!(created["host"].is_string() && created["port"].is_u64(), "{created}");
}

#[test]
fn a_cluster_that_exists_is_accepted_if_it_is_the_same() {
    let eloq = Eloq::with(Simulator::builder().provisioning(Duration::ZERO));
    let described = ["--type", "serverless", "--module", "kv", "--cloud", "aws"];
    let first = eloq.json(&create(&[&described[..], &["--if-not-exists", "--wait"]].concat()));
    assert_eq!(first["outcome"], "created");
    assert_eq!(eloq.json(&create(&["--sku", "101", "--if-not-exists"]))["outcome"], "existed");
    let other = eloq.run(&create(&["--sku", "201", "--if-not-exists", "-o", "json"]));
    assert_eq!((other.code, other.stdout.as_str()), (6, ""), "{other:?}");
    let error = other.error();
    assert_eq!(error["message"], r#"the cluster "orders" exists and differs: its sku is 101 and not 201"#);
    // Without the flag, the name is taken.
    let taken = eloq.run(&create(&["--sku", "101", "-o", "json"]));
    assert_eq!(taken.code, 6, "{taken:?}");
    assert!(taken.error()["hint"].as_str().unwrap().contains("--if-not-exists"), "{taken:?}");
    assert_eq!(eloq.requests("POST"), 2);
}

#[test]
fn a_dry_run_of_a_create_only_reads() {
    let eloq = Eloq::new();
    let planned = eloq.json(&create(&["--type", "dedicated", "--module", "doc", "--cloud", "aws", "--dry-run"]));
    assert_eq!(
        (&planned["outcome"], &planned["sku"]["module"]),
        (&"would_create".into(), &"eloqdoc".into()),
        "{planned}"
    );
    eloq.ok(&create(&["--sku", "101"]));
    assert_eq!(eloq.run(&create(&["--sku", "101", "--dry-run"])).code, 6);
    assert_eq!(eloq.json(&create(&["--sku", "101", "--dry-run", "--if-not-exists"]))["outcome"], "existed");
    assert_eq!(eloq.run(&create(&["--sku", "201", "--dry-run", "--if-not-exists"])).code, 6);
    assert_eq!(eloq.requests("POST"), 1);
}

#[test]
fn a_create_with_wrong_arguments_sends_nothing() {
    let eloq = Eloq::new();
    let kv = ["--type", "serverless", "--module", "kv", "--cloud", "aws"];
    let wrong: &[&[&str]] = &[
        &[],
        &["--sku", "many"],
        &["--sku=-1"],
        &["--type", "serverless"],
        &["--sku", "101", "--module", "kv"],
        &[&kv[..], &["--sku", "101"]].concat(),
        &["--sku", "101", "--wait=deleted"],
        &["--sku", "101", "--ping"],
        &["--sku", "101", "--wait=available", "--ping"],
    ];
    for arguments in wrong {
        let run = eloq.run(&[&CREATE, *arguments, &["-o", "json"]].concat());
        assert_eq!((run.code, &run.error()["kind"]), (2, &"Usage".into()), "{arguments:?}: {run:?}");
    }
    assert_eq!(eloq.run(&["cluster", "create", "", "--region", "us-west-1", "--sku", "101"]).code, 2);
    // A description that no SKU matches: the candidates are named.
    let none = eloq.run(&create(&[&kv[..], &["--cpu", "64"]].concat()));
    assert_eq!(none.code, 2, "{none:?}");
    assert!(none.stderr.contains("has 101 (eloqkv-serverless-aws"), "{none:?}");
    assert_eq!(eloq.requests("POST"), 0);
}

/// 500 names: any script, `%`, and characters that steer a terminal.
fn many() -> (Eloq, Vec<String>) {
    let kinds = [
        "orders-%2F",
        "заказы",
        "注文-テーブル",
        "طلبات",
        "a b?c#d",
        "\u{1b}[31mred\u{7}",
        "bell\u{9b}2J",
        "rtl\u{202e}txt",
        "del\u{7f}\u{fffe}",
    ];
    let names: Vec<_> = (0..500).map(|number| format!("{}-{number:03}", kinds[number % kinds.len()])).collect();
    let builder = names.iter().fold(Simulator::builder(), |builder, name| builder.cluster(name.as_str()));
    (Eloq::with(builder), names)
}

#[test]
fn long_lists_are_whole_and_steer_no_terminal() {
    let (eloq, expected) = many();
    assert_eq!(names(&eloq.json(&["cluster", "list"])), expected);
    let steers = |text: &str| text.contains(|c: char| (c.is_control() && c != '\n' && c != '\r') || c == '\u{202e}');
    for format in ["table", "json", "jsonl", "yaml", "csv", "name"] {
        let text = eloq.ok(&["cluster", "list", "-o", format]);
        assert!(!steers(&text), "{format}");
        assert!(text.lines().count() >= 500, "{format}");
    }
    let shown = |name: &String| {
        name.chars()
            .map(|c| match c {
                '\u{1b}' | '\u{7}' | '\u{9b}' | '\u{202e}' | '\u{7f}' => format!("\\u{{{:x}}}", c as u32),
                c => c.to_string(),
            })
            .collect::<String>()
    };
    let (narrow, code) = finish(at_terminal(&eloq, 40, &["cluster", "list", "--color", "never"]));
    assert_eq!(code, 0);
    assert_eq!(narrow.lines().find(|line| steers(line)), None);
    let lines: Vec<_> = narrow.lines().collect();
    for name in &expected {
        let name = shown(name);
        assert!(lines.iter().any(|line| line.starts_with(&name)), "{name} is not whole");
    }

    // A reader that leaves early.
    for format in ["table", "jsonl"] {
        let tool = eloq.command(&["cluster", "list", "-o", format]);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg("\"$0\" \"$@\" | head -1").arg(tool.get_program()).args(tool.get_args());
        shell.env_clear().envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let head = run(shell.stdin(Stdio::null()));
        assert_eq!((head.code, head.stderr.as_str(), head.stdout.lines().count()), (0, "", 1), "{format}");
    }
}

#[test]
fn a_failed_second_page_leaves_no_closed_array() {
    let (eloq, _) = many();
    let fail = || eloq.simulator.inject(Fault::on(Operation::ListClusters).after(1).always().status(403));
    for (format, lines) in [("json", 0), ("table", 0), ("yaml", 0), ("jsonl", 50), ("csv", 51), ("name", 50)] {
        eloq.simulator.clear_faults();
        fail();
        let failed = eloq.run(&["cluster", "list", "-o", format]);
        assert_eq!((failed.code, failed.stdout.lines().count()), (4, lines), "{format}: {}", failed.stderr);
    }
}

#[test]
fn lists_are_filtered_and_limited() {
    let builder = Simulator::builder()
        .cluster("kv")
        .cluster(SeededCluster::new("doc").sku(103).status("idle"))
        .cluster(SeededCluster::new("gcp").sku(102).region("us-central1"));
    let eloq = Eloq::with(builder.project(148, "staging").cluster(SeededCluster::new("other").project(148)));
    let list = |more: &[&str]| {
        let rows = eloq.json(&[&["cluster", "list"], more].concat());
        names(&rows).join(" ")
    };
    assert_eq!(list(&[]), "kv doc gcp");
    assert_eq!(list(&["--status", "idle"]), "doc");
    assert_eq!(list(&["--status", "idle,available", "--module", "kv"]), "kv gcp");
    assert_eq!(list(&["--region", "us-central1"]), "gcp");
    assert_eq!(list(&["--limit", "2"]), "kv doc");
    assert_eq!(list(&["--project", "staging"]), "other");
    let mistyped = eloq.run(&["cluster", "list", "--status", "availabel"]);
    assert!(mistyped.code == 0 && mistyped.stderr.contains("does not know the status availabel"), "{mistyped:?}");
    assert_eq!(eloq.run(&["cluster", "list", "--limit", "0"]).code, 2);
    assert_eq!(eloq.run(&["cluster", "list", "--all-projects", "--project", "148"]).code, 2);

    // All projects, of which one fails.
    let all = eloq.json(&["cluster", "list", "--all-projects"]);
    let projects: Vec<_> = all.as_array().unwrap().iter().map(|row| row["project_name"].as_str().unwrap()).collect();
    assert_eq!(projects.iter().filter(|project| **project == "staging").count(), 1, "{all}");
    assert_eq!(all.as_array().unwrap().len(), 4);
    eloq.simulator.inject(Fault::on(Operation::ListClusters).status(403));
    let partly = eloq.run(&["cluster", "list", "--all-projects", "-o", "json"]);
    assert_eq!(partly.code, 13, "{partly:?}");
    let rest: Value = serde_json::from_str(&partly.stdout).unwrap();
    assert!([1, 3].contains(&rest.as_array().unwrap().len()), "{rest}");
    let message = partly.error()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("1 project was not listed: ") && message.contains("403"), "{message}");
    eloq.simulator.inject(Fault::on(Operation::ListClusters).always().status(403));
    let none = eloq.run(&["cluster", "list", "--all-projects", "-o", "json"]);
    assert_eq!((none.code, none.stdout.as_str()), (4, ""), "{none:?}");
}

#[test]
fn clusters_are_shown_and_those_that_are_missing_are_named() {
    let eloq = Eloq::with(Simulator::builder().cluster("a").cluster("b"));
    let one = eloq.json(&["cluster", "get", "a"]);
    assert_eq!((&one["cluster_name"], &one["admin_password"]), (&"a".into(), &"[redacted]".into()), "{one}");
    assert_eq!(one["connectable"], true);
    assert_eq!(names(&eloq.json(&["cluster", "get", "b", "a"])), ["b", "a"]);
    let partly = eloq.run(&["cluster", "get", "a", "missing", "-o", "json"]);
    assert_eq!(partly.code, 13, "{partly:?}");
    assert_eq!(names(&serde_json::from_str(&partly.stdout).unwrap()), ["a"]);
    let message = partly.error()["message"].as_str().unwrap().to_owned();
    assert_eq!(message, r#"1 cluster was not shown: missing: the cluster "missing" does not exist"#);
    for arguments in [&["missing"][..], &["missing", "neither"]] {
        let none = eloq.run(&[&["cluster", "get"], arguments, &["-o", "json"]].concat());
        assert_eq!((none.code, none.stdout.as_str()), (5, ""), "{none:?}");
    }
}

#[test]
fn waits_reach_their_goals() {
    let eloq =
        Eloq::with(Simulator::builder().cluster("a").cluster("b").cluster(SeededCluster::new("idle").status("idle")));
    let one = eloq.json(&["cluster", "wait", "idle", "--for", "status=idle"]);
    assert_eq!((&one["reached"], &one["status"]), (&"status=idle".into(), &"idle".into()));
    assert_eq!(eloq.json(&["cluster", "wait", "missing", "--for", "deleted"])["reached"], "deleted");
    let several = eloq.json(&["cluster", "wait", "b", "idle", "a"]);
    assert_eq!(names(&several), ["b", "idle", "a"]);

    let late = eloq.run(&["cluster", "wait", "a", "idle", "--for", "available", "--timeout", "50ms", "-o", "json"]);
    assert_eq!(late.code, 13, "{late:?}");
    assert_eq!(names(&serde_json::from_str(&late.stdout).unwrap()), ["a"]);
    assert_eq!(late.error()["next"], json!(["eloq cluster wait idle --for available"]));
    let late = eloq.run(&["cluster", "wait", "idle", "--for", "available", "--timeout", "50ms", "-o", "json"]);
    assert_eq!(late.code, 9, "{late:?}");
    assert_eq!(late.error()["next"], json!(["eloq cluster wait idle --for available"]));
    assert_eq!(eloq.run(&["cluster", "wait", "a", "--for", "ready"]).code, 2);
}

#[test]
fn operations_print_what_was_done() {
    let eloq = Eloq::with(Simulator::builder().cluster("orders"));
    let stopped = eloq.json(&["cluster", "stop", "orders", "--wait"]);
    assert_eq!((&stopped["outcome"], &stopped["status"]), (&"idle".into(), &"idle".into()), "{stopped}");
    let started = eloq.json(&["cluster", "start", "orders", "--wait"]);
    assert_eq!((&started["outcome"], &started["status"]), (&"connectable".into(), &"available".into()), "{started}");
    let restarting = eloq.json(&["cluster", "restart", "orders"]);
    assert_eq!((&restarting["outcome"], &restarting["cluster_name"]), (&"restarting".into(), &"orders".into()));
    assert!(restarting["message"].as_str().is_some_and(|message| !message.is_empty()));

    let history = eloq.json(&["cluster", "config", "history", "orders"]);
    let id = history[0]["config_id"].to_string();
    assert_eq!(eloq.json(&["cluster", "config", "apply", "orders", &id])["outcome"], "applying");
    assert!(eloq.ok(&["cluster", "config", "history", "orders"]).starts_with("ID"));
    assert_eq!(eloq.run(&["cluster", "config", "apply", "orders", "99"]).code, 5);
}

#[test]
fn a_watch_prints_changes_until_the_cluster_is_gone() {
    let eloq = Eloq::with(Simulator::builder().cluster("orders").cluster("other"));
    assert_eq!(eloq.run(&["cluster", "watch", "missing"]).code, 5);
    let watch = ["cluster", "watch", "orders", "--interval", "20ms", "-o", "jsonl"];
    let lists =
        || eloq.simulator.requests().iter().filter(|each| each.operation() == Some(Operation::ListClusters)).count();
    let listed_again = |before: usize| until("the list is read again", || lists() >= before + 2);

    let (watching, before) = (Background::start(eloq.command(&watch)), lists());
    listed_again(before);
    eloq.simulator.set_cluster_status("other", "idle");
    eloq.simulator.set_cluster_status("orders", "idle");
    listed_again(lists());
    eloq.simulator.set_cluster_status("orders", "available");
    eloq.ok(&["cluster", "delete", "orders", "-y"]);
    eloq.simulator.advance(Duration::from_secs(60));
    let watched = watching.finish();
    assert_eq!(watched.code, 0, "{watched:?}");
    let events: Vec<Value> = watched.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().all(|event| event["cluster_name"] == "orders" && event["time"].is_string()), "{events:?}");
    assert_eq!(
        (&events[0]["change"], &events[1]["summary"]),
        (&"added".into(), &"~ orders: status available → idle".into())
    );
    assert_eq!(events.last().unwrap()["change"], "removed");

    let watching = Background::start(eloq.command(&["cluster", "watch", "other", "--interval", "20ms"]));
    listed_again(lists());
    watching.signal("INT");
    let interrupted = watching.finish();
    assert_eq!(interrupted.code, 130, "{interrupted:?}");
    assert!(interrupted.stdout.lines().nth(1).is_some_and(|line| line.starts_with("other ")), "{interrupted:?}");
}

#[test]
fn a_ping_opens_a_connection() {
    let eloq =
        Eloq::with(Simulator::builder().cluster("orders").cluster(SeededCluster::new("new").status("provisioning")));
    let early = eloq.run(&["ping", "new", "-o", "json"]);
    assert_eq!(
        (early.code, &early.error()["next"][0]),
        (8, &"eloq cluster wait new --for connectable".into()),
        "{early:?}"
    );
    assert_eq!(eloq.run(&["ping", "missing"]).code, 5);

    let database = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = database.local_addr().unwrap().port();
    let described = json!({ "code": 0, "message": "", "data": {
        "admin_password": "cA==", "admin_user": "dQ==", "cloud_provider": "AWS", "cluster_deploy_mode": "",
        "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": "orders", "elb_addr": "127.0.0.1", "elb_port": port,
        "elb_state": "active", "log_cpu_limit": 1.0, "log_memory_mi_limit": 1.0, "log_replica": 1,
        "module_type": "EloqKV", "org_name": "o", "project_name": "p", "region": "r", "status": "available",
        "tx_cpu_limit": 1.0, "tx_memory_mi_limit": 1.0, "tx_replica": 1, "version": "v", "zone": "z",
    }});
    let reply = || Fault::on(Operation::DescribeCluster).reply(200, "application/json", described.to_string());
    eloq.simulator.inject(reply());
    let pong = eloq.json(&["ping", "orders"]);
    assert_eq!((&pong["port"], pong["milliseconds"].is_f64()), (&port.into(), true), "{pong}");
    drop(database);
    eloq.simulator.inject(reply());
    assert_eq!(eloq.run(&["ping", "orders"]).code, 8);
}

#[test]
fn progress_is_a_line_for_each_change_and_one_redrawn_line_at_a_terminal() {
    let eloq = Eloq::with(Simulator::builder().provisioning(Duration::from_millis(300)).deleting(Duration::ZERO));
    let lines = eloq.run(&create(&["--sku", "101", "--wait"]));
    let states: Vec<_> = lines.stderr.lines().map(|line| line.trim_start().split_once(" s  ").unwrap().1).collect();
    assert_eq!(
        states,
        [
            "orders: creating",
            "orders: provisioning, load balancer provisioning",
            "orders: available, load balancer active",
        ]
    );
    let quiet = eloq.run(&["cluster", "restart", "orders", "--wait", "-q"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));

    let (text, code) = finish(at_terminal(&eloq, 100, &["cluster", "delete", "orders", "--wait", "-y"]));
    assert_eq!(code, 0, "{text}");
    let (progress, result) = text.rsplit_once("\r\u{1b}[K").unwrap_or_else(|| panic!("{text:?}"));
    assert!(progress.contains("orders: deleting") && !progress.contains('\n'), "{progress:?}");
    assert!(result.starts_with("NAME") || result.contains("deleted"), "{result:?}");
}
