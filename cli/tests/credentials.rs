//! `eloq url`, `eloq env` and `eloq exec`.

#![cfg(unix)]

mod support;

use std::fs;
use std::process::Command;

use eloq_sdk::simulator::{SeededCluster, Simulator};
use support::{Eloq, Run, run};

/// A password in which every special character follows every other one.
fn every_pair() -> String {
    let special: Vec<char> = "'\"\\$`%!#&;*?~ \t\n\u{2019}é漢=a".chars().collect();
    special.iter().flat_map(|first| special.iter().flat_map(move |second| [*first, *second])).collect()
}

fn with_password(password: &str) -> Eloq {
    let eloq = Eloq::new();
    eloq.describe_as("kv", "EloqKV", 6379, password);
    eloq
}

/// What a shell has in a variable after it has read the output of `eloq env`; none if the shell is not installed.
fn read_by(shell: &str, script: &str, text: &str) -> Option<String> {
    match Command::new(shell).args(["-c", script, text]).env("TEXT", text).output() {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        Ok(output) => panic!("{shell}: {output:?}"),
        Err(_) => {
            println!("skipped: no {shell} on PATH");
            None
        }
    }
}

#[test]
fn url_is_the_connection_url_with_its_password() {
    let eloq = with_password("p@ss/word");
    let url = "redis://admin:p%40ss%2Fword@127.0.0.1:6379";
    assert_eq!(eloq.ok(&["url", "kv"]), format!("{url}\n"));
    assert_eq!(eloq.json(&["url", "kv"]), serde_json::json!({"cluster_name": "kv", "url": url}));
    assert_eq!(eloq.ok(&["url", "kv", "-o", "name"]), "kv\n");
}

#[test]
fn a_cluster_without_an_address_has_no_credentials_yet() {
    let eloq = Eloq::with(Simulator::builder().cluster(SeededCluster::new("new").status("provisioning")));
    for command in [&["url", "new"][..], &["env", "new", "--format", "docker"]] {
        let run = eloq.run(command);
        assert!(run.code == 1 && run.stdout.is_empty(), "{run:?}");
        assert!(run.stderr.contains("next: eloq cluster wait new --for connectable"), "{run:?}");
    }
    let failed = Eloq::with(Simulator::builder().cluster(SeededCluster::new("bad").status("error")));
    assert_eq!(failed.run(&["url", "bad"]).code, 10);
    assert_eq!(failed.run(&["url", "missing"]).code, 5);
}

#[test]
fn shells_read_back_any_password() {
    let password = every_pair();
    let eloq = with_password(&password);
    let sh = eloq.ok(&["env", "kv"]);
    assert_eq!(sh, eloq.ok(&["env", "kv", "--format", "sh"]));
    let script = "eval \"$TEXT\"; printf %s \"$ELOQ_PASSWORD\"";
    for shell in ["sh", "bash", "zsh"] {
        if let Some(read) = read_by(shell, script, &sh) {
            assert_eq!(read, password, "{shell}");
        }
    }
    let fish = eloq.ok(&["env", "kv", "--format", "fish"]);
    if let Some(read) = read_by("fish", "printf %s \"$TEXT\" | source; printf %s \"$ELOQ_PASSWORD\"", &fish) {
        assert_eq!(read, password, "fish");
    }
    let powershell = eloq.ok(&["env", "kv", "--format", "powershell"]);
    let script = "$Env:TEXT | Invoke-Expression; [Console]::Out.Write($Env:ELOQ_PASSWORD)";
    if let Some(read) = read_by("pwsh", script, &powershell) {
        assert_eq!(read, password, "pwsh");
    }
}

#[test]
fn json_is_the_same_by_format_and_by_output() {
    let password = every_pair();
    let eloq = with_password(&password);
    let by_output = eloq.json(&["env", "kv"]);
    assert_eq!(by_output["ELOQ_PASSWORD"], password.as_str());
    assert_eq!((&by_output["ELOQ_HOST"], &by_output["ELOQ_PORT"]), (&"127.0.0.1".into(), &"6379".into()));
    assert_eq!(by_output["ELOQ_URL"], by_output["REDIS_URL"]);
    let by_format = eloq.ok(&["env", "kv", "--format", "json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&by_format).unwrap(), by_output);
    // A variable or a profile does not change what a shell evaluates.
    let sh = run(eloq.command(&["env", "kv", "--format", "sh"]).env("ELOQ_OUTPUT", "json"));
    assert!(sh.stdout.starts_with("export ELOQ_HOST="), "{sh:?}");
    let contradiction = eloq.run(&["env", "kv", "--format", "sh", "-o", "json"]);
    assert_eq!((contradiction.code, contradiction.stdout.as_str()), (2, ""));
}

#[test]
fn env_files_hold_what_their_readers_understand_and_refuse_the_rest() {
    let eloq = with_password("it is #1: \"$HOME\" % \\x");
    let dotenv = eloq.ok(&["env", "kv", "--format", "dotenv", "--prefix", "ORDERS_"]);
    let names: Vec<_> = dotenv.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    assert_eq!(names, ["ORDERS_HOST", "ORDERS_PORT", "ORDERS_USERNAME", "ORDERS_PASSWORD", "ORDERS_URL"]);
    assert!(dotenv.contains("\nORDERS_PASSWORD='it is #1: \"$HOME\" % \\x'\n"), "{dotenv}");
    let docker = eloq.ok(&["env", "kv", "--format", "docker"]);
    assert!(docker.contains("\nELOQ_PASSWORD=it is #1: \"$HOME\" % \\x\n"), "{docker}");

    let eloq = with_password("two\nlines");
    let refused = eloq.run(&["env", "kv", "--format", "docker"]);
    assert!(refused.code == 1 && refused.stdout.is_empty() && refused.stderr.contains("line break"), "{refused:?}");
}

#[test]
fn github_masks_the_secrets_and_delimits_them_by_random_lines() {
    let eloq = with_password("two\n100% secret");
    let format = ["env", "kv", "--format", "github"];
    let Run { stdout, stderr, code } = eloq.run(&format);
    assert_eq!(code, 0);
    let masks: Vec<_> = stderr.lines().collect();
    let url = "::add-mask::redis://admin:two%250A100%2525%2520secret@127.0.0.1:6379";
    assert_eq!(masks, [url, "::add-mask::two%0A100%25 secret"]);
    // As the runner reads it.
    let (mut lines, mut password) = (stdout.lines(), None);
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        if name == "ELOQ_PASSWORD" {
            password = Some(value.join("\n"));
        }
    }
    assert_eq!(password.as_deref(), Some("two\n100% secret"));
    assert_ne!(stdout, eloq.ok(&format));
}

#[test]
fn exec_gives_the_variables_to_a_program_and_passes_its_exit_code_on() {
    let password = every_pair();
    let eloq = with_password(&password);
    let script = "printf %s \"$ELOQ_PASSWORD\"; test -n \"$REDIS_URL\" && test -z \"$ELOQ_API_KEY\" || exit 9; exit $1";
    let child = eloq.run(&["exec", "kv", "--", "sh", "-c", script, "sh", "37"]);
    assert_eq!((child.code, &child.stdout), (37, &password), "{}", child.stderr);
    let prefixed = eloq.run(&["exec", "kv", "--prefix", "A_", "--", "sh", "-c", "echo $A_PORT $ELOQ_PORT $REDIS_URL"]);
    assert_eq!(prefixed.stdout, "6379\n");
    // The arguments are not read by a shell, nor those of the tool.
    assert_eq!(eloq.ok(&["exec", "kv", "--", "printf", "%s|", "a b", "-o", "$HOME"]), "a b|-o|$HOME|");
    let missing = eloq.run(&["exec", "kv", "--", "no-such-program"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (127, ""));
    let file = eloq.directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(eloq.run(&["exec", "kv", "--", file.to_str().unwrap()]).code, 126);
    assert_eq!(eloq.run(&["exec", "missing", "--", "true"]).code, 125);
    assert_eq!(eloq.run(&["exec", "kv"]).code, 125);
}
