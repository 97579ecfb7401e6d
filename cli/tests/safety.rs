//! What the tool refuses to do unasked, the exit codes of its failures, and Ctrl-C.

#![cfg(unix)]

mod support;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use eloq_sdk::ErrorKind;
use eloq_sdk::simulator::{Fault, Operation, SeededCluster, Simulator};
use support::Eloq;
use support::process::{Background, at_terminal, finish, paste, until};

const WIDE: usize = 200;

fn with_clusters(names: &[&str]) -> Eloq {
    let builder = Simulator::builder().cluster_limit(None).deleting(Duration::ZERO);
    Eloq::with(names.iter().fold(builder, |builder, name| builder.cluster(*name)))
}

#[test]
fn nothing_is_deleted_without_confirmation() {
    let eloq = with_clusters(&["orders", "sessions"]);
    let delete: &[&str] = &["cluster", "delete", "orders"];
    let within = |start: Instant| assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());

    // Without a terminal, whether stdin is empty or open and silent.
    let start = Instant::now();
    let refused = eloq.run(delete);
    within(start);
    assert_eq!(refused.code, 12, "{refused:?}");
    assert!(refused.stderr.contains("--yes") && refused.stdout.is_empty(), "{refused:?}");
    let mut silent = eloq.command(&["cluster", "delete", "orders", "-o", "json"]);
    let mut silent = silent.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (start, stdin) = (Instant::now(), silent.stdin.take());
    let output = silent.wait_with_output().unwrap();
    within(start);
    drop(stdin);
    assert_eq!(output.status.code(), Some(12));
    assert!(String::from_utf8(output.stderr).unwrap().contains(r#""kind":"NotConfirmed","exit_code":12"#));
    assert!(eloq.simulator.requests().is_empty(), "nothing is even read");

    // At a terminal.
    let start = Instant::now();
    let (_, code) = finish(at_terminal(&eloq, WIDE, &["cluster", "delete", "orders", "--no-input"]));
    within(start);
    assert_eq!(code, 12);
    let mut wrong = at_terminal(&eloq, WIDE, delete);
    wrong
        .exp_string("This deletes orders (available, EloqKV in us-west-1) and all its data. Type orders to confirm: ")
        .unwrap();
    let start = Instant::now();
    wrong.send_line("order").unwrap();
    let (text, code) = finish(wrong);
    within(start);
    assert_eq!(code, 12, "{text}");
    assert!(text.contains("another text was typed"), "{text}");
    let mut interrupted = at_terminal(&eloq, WIDE, delete);
    interrupted.exp_string("to confirm: ").unwrap();
    let start = Instant::now();
    interrupted.send_control('c').unwrap();
    assert_eq!(finish(interrupted).1, 130);
    within(start);
    let mut several = at_terminal(&eloq, WIDE, &["cluster", "delete", "orders", "sessions"]);
    several
        .exp_string("This deletes 2 clusters and all their data: orders, sessions. Type delete 2 to confirm: ")
        .unwrap();
    several.send_line("delete 1").unwrap();
    assert_eq!(finish(several).1, 12);

    assert_eq!(eloq.requests("DELETE"), 0);

    let mut right = at_terminal(&eloq, WIDE, delete);
    right.exp_string("to confirm: ").unwrap();
    right.send_line("orders").unwrap();
    let (text, code) = finish(right);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("deleting"), "{text}");
    assert_eq!(eloq.requests("DELETE"), 1);
}

#[test]
fn a_dry_run_of_a_deletion_only_reads() {
    let eloq = with_clusters(&["orders"]);
    let planned = eloq.json(&["cluster", "delete", "orders", "--dry-run"]);
    assert_eq!((&planned["outcome"], &planned["status"]), (&"would_delete".into(), &"available".into()));
    assert_eq!(eloq.run(&["cluster", "delete", "missing", "--dry-run"]).code, 5);
    assert_eq!(eloq.json(&["cluster", "delete", "missing", "--dry-run", "--if-exists"])["outcome"], "absent");
    assert_eq!(eloq.requests("DELETE"), 0);
}

#[test]
fn several_clusters_are_deleted_and_those_that_are_not_are_named() {
    let eloq = with_clusters(&["a", "b", "c"]);
    eloq.simulator.set_cluster_status("b", "active");
    let partly = eloq.run(&["cluster", "delete", "a", "b", "missing", "c", "a", "-y", "-o", "json"]);
    assert_eq!(partly.code, 13, "{partly:?}");
    let deleted: serde_json::Value = serde_json::from_str(&partly.stdout).unwrap();
    let outcomes: Vec<_> =
        deleted.as_array().unwrap().iter().map(|each| (&each["cluster_name"], &each["outcome"])).collect();
    assert_eq!(format!("{outcomes:?}"), r#"[(String("a"), String("deleting")), (String("c"), String("deleting"))]"#);
    let error = partly.error();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("2 clusters were not deleted") && message.contains("missing: the cluster"), "{message}");
    assert!(message.contains(r#"b: the status of "b" is active"#), "{message}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("eloq cluster list")), "{error}");
    assert_eq!(eloq.requests("DELETE"), 3);

    // One that does not exist.
    assert_eq!(eloq.run(&["cluster", "delete", "missing", "-y"]).code, 5);
    assert_eq!(eloq.json(&["cluster", "delete", "missing", "-y", "--if-exists"])["outcome"], "absent");
    assert_eq!(eloq.run(&["cluster", "delete", "missing", "neither", "-y"]).code, 5);

    // One that cannot be deleted yet.
    let refused = eloq.run(&["cluster", "delete", "b", "-y", "-o", "json"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let next = refused.error()["next"][0].as_str().unwrap().to_owned();
    assert_eq!(next, "eloq cluster delete b --if-exists --wait --yes");
    eloq.simulator.set_cluster_status("b", "available");
    let gone = paste(&eloq, &next);
    assert_eq!(gone.code, 0, "{gone:?}");
    assert!(gone.stdout.contains("deleted"), "{gone:?}");
    until("only b is left to go", || eloq.simulator.cluster_names().is_empty());
}

/// What provokes an error, and a command that meets it.
struct Case {
    kind: ErrorKind,
    code: i32,
    fault: Option<Fault>,
    arguments: &'static [&'static str],
}

#[test]
fn every_kind_of_error_has_its_exit_code() {
    let list: &[&str] = &["cluster", "list"];
    let on_list = || Some(Fault::on(Operation::ListClusters).always());
    let case = |kind, code, fault, arguments| Case { kind, code, fault, arguments };
    let late = Duration::from_secs(1);
    let cases = [
        case(ErrorKind::Authentication, 4, on_list().map(|fault| fault.status(401)), list),
        case(ErrorKind::Permission, 4, on_list().map(|fault| fault.status(403)), list),
        case(ErrorKind::NotFound, 5, None, &["cluster", "start", "missing"]),
        case(ErrorKind::NotFound, 5, None, &["cluster", "credentials", "missing"]),
        case(ErrorKind::RateLimit, 7, on_list().map(|fault| fault.status(429).header("Retry-After", "100")), list),
        case(ErrorKind::Validation, 2, on_list().map(|fault| fault.status(400)), list),
        case(ErrorKind::Conflict, 6, None, &["cluster", "create", "orders", "--region", "us-west-1", "--sku", "101"]),
        case(ErrorKind::Server, 1, on_list().map(|fault| fault.status(500)), list),
        case(ErrorKind::Api, 1, on_list().map(|fault| fault.code(5001, "internal error")), list),
        case(ErrorKind::Decode, 1, on_list().map(|fault| fault.wrong_schema()), list),
        case(ErrorKind::Protocol, 8, on_list().map(|fault| fault.reply(302, "text/html", "<h1>Found</h1>")), list),
        case(ErrorKind::Connect, 8, None, &["cluster", "list", "--base-url", "http://127.0.0.1:1/api/v1/"]),
        case(
            ErrorKind::Timeout,
            9,
            on_list().map(|fault| fault.latency(late)),
            &["cluster", "list", "--request-timeout", "200ms"],
        ),
        case(
            ErrorKind::OutcomeUnknown,
            11,
            Some(Fault::on(Operation::RestartCluster).drop_after()),
            &["cluster", "restart", "orders"],
        ),
        case(ErrorKind::ClusterFailed, 10, None, &["cluster", "wait", "failed"]),
        case(ErrorKind::NoProject, 3, None, list),
        case(ErrorKind::Config, 3, None, &["cluster", "list", "--project", "999"]),
        case(ErrorKind::InvalidInput, 2, None, &["cluster", "get", ".."]),
    ];
    let tested: BTreeSet<_> = cases.iter().map(|case| case.kind.as_str()).collect();
    // These come only from what the tool never does: it closes no client and stops no blocking call.
    let all = ErrorKind::ALL.iter().map(|kind| kind.as_str()).filter(|kind| !["Closed", "Stopped"].contains(kind));
    assert_eq!(tested, all.collect(), "a kind has no case");

    std::thread::scope(|scope| {
        for case in &cases {
            scope.spawn(move || check(case));
        }
    });
}

fn check(case: &Case) {
    let builder = Simulator::builder().cluster("orders").cluster(SeededCluster::new("failed").status("error"));
    let eloq = Eloq::with(if case.kind == ErrorKind::NoProject { Simulator::builder().no_projects() } else { builder });
    if let Some(fault) = case.fault.clone() {
        eloq.simulator.inject(fault);
    }
    let run = eloq.run(&[case.arguments, &["-o", "json"]].concat());
    assert_eq!(run.code, case.code, "{}: {run:?}", case.kind);
    assert!(run.stdout.is_empty(), "{run:?}");
    let error = run.error();
    assert_eq!((&error["kind"], &error["exit_code"]), (&case.kind.as_str().into(), &case.code.into()), "{run:?}");
    let message = error["message"].as_str().unwrap();
    assert!(!message.is_empty() && !message.contains('\n'), "{message:?}");
}

#[test]
fn a_create_that_times_out_or_is_interrupted_says_how_to_go_on() {
    let create = ["cluster", "create", "orders", "--region", "us-west-1", "--sku", "101", "--wait", "-o", "json"];
    let minute = || Eloq::with(Simulator::builder().provisioning(Duration::from_secs(60)));
    let goes_on = |eloq: &Eloq, error: &serde_json::Value| {
        let next = error["next"][0].as_str().unwrap();
        assert_eq!(next, "eloq cluster wait orders --for connectable");
        eloq.simulator.advance(Duration::from_secs(60));
        let done = paste(eloq, next);
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(eloq.requests("POST"), 1);
    };

    let (eloq, start) = (minute(), Instant::now());
    let late = eloq.run(&[&create[..], &["--timeout", "2s"]].concat());
    let time = start.elapsed().as_secs_f64();
    assert_eq!(late.code, 9, "{late:?}");
    assert!((1.5..2.5).contains(&time), "{time} s");
    let message = late.error()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with(r#"the cluster "orders" was created, but: "#), "{message}");
    assert!(
        late.stderr.lines().any(|line| line.ends_with("orders: provisioning, load balancer provisioning")),
        "{late:?}"
    );
    goes_on(&eloq, &late.error());

    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let eloq = minute();
        let running = Background::start(eloq.command(&create));
        let described =
            |request: &eloq_sdk::simulator::RecordedRequest| request.operation() == Some(Operation::DescribeCluster);
        until("it waits", || eloq.simulator.requests().iter().any(described));
        running.signal(signal);
        let interrupted = running.finish();
        assert_eq!((interrupted.code, interrupted.stdout.as_str()), (code, ""), "{interrupted:?}");
        goes_on(&eloq, &interrupted.error());
    }

    // Interrupted before the response: whether the cluster exists is not known.
    let eloq = minute();
    eloq.simulator.inject(Fault::on(Operation::CreateCluster).latency(Duration::from_secs(20)));
    let running = Background::start(eloq.command(&create));
    until("it has sent the request", || eloq.requests("POST") == 1);
    running.signal("INT");
    let interrupted = running.finish();
    let error = interrupted.error();
    let next = error["next"][0].as_str().unwrap();
    assert_eq!(next, "eloq cluster create orders --region us-west-1 --sku 101 --if-not-exists --wait=connectable");
}

#[test]
fn the_second_signal_ends_a_command_that_the_first_cannot() {
    let builder = (0..400)
        .fold(Simulator::builder().cluster_limit(None), |builder, number| builder.cluster(format!("{number:0>200}")));
    let eloq = Eloq::with(builder);
    // Nobody reads: the pipe is full before the list ends.
    let mut running = eloq.command(&["cluster", "list", "-o", "jsonl"]);
    let mut running = running.stdout(Stdio::piped()).spawn().unwrap();
    until("the pipe is full", || {
        let lists =
            eloq.simulator.requests().iter().filter(|each| each.operation() == Some(Operation::ListClusters)).count();
        lists >= 3
    });
    let mut code = None;
    until("it ends", || {
        let status = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
        assert!(status.unwrap().success());
        code = running.try_wait().unwrap().map(|status| status.code());
        code.is_some()
    });
    assert_eq!(code, Some(Some(130)));
}

#[test]
fn no_command_but_credentials_prints_the_password() {
    const PASSWORD: &str = "marker-pa55word";
    // As it is in responses.
    const ENCODED: &str = "bWFya2VyLXBhNTV3b3Jk";
    let eloq = Eloq::with(Simulator::builder().provisioning(Duration::ZERO).admin_password(PASSWORD).cluster("orders"));
    let create = ["cluster", "create", "new", "--region", "us-west-1", "--sku", "101", "--wait"];
    let commands: &[&[&str]] = &[
        &create,
        &["cluster", "get", "orders"],
        &["cluster", "get", "orders", "new"],
        &["cluster", "list"],
        &["cluster", "wait", "orders"],
        &["cluster", "wait", "orders", "new"],
        &["cluster", "restart", "orders", "--wait"],
        &["cluster", "config", "history", "orders"],
        &["cluster", "credentials", "orders"],
        &["cluster", "delete", "orders", "-y"],
    ];
    for format in ["table", "json"] {
        for command in &commands[usize::from(format == "json")..] {
            let run = eloq.run(&[*command, &["-o", format, "-vvv"]].concat());
            let is_known = ["delete"].contains(&command[1]) && format == "json";
            assert!(run.code == 0 || is_known, "{command:?}: {run:?}");
            for secret in [PASSWORD, ENCODED] {
                assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{command:?} -o {format}");
            }
        }
        if format == "table" {
            eloq.simulator.set_cluster_status("orders", "available");
        }
    }
    let shown = eloq.json(&["cluster", "credentials", "new", "--show-password"]);
    assert_eq!((&shown["password"], &shown["cluster_name"]), (&PASSWORD.into(), &"new".into()));
    assert!(eloq.ok(&["cluster", "credentials", "new"]).contains("[redacted]"));
}
