//! `eloq connect`, with fake clients and with the real ones that are installed.

#![cfg(unix)]

mod support;

use std::collections::HashMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use eloq_sdk::simulator::{SeededCluster, Simulator, find_redis_server};
use rexpect::process::WaitStatus;
use rexpect::session::spawn_command;
use support::{Eloq, run};

const MARKER: &str = "marker-7f3a9c-password";

/// A folder with a program of this name: a shell script.
fn fake(eloq: &Eloq, name: &str, script: &str) -> PathBuf {
    let folder = eloq.directory.path().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// `eloq` with only the fake clients of a folder on PATH.
fn with_path(eloq: &Eloq, folder: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = eloq.command(arguments);
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command
}

/// Whether a program is on PATH; says so if it is not.
fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !found {
        println!("skipped: no {program} on PATH");
    }
    found
}

#[test]
fn a_client_has_the_environment_without_the_key_and_its_exit_code_is_that_of_the_tool() {
    let eloq = Eloq::new();
    let folder = fake(&eloq, "redis-cli", "env; echo \"args: $*\"; exit 37");
    eloq.describe_as("kv", "EloqKV", 6379, MARKER);
    let mut command = with_path(&eloq, &folder, &["connect", "kv", "--", "-n", "1", "GET", "a b"]);
    command.env("TERM", "xterm").env("ELOQ_API_TOKEN", "t").env("ELOQ_OAUTH_TOKEN", "").env("KEPT", "yes");
    let run = run(&mut command);
    assert_eq!(run.code, 37, "{run:?}");
    assert_eq!(run.stderr, "");
    let lines: Vec<_> = run.stdout.lines().collect();
    let variables: HashMap<_, _> = lines.iter().filter_map(|line| line.split_once('=')).collect();
    for (name, value) in [("TERM", "xterm"), ("KEPT", "yes"), ("REDISCLI_AUTH", MARKER), ("VALKEYCLI_AUTH", MARKER)] {
        assert_eq!(variables.get(name), Some(&value), "{name}: {variables:?}");
    }
    assert!(variables.contains_key("PATH") && variables.contains_key("HOME"), "{variables:?}");
    for name in ["ELOQ_API_KEY", "ELOQ_API_TOKEN", "ELOQ_OAUTH_TOKEN"] {
        assert!(!variables.contains_key(name), "{name}");
    }
    assert!(lines.contains(&"args: -h 127.0.0.1 -p 6379 --user admin -e -n 1 GET a b"), "{lines:?}");
}

#[test]
fn each_client_gets_the_password_in_its_own_way() {
    let eloq = Eloq::new();
    let folder = fake(&eloq, "mongosh", "echo \"$ELOQ_MONGODB_URL\"; echo \"args: $*\"");
    fake(&eloq, "mysql", "cat /dev/fd/3; echo \"args: $*\"");
    eloq.describe_as("doc", "EloqDoc", 27017, "p@ss/w\"ord");
    eloq.describe_as("sql", "EloqSQL", 3306, "p@ss\\w\"ord\n#'");
    let mongo = run(&mut with_path(&eloq, &folder, &["connect", "doc"]));
    let expected = "mongodb://admin:p%40ss%2Fw%22ord@127.0.0.1:27017\n\
                    args: --nodb --shell --eval db = connect(process.env.ELOQ_MONGODB_URL)\n";
    assert_eq!((mongo.code, mongo.stdout.as_str()), (0, expected), "{mongo:?}");
    // Named, since the machine can have a real mariadb on the PATH.
    let client = folder.join("mysql");
    let mysql = run(&mut eloq.command(&["connect", "sql", "--client", client.to_str().unwrap()]));
    let own = "[client]\npassword=\"p@ss\\\\w\\\"ord\\n#'\"\n\
               args: --defaults-file=/dev/fd/3 --protocol=tcp --host=127.0.0.1 --port=3306 --user=admin\n";
    assert!(mysql.code == 0 && mysql.stdout.ends_with(own), "{mysql:?}");
}

#[test]
fn print_shows_the_command_line_without_the_password_and_needs_no_client() {
    let eloq = Eloq::new();
    let empty = eloq.directory.path();
    eloq.describe_as("kv", "EloqKV", 6379, MARKER);
    let print = |format: &str| {
        let mut command = eloq.command(&["connect", "kv", "--print", "-o", format, "--", "GET", "a b"]);
        run(command.env("PATH", empty))
    };
    let text = print("table");
    assert_eq!(text.stdout, "redis-cli -h 127.0.0.1 -p 6379 --user admin -e GET 'a b'\n");
    let json = print("json").stdout;
    assert!(json.contains("\"password_from\": \"REDISCLI_AUTH\"") && !json.contains(MARKER), "{json}");
}

#[test]
fn failures_of_the_tool_itself_have_exit_codes_that_no_client_has() {
    let eloq = Eloq::with(Simulator::builder().cluster(SeededCluster::new("new").status("provisioning")));
    let empty = eloq.directory.path().to_owned();
    eloq.describe_as("kv", "EloqKV", 6379, MARKER);
    eloq.describe_as("sql", "EloqSQL", 3306, MARKER);
    let fails = |arguments: &[&str], process: i32, object: i64| {
        let run = run(eloq.command(&["-o", "json"]).args(arguments).env("PATH", &empty));
        assert_eq!((run.code, run.stdout.as_str()), (process, ""), "{arguments:?}: {run:?}");
        let error = run.error();
        assert_eq!(error["exit_code"], object, "{arguments:?}: {error}");
        error
    };
    let error = fails(&["connect", "kv"], 127, 127);
    assert!(error["hint"].as_str().unwrap().contains("redis-tools"), "{error}");
    fails(&["connect", "kv", "--client", "/no/such/client"], 127, 127);
    let file = eloq.directory.path().join("file");
    fs::write(&file, "no program").unwrap();
    fails(&["connect", "kv", "--client", file.to_str().unwrap()], 126, 126);
    // Descriptor 3 is then the pipe, and not what the runtime had there.
    fails(&["connect", "sql", "--client", empty.to_str().unwrap()], 126, 126);
    let error = fails(&["connect", "new"], 125, 1);
    let next = error["next"][0].as_str().unwrap();
    assert_eq!(next, "eloq cluster wait new --for connectable", "{error}");
    fails(&["connect", "missing"], 125, 5);
    fails(&["connect", "--bogus"], 125, 2);
    fails(&["exec", "kv", "--prefix", "a-b", "--", "true"], 125, 2);
    let keyless = run(&mut eloq.without_key(&["connect", "kv", "-o", "json"]));
    assert_eq!((keyless.code, keyless.error()["exit_code"].as_i64()), (125, Some(3)));
}

#[test]
fn signals_and_the_terminal_are_those_of_the_client() {
    let eloq = Eloq::new();
    let folder = fake(&eloq, "redis-cli", "trap 'exit 42' INT; test -t 0 && echo ready; while :; do sleep 0.02; done");
    eloq.describe_as("kv", "EloqKV", 6379, MARKER);
    let mut command = with_path(&eloq, &folder, &["connect", "kv"]);
    command.stdin(Stdio::inherit());
    let mut session = spawn_command(command, Some(10_000)).unwrap();
    session.exp_string("ready").unwrap();
    session.send_control('c').unwrap();
    assert!(matches!(session.process().wait().unwrap(), WaitStatus::Exited(_, 42)));

    fake(&eloq, "redis-cli", "kill -TERM $$");
    let status = with_path(&eloq, &folder, &["connect", "kv"]).status().unwrap();
    assert_eq!(status.signal(), Some(15));
}

#[test]
fn redis_cli_talks_to_the_cluster_and_a_wrong_password_is_a_failure() {
    if !installed("redis-cli") || find_redis_server().is_none() {
        return;
    }
    let eloq = Eloq::with(Simulator::builder().redis_server("redis-server").cluster("kv"));
    assert_eq!(eloq.ok(&["connect", "kv", "--", "PING"]), "PONG\n");
    assert_ne!(eloq.run(&["connect", "kv", "--", "NOSUCHCOMMAND"]).code, 0);

    let mut command = eloq.command(&["connect", "kv"]);
    // Without line editing, which needs the size of a terminal.
    command.env("TERM", "dumb").stdin(Stdio::inherit());
    let mut session = spawn_command(command, Some(10_000)).unwrap();
    // An error does not end an interactive client.
    session.send_line("NOSUCHCOMMAND").unwrap();
    session.exp_string("unknown command").unwrap();
    session.send_line("ECHO still-$1-there").unwrap();
    session.exp_string("\"still-$1-there\"").unwrap();
    session.send_line("quit").unwrap();
    assert!(matches!(session.process().wait().unwrap(), WaitStatus::Exited(_, 0)));

    let variables = eloq.json(&["env", "kv"]);
    let port = variables["ELOQ_PORT"].as_str().unwrap().parse().unwrap();
    eloq.describe_as("kv", "EloqKV", port, "wrong");
    let wrong = eloq.run(&["connect", "kv", "--", "PING"]);
    assert_ne!(wrong.code, 0, "{wrong:?}");
}

/// A real server with one user, which ends with its handle.
struct MariaDb(Child);

impl MariaDb {
    fn start(folder: &std::path::Path, port: u16, password: &str) -> Self {
        let data = format!("--datadir={}", folder.join("data").display());
        let install =
            ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"];
        let installed = Command::new("mariadb-install-db").args(install).arg(&data).output().unwrap();
        assert!(installed.status.success(), "{installed:?}");
        let literal = password.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
        let init = folder.join("init.sql");
        fs::write(&init, format!("CREATE USER 'admin'@'%' IDENTIFIED BY '{literal}';\n")).unwrap();
        let socket = format!("--socket={}", folder.join("s").display());
        let options =
            ["--no-defaults", "--user=root", "--bind-address=127.0.0.1", "--skip-name-resolve", &data, &socket];
        let mut server = Command::new("mariadbd");
        server.args(options).arg(format!("--port={port}")).arg(format!("--init-file={}", init.display()));
        let server = Self(server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "mariadbd does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[test]
fn mariadb_talks_to_the_cluster_whatever_the_password_and_the_files_of_the_user() {
    if !installed("mariadb") || !installed("mariadb-install-db") {
        return;
    }
    let daemon = std::env::var_os("PATH").is_some_and(|path| path.to_string_lossy().contains("sbin"));
    if !daemon || !installed("mariadbd") {
        return;
    }
    let eloq = Eloq::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let password = "a\"b\\c#d e'f;!= \\n";
    let _server = MariaDb::start(eloq.directory.path(), port, password);
    // A password in the user's own file, which must not take precedence.
    fs::write(eloq.directory.path().join(".my.cnf"), "[client]\npassword=wrong\n[mysql]\nskip-column-names\n").unwrap();
    eloq.describe_as("sql", "EloqSQL", port, password);
    assert_eq!(eloq.ok(&["connect", "sql", "--", "-e", "select current_user()"]), "admin@%\n");
    eloq.describe_as("other", "EloqSQL", port, "wrong");
    let wrong = eloq.run(&["connect", "other", "--", "-e", "select 1"]);
    assert!(wrong.code == 1 && wrong.stderr.contains("Access denied"), "{wrong:?}");
}

#[test]
fn a_password_is_in_no_command_line_of_any_process() {
    // Clients that are connected, or wait for the server's greeting, during the whole test.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let builder = Simulator::builder().admin_password(MARKER).cluster("kv");
    let eloq = Eloq::with(match find_redis_server() {
        Some(server) => builder.redis_server(server),
        None => builder,
    });
    eloq.describe_as("doc", "EloqDoc", port, MARKER);
    eloq.describe_as("sql", "EloqSQL", port, MARKER);
    let clients: [(&str, &[&str]); 3] = [
        ("redis-cli", &["connect", "kv", "--", "-r", "-1", "-i", "0.05", "PING"]),
        ("mongosh", &["connect", "doc"]),
        ("mariadb", &["connect", "sql"]),
    ];
    let mut running: Vec<(&str, Child)> = Vec::new();
    for (client, arguments) in clients.into_iter().filter(|(client, _)| installed(client)) {
        let mut command = eloq.command(arguments);
        running
            .push((client, command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()));
    }
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let end = Instant::now() + Duration::from_secs(3);
    while Instant::now() < end {
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
            let line = String::from_utf8_lossy(&line);
            assert!(!line.contains(MARKER), "{line:?}");
            let id = entry.file_name();
            for (client, process) in &running {
                if id.to_str() == Some(&process.id().to_string()) && !line.contains("connect\0") {
                    *seen.entry(client).or_default() += 1;
                }
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    for (client, mut process) in running {
        assert!(seen.get(client).is_some_and(|&times| times > 100), "{client} did not run: {seen:?}");
        process.kill().and_then(|()| process.wait()).unwrap();
    }
}
