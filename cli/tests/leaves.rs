//! Every command of `eloq help --json`: what it writes where, on success, on failure, with logs, to a pipe and to a terminal.

#![cfg(unix)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use rexpect::session::spawn_command;
use serde_json::Value;
use support::process::finish;
use support::{Eloq, Run, run};

/// How a command is run so that it succeeds. `{dir}` is a folder with the files of [`Stage::new`].
struct Sample {
    command: &'static str,
    arguments: &'static [&'static str],
    /// Whether it sends requests, and so fails when the service does.
    remote: bool,
    /// The signal that ends it, after its first output.
    signal: Option<&'static str>,
    before: fn(&Eloq),
}

const fn remote(command: &'static str, arguments: &'static [&'static str]) -> Sample {
    Sample { command, arguments, remote: true, signal: None, before: |_| {} }
}

const fn local(command: &'static str, arguments: &'static [&'static str]) -> Sample {
    Sample { remote: false, ..remote(command, arguments) }
}

/// A sample for every command: a test fails if one is missing.
const SAMPLES: &[Sample] = &[
    remote("auth login", &["--api-key-file", "{dir}/key"]),
    remote("auth status", &[]),
    local("auth logout", &[]),
    local("auth list", &[]),
    local("auth use", &["work"]),
    local("config path", &[]),
    local("config show", &[]),
    remote("org", &[]),
    remote("project list", &[]),
    remote("project use", &["staging"]),
    remote("cluster list", &[]),
    remote("cluster get", &["kv"]),
    Sample {
        // Gone from the second reading of the list on.
        before: |eloq| {
            let list = r#"{"code": 0, "message": "success", "data": {"cluster_list": [], "total": 0}}"#;
            let gone = Fault::on(Operation::ListClusters).reply(200, "application/json", list);
            eloq.simulator.inject(gone.after(1).always());
        },
        ..remote("cluster watch", &["kv", "--interval", "20ms"])
    },
    remote("cluster wait", &["kv", "--timeout", "300ms"]),
    remote("cluster create", &["new", "--region", "us-west-1", "--sku", "101"]),
    remote("cluster delete", &["kv", "--yes"]),
    remote("cluster start", &["kv"]),
    remote("cluster stop", &["kv", "--yes"]),
    remote("cluster restart", &["kv", "--yes"]),
    remote("cluster credentials", &["kv"]),
    remote("cluster config history", &["kv"]),
    remote("cluster config apply", &["kv", "2", "--yes"]),
    remote("plan", &["-f", "{dir}/clusters.json"]),
    remote("apply", &["-f", "{dir}/clusters.json", "--yes"]),
    remote("sku list", &["--type", "serverless", "--module", "kv", "--cloud", "aws"]),
    remote("billing plans", &[]),
    remote("billing subscription", &[]),
    remote("billing subscribe", &["2", "--yes"]),
    remote("dashboard list", &[]),
    remote("ping", &["open"]),
    remote("connect", &["kv", "--print"]),
    remote("exec", &["kv", "--", "true"]),
    remote("url", &["kv"]),
    remote("env", &["kv"]),
    remote("api", &["GET", "org-info"]),
    Sample { signal: Some("TERM"), ..local("simulator", &[]) },
    remote("doctor", &[]),
    local("completion", &["bash"]),
    local("man", &["{dir}/man"]),
    local("version", &[]),
    local("help", &[]),
];

/// A service, and files, for one run.
struct Stage {
    eloq: Eloq,
    /// A database that accepts connections.
    _database: TcpListener,
}

impl Stage {
    fn new() -> Self {
        let builder = Simulator::builder().project(148, "staging").cluster("kv");
        let eloq = Eloq::with(builder);
        let database = TcpListener::bind("127.0.0.1:0").unwrap();
        eloq.describe_as("open", "EloqKV", database.local_addr().unwrap().port(), "password");
        let folder = eloq.directory.path();
        fs::DirBuilder::new().mode(0o700).create(folder.join("eloq")).unwrap();
        write(&eloq, "eloq/config.toml", "[profiles.work]\noutput = \"table\"\n");
        let key = eloq.simulator.api_key().to_owned();
        write(
            &eloq,
            "eloq/credentials.toml",
            &format!("[default]\napi_key = \"{key}\"\n[work]\napi_key = \"{key}\"\n"),
        );
        write(&eloq, "key", &key);
        let sku = r#"{"type": "serverless", "module": "eloqkv", "cloud": "aws"}"#;
        let clusters =
            format!(r#"{{"defaults": {{"region": "us-west-1", "sku": {sku}}}, "clusters": [{{"name": "new"}}]}}"#);
        write(&eloq, "clusters.json", &clusters);
        Self { eloq, _database: database }
    }

    /// The same, with a failure of every operation.
    fn broken() -> Self {
        let stage = Self::new();
        stage.eloq.simulator.clear_faults();
        stage.eloq.simulator.inject(Fault::on_any().status(500).always());
        stage
    }

    fn command(&self, sample: &Sample, options: &[&str]) -> Command {
        // Before the arguments: those after `--` are not the tool's.
        let mut words: Vec<String> =
            sample.command.split(' ').chain(options.iter().copied()).map(str::to_owned).collect();
        let folder = self.eloq.directory.path().to_str().unwrap();
        words.extend(sample.arguments.iter().map(|argument| argument.replace("{dir}", folder)));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let mut tool = self.eloq.command(&words);
        tool.env_remove("ELOQ_API_KEY");
        let Some(signal) = sample.signal else {
            return tool;
        };
        // Ends by a signal once it has written something.
        let file = self.eloq.directory.path().join("out");
        let script = "\"$@\" >\"$OUT\" & while ! test -s \"$OUT\" && kill -0 $! 2>&-; do sleep 0.02; done; \
                      kill -$SIGNAL $! 2>&-; wait $!; code=$?; cat \"$OUT\"; exit $code";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(tool.get_program()).args(tool.get_args()).env_clear();
        command.envs(variables(&tool)).env("OUT", file).env("SIGNAL", signal).stdin(Stdio::null());
        command
    }

    /// Runs it with stdout and stderr to pipes.
    fn piped(&self, sample: &Sample, options: &[&str]) -> Run {
        run(&mut self.command(sample, options))
    }

    /// Runs it at a terminal, which shows stdout, and stderr if that is not kept in a file.
    fn at_terminal(&self, sample: &Sample, options: &[&str], stderr_to_terminal: bool) -> Run {
        let tool = self.command(sample, options);
        let redirect = if stderr_to_terminal { "" } else { "2>\"$ERR\"" };
        let file = self.eloq.directory.path().join("err");
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("stty rows 24 cols 40 -echo; exec \"$0\" \"$@\" {redirect}"))
            .arg(tool.get_program());
        command.args(tool.get_args()).env_clear().envs(variables(&tool)).env("TERM", "xterm").env("ERR", &file);
        let (stdout, code) = finish(spawn_command(command, Some(20_000)).unwrap());
        Run { code, stdout: stdout.replace("\r\n", "\n"), stderr: fs::read_to_string(file).unwrap_or_default() }
    }
}

fn variables(command: &Command) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
}

fn write(eloq: &Eloq, name: &str, text: &str) {
    use std::io::Write as _;

    let path = eloq.directory.path().join(name);
    let mut file = fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// The document on stdout; none if that is empty.
fn document(stdout: &str) -> Result<Option<Value>, String> {
    if stdout.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(stdout).map(Some).map_err(|error| format!("stdout is no document: {error}: {stdout}"))
}

/// The types of a document: times and ids differ from run to run.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(shape).collect::<BTreeSet<_>>().into_iter().collect::<String>())
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}:{} ", shape(value)));
            format!("{{{}}}", fields.collect::<String>())
        }
    }
}

/// Fails unless the last line is an error object with the exit code of the process.
fn error_object(text: &str, code: i32, is_wrapper: bool) -> Result<(), String> {
    let line = text.lines().last().unwrap_or_default();
    // Progress is erased before.
    let line = line.rsplit("\u{1b}[K").next().unwrap_or_default();
    let object: Value = serde_json::from_str(line).map_err(|error| format!("{error}: the last line is {line}"))?;
    let exit_code = object["error"]["exit_code"].as_i64();
    let agrees = if is_wrapper { code == 125 } else { exit_code == Some(code.into()) };
    if agrees && exit_code.is_some() { Ok(()) } else { Err(format!("exit code {code}, but {object}")) }
}

fn check(that: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if that { Ok(()) } else { Err(message()) }
}

fn sweep(sample: &Sample) -> Result<(), String> {
    const JSON: &[&str] = &["-o", "json"];
    let working = || {
        let stage = Stage::new();
        (sample.before)(&stage.eloq);
        stage
    };
    let is_wrapper = matches!(sample.command, "connect" | "exec");
    let succeeded = |run: &Run| {
        let expected = sample.signal.is_some() && run.code == 143 || run.code == 0;
        check(expected, || format!("success: {run:?}"))
    };

    let piped = working().piped(sample, JSON);
    succeeded(&piped)?;
    let expected = document(&piped.stdout)?;
    let terminal = working().at_terminal(sample, JSON, false);
    succeeded(&terminal)?;
    let shown = document(&terminal.stdout)?;
    let shapes = (expected.as_ref().map(shape), shown.as_ref().map(shape));
    check(shapes.0 == shapes.1, || format!("on a pipe {expected:?}, at a terminal {shown:?}"))?;

    let logged = working().piped(sample, &["-o", "json", "-vvv"]);
    succeeded(&logged)?;
    document(&logged.stdout)?;
    check(!sample.remote || logged.stderr.contains("eloq_sdk"), || format!("no log: {logged:?}"))?;

    let wrong = working().piped(sample, &["-o", "json", "--no-such-flag"]);
    check(wrong.stdout.is_empty(), || format!("stdout of wrong usage: {wrong:?}"))?;
    check(wrong.code == if is_wrapper { 125 } else { 2 }, || format!("wrong usage: {wrong:?}"))?;
    error_object(&wrong.stderr, wrong.code, is_wrapper)?;

    let failed = Stage::broken().piped(sample, &["-o", "json", "-vvv"]);
    document(&failed.stdout)?;
    if !sample.remote {
        return succeeded(&failed);
    }
    check(failed.code != 0, || format!("success without a service: {failed:?}"))?;
    error_object(&failed.stderr, failed.code, is_wrapper)?;
    let shown = Stage::broken().at_terminal(sample, JSON, true);
    error_object(&shown.stdout, shown.code, is_wrapper)
}

/// The words of every command without subcommands.
fn leaves(command: &Value, leaves: &mut Vec<String>) {
    let commands = command["commands"].as_array().unwrap();
    if commands.is_empty() {
        leaves.push(command["path"].as_str().unwrap().trim_start_matches("eloq ").to_owned());
    }
    commands.iter().for_each(|command| self::leaves(command, leaves));
}

#[test]
fn every_command_writes_one_document_or_nothing_and_its_failure_last() {
    let mut all = Vec::new();
    leaves(&Stage::new().eloq.json(&["help"]), &mut all);
    let sampled: Vec<_> = SAMPLES.iter().map(|sample| sample.command).collect();
    assert_eq!(all, sampled, "each command needs a sample, in the order of the tree");

    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(sample) = SAMPLES.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(failure) = sweep(sample) {
                failures.lock().unwrap().push(format!("{}: {failure}", sample.command));
            }
        }
    };
    thread::scope(|scope| (0..12).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
