//! `eloq org`, `project list`, `billing`, `dashboard` and `version`.

mod support;

use eloq_sdk::Operation;
use eloq_sdk::simulator::{Fault, Simulator};
use support::Eloq;

#[test]
fn the_organization_and_its_projects_are_shown() {
    let eloq = Eloq::with(Simulator::builder().no_projects().project(147, "first").project(148, "second"));
    let org = eloq.json(&["org"]);
    assert!(org["org_id"].is_i64() && org["projects"][1]["project_id"] == 148, "{org}");
    let table = eloq.ok(&["org"]);
    assert!(table.contains("PROJECTS  first, second\n"), "{table}");
    assert_eq!(eloq.json(&["organization"]), org);

    let projects = eloq.ok(&["project", "list", "-o", "csv", "--columns", "project_id,project_name"]);
    assert_eq!(projects, "project_id,project_name\n147,first\n148,second\n");
    // The list helps to find the right project, even if the settings have a wrong one.
    assert_eq!(eloq.ok(&["projects", "list", "--project", "gone", "-o", "name"]), "147\n148\n");
    let none = Eloq::with(Simulator::builder().no_projects());
    assert_eq!(none.json(&["project", "list"]).as_array().map(Vec::len), Some(0));
    assert!(none.json(&["auth", "status"])["project_id"].is_null());
}

#[test]
fn a_project_that_nobody_chose_is_announced() {
    let eloq = Eloq::with(Simulator::builder().no_projects().project(147, "first").project(148, "second"));
    let list = |arguments: &[&str]| eloq.run(&[&["cluster", "list", "-o", "json"], arguments].concat());
    let guessed = list(&[]);
    assert_eq!((guessed.code, &*guessed.stdout), (0, "[]\n"));
    assert!(guessed.stderr.starts_with("warning: several projects and none chosen: using 147 (first)"), "{guessed:?}");
    for chosen in [&["--project", "second"][..], &["--all-projects"], &["-q"]] {
        assert_eq!(list(chosen).stderr, "", "{chosen:?}");
    }
}

#[test]
fn a_plan_is_subscribed_to_only_when_confirmed() {
    let eloq = Eloq::new();
    let plans = eloq.json(&["billing", "plans"]);
    assert_eq!(plans[1]["base_plan"]["plan_name"], "pro");
    assert!(eloq.ok(&["billing", "plans"]).starts_with("PLAN "));
    assert_eq!(eloq.json(&["billing", "subscription", "--columns", "PLAN"])["base_plan.plan_name"], "free");

    let refused = eloq.run(&["billing", "subscribe", "2", "-o", "json"]);
    assert_eq!((refused.code, eloq.requests("POST")), (12, 0), "{refused:?}");
    assert!(refused.error()["hint"].as_str().is_some_and(|hint| hint.contains("--yes")));
    assert_eq!(eloq.json(&["billing", "subscribe", "2", "--yes"])["plan_id"], 2);
    assert_eq!(eloq.ok(&["billing", "subscription", "-o", "name"]), "pro\n");

    let unknown = eloq.run(&["billing", "subscribe", "99", "--yes", "-o", "json"]);
    assert!(unknown.code != 0 && unknown.stdout.is_empty(), "{unknown:?}");
    eloq.simulator.inject(Fault::on(Operation::SubscribePlan).drop_after());
    let lost = eloq.run(&["billing", "subscribe", "3", "--yes", "-o", "json"]);
    assert_eq!((lost.code, &*lost.stdout), (11, ""), "{lost:?}");
    assert_eq!(lost.error()["next"][0], "eloq billing subscription");
}

#[test]
fn dashboards_are_listed_by_database() {
    let eloq = Eloq::new();
    assert!(eloq.ok(&["dashboard", "list", "-o", "name"]).contains("mongo_operation_latency\n"));
    let doc = eloq.json(&["dashboard", "list", "--module", "kv"]);
    assert!(!doc.to_string().contains("mongo") && doc.to_string().contains("redis"), "{doc}");
}

#[test]
fn the_version_needs_no_account() {
    let eloq = Eloq::new();
    let version = eloq.json(&["version"]);
    assert_eq!((&version["eloq"], &version["api"]), (&env!("CARGO_PKG_VERSION").into(), &"1.0.0".into()));
    assert_eq!(version["eloq_sdk"], eloq_sdk::VERSION);
    assert_eq!(eloq.simulator.requests().len(), 0);
}
