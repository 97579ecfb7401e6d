//! `eloq simulator`.

#![cfg(unix)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use support::{bare, run};
use tempfile::TempDir;

fn start(directory: &TempDir, arguments: &[&str]) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = bare(directory.path());
    let mut child = command.arg("simulator").args(arguments).stdout(Stdio::piped()).spawn().expect("eloq runs");
    let out = BufReader::new(child.stdout.take().expect("stdout is piped"));
    (child, out)
}

fn stop(mut child: Child, signal: &str) -> Option<i32> {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
    child.wait().expect("eloq ends").code()
}

#[test]
fn it_prints_what_clients_need_and_runs_until_it_is_stopped() {
    let directory = TempDir::new().unwrap();
    let options = ["-o", "jsonl", "--clusters", "2", "--projects", "2", "--fault", "list_clusters:404:1"];
    let (child, mut out) = start(&directory, &options);
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let access: Value = serde_json::from_str(&line).unwrap();
    let eloq = |arguments: &[&str]| {
        let mut command = bare(directory.path());
        let environment = [("ELOQ_API_KEY", "api_key"), ("ELOQ_BASE_URL", "base_url")];
        let environment = environment.map(|(name, field)| (name, access[field].as_str().unwrap()));
        run(command.envs(environment).args(arguments))
    };
    let list = ["api", "GET", "/orgs/1/projects/147/clusters", "--paginate", "-o", "name", "--columns", "cluster_name"];
    assert_eq!(eloq(&list).code, 5);
    assert_eq!(eloq(&list).stdout, "cluster-1\ncluster-2\n");
    let port = access["base_url"].as_str().unwrap().split(':').nth(2).unwrap().split('/').next().unwrap();
    let taken = run(bare(directory.path()).args(["simulator", "--port", port]));
    assert!(taken.code == 1 && taken.stdout.is_empty() && taken.stderr.contains("does not start"), "{taken:?}");
    assert_eq!(stop(child, "-INT"), Some(130));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn its_lines_can_be_pasted_into_a_shell() {
    let directory = TempDir::new().unwrap();
    let (child, mut out) = start(&directory, &[]);
    let mut text = String::new();
    while !text.contains("Stop with Ctrl-C.") {
        assert!(out.read_line(&mut text).unwrap() > 0, "{text}");
    }
    let exports: Vec<_> = text.lines().filter(|line| line.trim_start().starts_with("export ")).collect();
    let eloq = bare(directory.path());
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{}\nexec \"$0\" api GET /org-info", exports.join("\n"))).arg(eloq.get_program());
    shell.env_clear().envs(eloq.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let account = run(&mut shell);
    assert!(account.code == 0 && account.stdout.contains("org_info"), "{account:?}");
    assert_eq!(stop(child, "-TERM"), Some(143));
    for wrong in [["--fault", "list_clusters"], ["--limit", "many"], ["--latency", "soon"]] {
        assert_eq!(run(bare(directory.path()).arg("simulator").args(wrong)).code, 2, "{wrong:?}");
    }
}
