//! `eloq plan` and `eloq apply`.

mod support;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use serde_json::{Value, json};
use support::{Eloq, run};

fn cloud() -> SimulatorBuilder {
    Simulator::builder().cluster_limit(None).provisioning(Duration::ZERO).deleting(Duration::ZERO)
}

/// A file of clusters with these names.
fn file(eloq: &Eloq, names: &[&str]) -> String {
    let clusters: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
    let defaults = json!({"region": "us-west-1", "sku": {"type": "serverless", "module": "eloqkv", "cloud": "aws"}});
    write(eloq, "clusters.json", &json!({"defaults": defaults, "clusters": clusters}).to_string())
}

fn write(eloq: &Eloq, name: &str, text: &str) -> String {
    let path: PathBuf = eloq.directory.path().join(name);
    std::fs::write(&path, text).expect("the file is written");
    path.to_str().expect("the path is UTF-8").to_owned()
}

#[test]
fn a_plan_is_applied_but_for_three_failures_which_the_second_run_does() {
    let eloq = Eloq::with(cloud().cluster("c01"));
    let names: Vec<_> = (1..=20).map(|number| format!("c{number:02}")).collect();
    let file = file(&eloq, &names.iter().map(String::as_str).collect::<Vec<_>>());

    let plan = eloq.ok(&["plan", "-f", &file]);
    assert!(plan.contains("+ c02\n") && plan.contains("19 to create, 0 to delete, 0 differ, 1 unchanged"), "{plan}");
    assert_eq!(eloq.run(&["plan", "-f", &file, "--detailed-exitcode"]).code, 14);
    assert_eq!(eloq.json(&["plan", "-f", &file])["clusters"][1]["action"], "create");
    let rows = eloq.json(&["plan", "-f", &file, "--columns", "name,action"]);
    assert_eq!(rows[1], json!({"cluster_name": "c02", "action": "create"}));
    assert_eq!(eloq.requests("POST"), 0);

    for name in ["c05", "c10", "c15"] {
        eloq.simulator.inject(Fault::on(Operation::CreateCluster).cluster(name).status(422));
    }
    let first = eloq.run(&["apply", "-f", &file, "--yes", "-o", "json"]);
    let (error, results): (Value, Value) = (first.error(), serde_json::from_str(&first.stdout).unwrap());
    assert_eq!((first.code, &error["exit_code"], &error["kind"]), (13, &json!(13), &json!("PartlyDone")), "{first:?}");
    let message = error["message"].as_str().unwrap();
    assert!(
        ["3 of 20", "c05: failed", "c10: failed", "c15: failed"].iter().all(|part| message.contains(part)),
        "{message}"
    );
    let outcomes = |outcome: &str| results.as_array().unwrap().iter().filter(|each| each["outcome"] == outcome).count();
    assert_eq!((outcomes("created"), outcomes("failed"), outcomes("unchanged")), (16, 3, 1));
    assert_eq!(error["next"], json!([format!("eloq apply -f {file} --yes")]));

    let second = eloq.run(&["apply", "-f", &file, "--yes"]);
    assert_eq!(second.code, 0, "{second:?}");
    assert!(second.stderr.contains("3 created, 0 deleted, 17 unchanged"), "{second:?}");
    assert!(second.stdout.lines().any(|line| line.starts_with("c05 ") && line.contains("created")), "{second:?}");
    assert_eq!(eloq.run(&["plan", "-f", &file, "--detailed-exitcode"]).code, 0);
    // Nothing is left to do, and nobody is asked.
    assert_eq!(eloq.run(&["apply", "-f", &file]).code, 0);
}

#[test]
fn every_format_has_the_same_plan_and_a_bad_file_sends_nothing() {
    let eloq = Eloq::with(cloud());
    let yaml = "clusters:\n  - {name: a, region: us-west-1, sku: 101}\n";
    let toml = "[[clusters]]\nname = \"a\"\nregion = \"us-west-1\"\nsku = 101\n";
    let json = r#"{"clusters": [{"name": "a", "region": "us-west-1", "sku": 101}]}"#;
    let plan = eloq.ok(&["plan", "-f", &write(&eloq, "a.yaml", yaml)]);
    assert!(plan.starts_with("+ a\n1 to create"), "{plan}");
    for (name, text) in [("a.toml", toml), ("a.json", json)] {
        assert_eq!(eloq.ok(&["plan", "-f", &write(&eloq, name, text)]), plan);
    }
    let stdin = std::fs::File::open(write(&eloq, "a.yaml", yaml)).unwrap();
    assert_eq!(run(eloq.command(&["plan", "-f", "-"]).stdin(Stdio::from(stdin))).stdout, plan);

    eloq.simulator.clear_requests();
    let unknown = write(&eloq, "b.yaml", "clusters:\n  - {name: a, regoin: us-west-1}\n");
    for (file, part) in [(unknown, "line 2"), (write(&eloq, "b.txt", yaml), "ending"), ("/missing.yaml".into(), "read")]
    {
        let refused = eloq.run(&["plan", "-f", &file]);
        assert!(refused.code == 2 && refused.stderr.contains(part) && refused.stdout.is_empty(), "{refused:?}");
    }
    assert_eq!(eloq.simulator.requests().len(), 0);
}

#[test]
fn without_a_terminal_nothing_is_changed_unless_confirmed() {
    let eloq = Eloq::with(cloud().cluster("old").cluster("ci-1"));
    let file = file(&eloq, &["new"]);
    let refused = eloq.run(&["apply", "-f", &file, "--prune", "--prune-prefix", "ci-", "-o", "json"]);
    let next = format!("eloq apply -f {file} --prune --prune-prefix ci- --yes");
    assert_eq!((refused.code, &refused.error()["next"]), (12, &json!([next])), "{refused:?}");
    assert!(refused.stdout.is_empty() && eloq.requests("POST") + eloq.requests("DELETE") == 0);

    let applied = eloq.run(&["apply", "-f", &file, "--prune", "--prune-prefix", "ci-", "--yes"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    assert_eq!(eloq.simulator.cluster_names(), ["old", "new"]);
}

#[test]
fn the_code_of_a_failure_that_changed_nothing_is_its_own() {
    let eloq = Eloq::with(cloud().cluster("old"));
    let file = file(&eloq, &["new"]);
    let apply = ["apply", "-f", &file, "--yes", "-o", "json"];
    eloq.simulator.inject(Fault::on(Operation::CreateCluster).status(403));
    let refused = eloq.run(&apply);
    assert_eq!((refused.code, &refused.error()["status"]), (4, &json!(403)), "{refused:?}");
    let differs = write(&eloq, "d.yaml", "clusters: [{name: old, region: us-east-1, sku: 101}]");
    let differs = eloq.run(&["apply", "-f", &differs]);
    assert!(differs.code == 6 && differs.stderr.contains("region is us-west-1"), "{differs:?}");
    let limited = eloq.run(&["apply", "-f", &file, "--cluster-limit", "1"]);
    assert!(limited.code == 2 && eloq.requests("POST") == 1, "{limited:?}");
}

#[cfg(unix)]
mod terminal {
    use super::*;
    use crate::support::process::{Background, at_terminal, finish, until};

    #[test]
    fn at_a_terminal_yes_confirms_and_another_text_does_not() {
        let eloq = Eloq::with(cloud().cluster("old"));
        let file = file(&eloq, &["new"]);
        let mut asked = at_terminal(&eloq, 100, &["apply", "-f", &file, "--prune"]);
        asked.exp_string("- old").unwrap();
        asked.exp_string("Type yes to confirm: ").unwrap();
        asked.send_line("y").unwrap();
        assert_eq!(finish(asked).1, 12);
        assert_eq!(eloq.requests("POST") + eloq.requests("DELETE"), 0);

        let mut asked = at_terminal(&eloq, 100, &["apply", "-f", &file, "--prune"]);
        asked.exp_string("Type yes to confirm: ").unwrap();
        asked.send_control('c').unwrap();
        assert_eq!(finish(asked).1, 130);
        assert_eq!(eloq.requests("POST") + eloq.requests("DELETE"), 0);

        let mut asked = at_terminal(&eloq, 100, &["apply", "-f", &file, "--prune"]);
        asked.exp_string("Type yes to confirm: ").unwrap();
        asked.send_line("yes").unwrap();
        let (output, code) = finish(asked);
        assert!(code == 0 && output.contains("created") && output.contains("deleted"), "{output}");
        assert_eq!(eloq.simulator.cluster_names(), ["new"]);
    }

    #[test]
    fn what_changed_since_the_plan_stays() {
        let eloq = Eloq::with(cloud().cluster("old"));
        let empty = write(&eloq, "none.yaml", "clusters: []");
        let mut asked = at_terminal(&eloq, 100, &["apply", "-f", &empty, "--prune"]);
        asked.exp_string("Type yes to confirm: ").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = eloq.simulator.client();
            client.cluster_delete("old").await.into_result().unwrap();
            eloq.simulator.advance(Duration::from_secs(60));
            client.cluster_create("old", "us-west-1", 101).await.into_result().unwrap();
        });
        asked.send_line("yes").unwrap();
        let (output, code) = finish(asked);
        assert!(code == 6 && output.contains("not changed"), "{code}: {output}");
        assert_eq!(eloq.requests("DELETE"), 1);
        assert_eq!(eloq.simulator.cluster_names(), ["old"]);
    }

    #[test]
    fn an_interrupted_run_says_how_to_go_on() {
        let eloq = Eloq::with(cloud().provisioning(Duration::from_secs(3600)));
        let file = file(&eloq, &["new"]);
        let run = Background::start(eloq.command(&["apply", "-f", &file, "--yes", "--wait", "-o", "json"]));
        until("a create request", || eloq.requests("POST") == 1);
        run.signal("INT");
        let stopped = run.finish();
        assert_eq!((stopped.code, stopped.stdout.as_str()), (130, ""), "{stopped:?}");
        assert_eq!(stopped.error()["next"], json!([format!("eloq apply -f {file} --wait --yes")]));
        eloq.simulator.advance(Duration::from_secs(3600));
        assert_eq!(eloq.run(&["apply", "-f", &file, "--wait", "--yes"]).code, 0);
        assert_eq!(eloq.requests("POST"), 1);
    }
}
