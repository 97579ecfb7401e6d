//! Runs the real `eloq` against the simulator.

#![allow(dead_code, reason = "each test program uses its own part")]

#[cfg(unix)]
pub mod process;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A simulator, a configuration folder of its own, and the tool that uses both.
pub struct Eloq {
    pub simulator: Simulator,
    pub directory: TempDir,
}

/// What a run of the tool left.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Eloq {
    pub fn new() -> Self {
        Self::with(Simulator::builder())
    }

    pub fn with(builder: SimulatorBuilder) -> Self {
        let simulator = builder.start_blocking().expect("the simulator starts");
        Self { simulator, directory: TempDir::new().expect("a temporary folder") }
    }

    /// The tool with the key and URL of the simulator in its environment, and nothing else of this process but PATH.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.without_key(arguments);
        command.env("ELOQ_API_KEY", self.simulator.api_key());
        command
    }

    /// The same without a key.
    pub fn without_key(&self, arguments: &[&str]) -> Command {
        let mut command = bare(self.directory.path());
        command.env("ELOQ_BASE_URL", self.simulator.base_url()).args(arguments);
        command
    }

    /// Makes the service describe a cluster, which need not exist, as an available one at this address.
    pub fn describe_as(&self, name: &str, module: &str, port: u16, password: &str) {
        let cluster = json!({
            "admin_password": STANDARD.encode(password), "admin_user": STANDARD.encode("admin"), "cloud_provider": "AWS",
            "cluster_deploy_mode": "txWithInternalLog", "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": name,
            "elb_addr": "127.0.0.1", "elb_port": port, "elb_state": "active", "log_cpu_limit": 1, "log_memory_mi_limit": 1,
            "log_replica": 1, "module_type": module, "org_name": "org", "project_name": "project1", "region": "us-west-1",
            "status": "available", "tx_cpu_limit": 1, "tx_memory_mi_limit": 1, "tx_replica": 1, "version": "1",
            "zone": "us-west-1a",
        });
        let body = json!({"code": 0, "message": "success", "data": cluster}).to_string();
        let fault = Fault::on(Operation::DescribeCluster).cluster(name).reply(200, "application/json", body);
        self.simulator.inject(fault.always());
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    /// Runs the tool, which must succeed, and returns what it printed.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run.stdout
    }

    /// The same with `-o json`.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ok(&[arguments, &["-o", "json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error} in {text}"))
    }

    /// How many requests of a method the simulator got, as in `DELETE`.
    pub fn requests(&self, method: &str) -> usize {
        self.simulator.requests().iter().filter(|request| request.method() == method).count()
    }
}

impl Run {
    /// The error object on the last line of stderr.
    pub fn error(&self) -> Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {self:?}"));
        object["error"].clone()
    }
}

/// The tool with an empty environment but PATH, HOME and a configuration folder.
pub fn bare(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eloq"));
    command.env_clear().env("HOME", directory).env("ELOQ_CONFIG_DIR", directory.join("eloq")).stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

pub fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("eloq runs");
    Run {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(stderr).expect("stderr is UTF-8"),
    }
}
