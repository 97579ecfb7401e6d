//! `eloq auth`, and the files that it writes.

#![cfg(unix)]

mod support;

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use eloq_sdk::Operation;
use eloq_sdk::simulator::{Fault, Simulator};
use rexpect::session::spawn_command;
use support::{Eloq, Run, bare, run};

const KEY: &str = "marker-key-0123456789";

fn eloq() -> Eloq {
    Eloq::with(Simulator::builder().api_key(KEY).no_projects().project(147, "first").project(148, "second"))
}

impl Eloq {
    fn folder(&self) -> PathBuf {
        self.directory.path().join("eloq")
    }

    fn credentials(&self) -> PathBuf {
        self.folder().join("credentials.toml")
    }

    fn config(&self) -> String {
        fs::read_to_string(self.folder().join("config.toml")).unwrap_or_default()
    }

    /// `auth login` with a key on stdin.
    fn login(&self, key: &str, options: &[&str]) -> Run {
        let arguments = [&["auth", "login", "--api-key-stdin"], options].concat();
        run_with_stdin(&mut self.without_key(&arguments), key)
    }

    fn logged_in(options: &[&str]) -> Self {
        let eloq = eloq();
        assert_eq!(eloq.login(KEY, options).code, 0);
        eloq
    }
}

fn run_with_stdin(command: &mut Command, input: &str) -> Run {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn status_says_where_the_key_is_from_and_whether_it_works() {
    let eloq = eloq();
    let none = run(&mut eloq.without_key(&["auth", "status", "-o", "json"]));
    assert_eq!((none.code, &*none.stdout, &none.error()["exit_code"]), (3, "", &3.into()));
    assert_eq!(run(&mut eloq.without_key(&["auth", "status", "--offline"])).code, 3);

    let bad = run(eloq.without_key(&["auth", "status", "-o", "json"]).env("ELOQ_API_KEY", "not-the-key"));
    assert_eq!((bad.code, &*bad.stdout, &bad.error()["kind"]), (4, "", &"Authentication".into()));
    assert_eq!(bad.error()["hint"], "the key is from the variable ELOQ_API_KEY");

    let status = eloq.json(&["auth", "status"]);
    assert_eq!((&status["key_source"], &status["key_origin"]), (&"variable".into(), &"ELOQ_API_KEY".into()));
    assert_eq!((&status["verified"], &status["project_id"]), (&true.into(), &147.into()));
    assert_eq!(status["projects"][1]["project_name"], "second");
    let table = eloq.ok(&["auth", "status", "--project", "second"]);
    assert!(table.contains("first, second") && table.contains("PROJECT ID       148"), "{table}");
    assert_eq!(eloq.run(&["auth", "status", "--org", "99"]).code, 3);

    eloq.simulator.clear_requests();
    let offline = eloq.json(&["auth", "status", "--offline"]);
    assert_eq!((&offline["verified"], &offline["org_id"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(eloq.simulator.requests().len(), 0);
}

#[test]
fn login_leaves_files_for_the_user_alone_whatever_the_umask() {
    for umask in ["000", "077"] {
        let eloq = eloq();
        let mut shell = Command::new("sh");
        shell.env_clear().env("ELOQ_BASE_URL", eloq.simulator.base_url()).env("HOME", eloq.directory.path());
        let script = format!("umask {umask}; exec \"$0\" auth login --api-key-stdin --project 148 -o json");
        let login = run_with_stdin(shell.args(["-c", &script, env!("CARGO_BIN_EXE_eloq")]), &format!("{KEY}\n"));
        assert_eq!(login.code, 0, "{login:?}");
        let account: serde_json::Value = serde_json::from_str(&login.stdout).unwrap();
        assert_eq!((&account["org_name"].is_string(), &account["project_id"]), (&true, &148.into()));
        assert!(!login.stdout.contains(KEY) && !login.stderr.contains(KEY));
        let folder = eloq.directory.path().join(".config/eloq");
        assert_eq!(mode(&folder), 0o700);
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
        }
        let stored = fs::read_to_string(folder.join("credentials.toml")).unwrap();
        assert_eq!(stored, format!("[default]\napi_key = \"{KEY}\"\n"));
        assert_eq!(fs::read_to_string(folder.join("config.toml")).unwrap(), "[profiles.default]\nproject = 148\n");
    }
}

#[test]
fn files_that_others_can_read_or_write_are_refused() {
    let eloq = Eloq::logged_in(&[]);
    let status = || run(&mut eloq.without_key(&["auth", "status"]));
    assert_eq!(status().code, 0);
    for (path, refused, allowed) in
        [(eloq.credentials(), 0o644, 0o600), (eloq.credentials(), 0o620, 0o600), (eloq.folder(), 0o755, 0o700)]
    {
        set_mode(&path, refused);
        let refusal = status();
        let chmod = format!("chmod {allowed:o} {}", path.display());
        assert_eq!((refusal.code, &*refusal.stdout), (3, ""), "{refusal:?}");
        assert!(refusal.stderr.contains(&chmod), "{refusal:?}");
        assert_eq!(eloq.login(KEY, &[]).code, 3);
        let chmod = chmod.split(' ').collect::<Vec<_>>();
        assert!(Command::new(chmod[0]).args(&chmod[1..]).status().unwrap().success());
        assert_eq!(status().code, 0);
    }
}

#[test]
fn a_refused_key_and_a_failed_call_change_no_byte() {
    let eloq = Eloq::logged_in(&["--project", "148"]);
    let contents = || {
        let files = fs::read_dir(eloq.folder()).unwrap().flatten();
        let mut files: Vec<_> =
            files.map(|file| (file.path(), file.metadata().unwrap().ino(), fs::read(file.path()).unwrap())).collect();
        files.sort();
        files
    };
    let before = contents();
    for (key, options, code) in [
        ("wrong-key", &["--base-url", eloq.simulator.base_url()][..], 4),
        (KEY, &["--project", "999"], 3),
        (KEY, &["--project", "no-such-project"], 3),
        (KEY, &["--org", "99"], 3),
        ("two words", &[], 3),
        ("", &[], 2),
    ] {
        let login = eloq.login(key, options);
        assert_eq!((login.code, &*login.stdout), (code, ""), "{key} {options:?}: {login:?}");
    }
    eloq.simulator.inject(Fault::on(Operation::OrgInfo).status(500).always());
    assert_eq!(eloq.login("another-key", &["--request-timeout", "1s"]).code, 1);
    eloq.simulator.clear_faults();
    eloq.simulator.set_api_key("rotated-key");
    assert_eq!(run(&mut eloq.without_key(&["auth", "status"])).code, 4);
    assert_eq!(contents(), before);
}

#[test]
fn kill_9_at_any_moment_of_200_logins_leaves_readable_files() {
    let eloq = Eloq::logged_in(&[]);
    let start = Instant::now();
    assert_eq!(eloq.login(KEY, &[]).code, 0);
    let duration = start.elapsed();
    let kill_some = |profile: &str| {
        let (mut killed, mut span) = (0, duration);
        for attempt in 0..100_u32 {
            let arguments = ["auth", "login", "--api-key-stdin", "-P", profile, "--project", "148"];
            let mut login = eloq.without_key(&arguments);
            let login = login.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut login = login.spawn().unwrap();
            let _ = login.stdin.take().unwrap().write_all(KEY.as_bytes());
            // Moments over the whole of a login, and most at its end. They wait for nothing.
            std::thread::sleep(span * (attempt * 7 % 10 + 2) / 10);
            login.kill().unwrap();
            if login.wait().unwrap().success() {
                span = span * 9 / 10;
            } else {
                killed += 1;
                span = span * 11 / 10;
            }
            let text = fs::read_to_string(eloq.credentials()).unwrap();
            assert!(text.starts_with(&format!("[default]\napi_key = \"{KEY}\"\n")) && text.ends_with('\n'), "{text}");
        }
        killed
    };
    let killed: u32 = std::thread::scope(|scope| {
        let loops = ["one", "two"].map(|profile| scope.spawn(move || kill_some(profile)));
        loops.into_iter().map(|killed| killed.join().unwrap()).sum()
    });
    assert!((20..=195).contains(&killed), "{killed}");
    // The next login removes what the killed ones left.
    assert_eq!(eloq.login(KEY, &[]).code, 0);
    let left: Vec<_> = fs::read_dir(eloq.folder()).unwrap().flatten().map(|file| file.file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn concurrent_logins_keep_each_others_profiles() {
    let eloq = eloq();
    let names: Vec<_> = (0..12).map(|n| format!("p{n}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| assert_eq!(eloq.login(KEY, &["-P", name, "--project", "148"]).code, 0));
        }
    });
    let listed = eloq.json(&["auth", "list"]);
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), names.len());
    assert!(listed.iter().all(|profile| profile["key"] == "file" && profile["project"] == "148"), "{listed:?}");
}

#[test]
fn a_link_to_the_credentials_stays_a_link() {
    let eloq = Eloq::logged_in(&[]);
    let elsewhere = eloq.directory.path().join("dotfiles");
    fs::create_dir(&elsewhere).unwrap();
    set_mode(&elsewhere, 0o755);
    let target = elsewhere.join("eloq-credentials");
    fs::rename(eloq.credentials(), &target).unwrap();
    std::os::unix::fs::symlink(&target, eloq.credentials()).unwrap();
    assert_eq!(eloq.login(KEY, &["-P", "other"]).code, 0);
    assert!(eloq.credentials().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().contains("[other]"));
    assert_eq!(mode(&target), 0o600);

    set_mode(&elsewhere, 0o777);
    assert_eq!(run(&mut eloq.without_key(&["auth", "status"])).code, 3);
    fs::remove_file(&target).unwrap();
    set_mode(&elsewhere, 0o755);
    assert_eq!(eloq.login(KEY, &[]).code, 3, "the link leads nowhere");
}

#[test]
fn profiles_are_listed_chosen_and_logged_out() {
    let eloq = eloq();
    let url = eloq.simulator.base_url().to_owned();
    let bare = |arguments: &[&str]| run(bare(eloq.directory.path()).args(arguments));
    assert_eq!(bare(&["auth", "list", "-o", "json"]).stdout, "[]\n");
    let work = eloq.login(KEY, &["-P", "work", "--base-url", &url, "--project", "second", "-o", "json"]);
    assert!(work.stdout.contains("\"default\": true"), "the first profile is the default: {work:?}");
    assert_eq!(eloq.login(KEY, &["-P", "home", "--base-url", &url]).code, 0);

    // Without the variable, the stored URL counts.
    assert_eq!(bare(&["auth", "status", "-o", "name"]).stdout, "work\n");
    let list = bare(&["auth", "list", "-o", "csv", "--columns", "profile,default,key,project"]);
    assert_eq!(list.stdout, "profile,default,key,project\nhome,false,file,\nwork,true,file,second\n");
    assert_eq!(bare(&["auth", "use", "nobody"]).code, 3);
    assert_eq!(bare(&["auth", "use", "home"]).code, 0);
    assert_eq!(bare(&["auth", "status", "-o", "name"]).stdout, "home\n");

    assert!(bare(&["auth", "logout", "-P", "work"]).stdout.contains("true"));
    assert!(bare(&["auth", "logout", "-P", "work"]).stdout.contains("false"));
    let gone = bare(&["auth", "status", "-P", "work"]);
    assert_eq!((gone.code, &*gone.stdout), (3, ""), "{gone:?}");
    assert_eq!(bare(&["auth", "status"]).code, 0);
    assert!(eloq.config().contains("[profiles.work]"), "{}", eloq.config());
}

#[test]
fn login_refuses_what_it_cannot_do() {
    let eloq = eloq();
    let nothing = run(&mut eloq.without_key(&["auth", "login", "-o", "json"]));
    assert_eq!((nothing.code, &nothing.error()["kind"]), (2, &"Usage".into()));
    assert!(nothing.error()["hint"].as_str().unwrap().contains("--api-key-stdin"));
    assert_eq!(eloq.login(KEY, &["-P", "a b"]).code, 2);
    assert_eq!(eloq.login(KEY, &["--api-key-file", "f"]).code, 2);
    assert_eq!(run(&mut eloq.without_key(&["auth", "login", "--api-key-file", "missing"])).code, 2);
    assert!(!eloq.folder().exists());

    let file = eloq.directory.path().join("key");
    fs::write(&file, format!("  {KEY}\r\n")).unwrap();
    let login =
        run(eloq.without_key(&["auth", "login", "--api-key-file", file.to_str().unwrap()]).env("ELOQ_API_TOKEN", "x"));
    assert_eq!(login.code, 0, "{login:?}");
    assert!(login.stderr.contains("ELOQ_API_TOKEN takes precedence"), "{login:?}");
}

#[test]
fn the_prompt_hides_the_key_and_ctrl_c_turns_the_echo_on_again() {
    let eloq = eloq();
    let mut shell = Command::new("sh");
    let script =
        "stty echo; trap : INT; \"$0\" auth login; echo \"code=$?\"; stty -a; \"$0\" auth login; echo \"code=$?\"";
    shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    shell.env("ELOQ_BASE_URL", eloq.simulator.base_url()).env("ELOQ_CONFIG_DIR", eloq.folder());
    shell.args(["-c", script, env!("CARGO_BIN_EXE_eloq")]);
    let mut terminal = spawn_command(shell, Some(10_000)).unwrap();
    let mut seen = terminal.exp_string("API Keys: ").unwrap();
    terminal.send("half a ke").unwrap();
    terminal.send_control('c').unwrap();
    seen += &terminal.exp_string("code=130").unwrap();
    let settings = terminal.exp_string("API Keys: ").unwrap();
    assert!(settings.contains(" echo ") && settings.contains(" icanon "), "{settings}");
    assert!(!eloq.credentials().exists());
    terminal.send_line(KEY).unwrap();
    seen += &settings;
    seen += &terminal.exp_string("code=0").unwrap();
    assert!(!seen.contains("half") && !seen.contains(KEY), "{seen}");
    assert!(fs::read_to_string(eloq.credentials()).unwrap().contains(KEY));
    terminal.exp_eof().unwrap();
}

#[test]
fn the_key_is_never_logged() {
    let eloq = Eloq::logged_in(&[]);
    for arguments in [&["auth", "status", "-vvv"][..], &["config", "show", "-vvv"], &["auth", "list", "-o", "json"]] {
        let shown = run(&mut eloq.without_key(arguments));
        assert_eq!(shown.code, 0, "{shown:?}");
        assert!(!shown.stdout.contains(KEY) && !shown.stderr.contains(KEY), "{shown:?}");
    }
    fs::write(eloq.credentials(), format!("default = \"{KEY}\"\n")).unwrap();
    let invalid = run(&mut eloq.without_key(&["auth", "status"]));
    assert_eq!(invalid.code, 3);
    assert!(invalid.stderr.contains("line 1") && !invalid.stderr.contains(KEY), "{invalid:?}");
}
