//! `eloq help`, `completion` and `man`.

mod support;

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use eloq_sdk::simulator::{Fault, Simulator};
use serde_json::Value;
use support::{Eloq, run};

/// What the tool offers to bash for the last word.
fn complete(eloq: &Eloq, words: &[&str]) -> (Command, Vec<String>) {
    let mut command = eloq.command(&["--", "eloq"]);
    command.args(words).env("ELOQ_COMPLETE", "bash").env("_CLAP_IFS", "\n");
    command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    let run = run(&mut command);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}: {run:?}");
    (command, run.stdout.lines().map(str::to_owned).collect())
}

fn offered(eloq: &Eloq, words: &[&str]) -> Vec<String> {
    complete(eloq, words).1
}

#[test]
fn names_of_clusters_projects_and_profiles_are_offered() {
    let names = ["kv-1", "kv-2", "other", "漢字", "a b", "$(reboot)", "-x", "a\u{1b}[2J"];
    let builder = names.iter().fold(Simulator::builder(), |builder, name| builder.cluster(*name));
    let eloq = Eloq::with(builder.project(148, "staging"));
    fs::create_dir_all(eloq.directory.path().join("eloq")).unwrap();
    fs::write(eloq.directory.path().join("eloq/config.toml"), "[profiles.work]\norg = 1\n").unwrap();
    assert_eq!(offered(&eloq, &["connect", "kv"]), ["kv-1", "kv-2"]);
    // Those that a shell would not take as one word are not offered.
    let mut all = offered(&eloq, &["cluster", "delete", ""]);
    all.retain(|word| !word.starts_with('-'));
    all.sort();
    assert_eq!(all, ["kv-1", "kv-2", "other", "漢字"]);
    assert_eq!(offered(&eloq, &["project", "use", "st"]), ["staging"]);
    assert_eq!(offered(&eloq, &["--profile", "w"]), ["work"]);
    assert!(offered(&eloq, &["clus"]).contains(&"cluster".to_owned()));
    assert!(offered(&eloq, &["help", "exit"]).contains(&"exit-codes".to_owned()));
}

#[test]
fn an_answer_is_used_again_for_a_while_without_secrets_on_disk() {
    let eloq = Eloq::with(Simulator::builder().cluster("kv-1"));
    assert_eq!(offered(&eloq, &["url", "kv"]), ["kv-1"]);
    assert_eq!(offered(&eloq, &["url", "kv"]), ["kv-1"]);
    assert_eq!(eloq.requests("GET"), 2, "the organization and one list");
    let cache = eloq.directory.path().join(".cache/eloq");
    let files: Vec<_> = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let text = fs::read_to_string(&files[0]).unwrap();
    assert!(text.contains("kv-1") && !text.contains(eloq.simulator.api_key()), "{text}");
    // An older answer serves while the service does not.
    let old = fs::File::options().write(true).open(&files[0]).unwrap();
    old.set_modified(std::time::SystemTime::now() - Duration::from_secs(3600)).unwrap();
    eloq.simulator.inject(Fault::on_any().status(401).always());
    assert_eq!(offered(&eloq, &["url", "kv"]), ["kv-1"]);
    // Of another account, nothing is known.
    assert!(offered(&eloq, &["--project", "148", "url", "kv"]).is_empty());
}

#[test]
fn a_service_that_does_not_answer_delays_the_shell_by_less_than_a_second() {
    let eloq = Eloq::new();
    let black_hole = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/v1/", black_hole.local_addr().unwrap());
    let start = Instant::now();
    assert!(offered(&eloq, &["--base-url", &url, "connect", "kv"]).is_empty());
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
    assert!(elapsed > Duration::from_millis(500), "the service was not asked");
    // Without a key, nothing is asked, and nothing is said.
    let mut command = eloq.without_key(&["--", "eloq", "connect", ""]);
    let silent = run(command.env("ELOQ_COMPLETE", "fish"));
    assert!(silent.code == 0 && silent.stderr.is_empty(), "{silent:?}");
}

#[test]
fn completion_scripts_work_in_the_shells_that_are_installed() {
    let eloq = Eloq::with(Simulator::builder().cluster("kv-1"));
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_eloq")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    for (shell, expected, script) in [
        (
            "bash",
            "kv-1",
            "source <(eloq completion bash); COMP_WORDS=(eloq connect kv); COMP_CWORD=2; \
             _clap_complete_eloq eloq kv connect; echo \"${COMPREPLY[@]}\"",
        ),
        ("fish", "kv-1", "eloq completion fish | source; complete -C 'eloq connect kv'"),
        (
            "zsh",
            "_clap_dynamic_completer_eloq",
            "autoload -U compinit; compinit -D; source <(eloq completion zsh); echo $_comps[eloq]",
        ),
    ] {
        let mut command = eloq.command(&[]);
        let mut shell_command = Command::new(shell);
        let variables = command.env("PATH", &path).get_envs().filter_map(|(name, value)| Some((name, value?)));
        shell_command.env_clear().envs(variables).arg("-c").arg(script);
        match shell_command.output() {
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(text.contains(expected) && output.status.success(), "{shell}: {output:?}");
            }
            Err(_) => println!("skipped: no {shell} on PATH"),
        }
    }
    for shell in ["powershell", "elvish"] {
        assert!(eloq.ok(&["completion", shell]).contains("ELOQ_COMPLETE"), "{shell}");
    }
    // A shell sources the script, whatever the format of everything else.
    let script = run(eloq.command(&["completion", "bash"]).env("ELOQ_OUTPUT", "json"));
    assert!(script.stdout.contains("complete -o"), "{script:?}");
    assert_eq!(eloq.json(&["completion", "bash"])["shell"], "bash");
}

#[test]
fn topics_and_commands_have_help() {
    let eloq = Eloq::new();
    let codes = eloq.ok(&["help", "exit-codes"]);
    assert!(codes.starts_with("  0  what was asked") && codes.contains("\n130  interrupted by Ctrl-C\n"), "{codes}");
    let json = eloq.json(&["help", "exit-codes"]);
    assert_eq!(json.as_array().unwrap().len(), codes.lines().count());
    for topic in ["environment", "output", "agents"] {
        assert!(eloq.ok(&["help", topic]).lines().count() > 5, "{topic}");
    }
    assert_eq!(eloq.ok(&["help", "connect"]), eloq.ok(&["connect", "--help"]));
    assert_eq!(eloq.ok(&["help"]), eloq.ok(&["--help"]));
    // An alias of a command is a command.
    assert_eq!(eloq.ok(&["help", "skus", "list"]), eloq.ok(&["sku", "list", "--help"]));
    let unknown = eloq.run(&["help", "no", "such"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
}

#[test]
fn the_tree_tells_programs_what_there_is() {
    let eloq = Eloq::new();
    let tree = eloq.json(&["help"]);
    assert_eq!(tree, serde_json::from_str::<Value>(&eloq.ok(&["help", "--json"])).unwrap());
    let find = |list: &Value, key: &str, value: &str| {
        let found = list.as_array().unwrap().iter().find(|item| item[key] == value);
        found.unwrap_or_else(|| panic!("no {value}")).clone()
    };
    let output = find(&tree["global_options"], "long", "--output");
    assert_eq!((&output["short"], &output["env"]), (&"o".into(), &"ELOQ_OUTPUT".into()));
    assert_eq!(find(&tree["global_options"], "long", "--timeout")["default"], "15m");
    assert_eq!(output["values"], serde_json::json!(["table", "json", "jsonl", "yaml", "csv", "name"]));
    let env = find(&tree["commands"], "name", "env");
    assert_eq!((&env["path"], &env["arguments"][0]["name"]), (&"eloq env".into(), &"NAME".into()));
    assert_eq!(env["arguments"][0]["required"], true);
    assert_eq!(find(&env["options"], "long", "--format")["values"].as_array().unwrap().len(), 7);
    assert_eq!(find(&tree["commands"], "name", "cluster")["aliases"], serde_json::json!(["clusters"]));
    assert_eq!(eloq.json(&["help", "env"]), env);
    assert_eq!(tree["exit_codes"][0]["code"], 0);
}

#[test]
fn every_command_has_a_man_page_and_a_line_of_help() {
    fn collect(command: &Value, pages: &mut Vec<String>) {
        let about = command["about"].as_str().unwrap();
        assert!(!about.is_empty() && !about.contains('\n'), "{command}");
        pages.push(format!("{}.1", command["path"].as_str().unwrap().replace(' ', "-")));
        command["commands"].as_array().unwrap().iter().for_each(|command| collect(command, pages));
    }
    let eloq = Eloq::new();
    let folder = eloq.directory.path().join("new/man");
    let written = eloq.json(&["man", folder.to_str().unwrap()]);
    let mut expected = Vec::new();
    collect(&eloq.json(&["help"]), &mut expected);
    let mut found: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(written["pages"], found.len());
    assert!(fs::read_to_string(folder.join("eloq-connect.1")).unwrap().contains("\\-\\-client"));
    let file = eloq.directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(eloq.run(&["man", file.to_str().unwrap()]).code, 1);
}
