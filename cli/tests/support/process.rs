//! Runs `eloq` at a terminal, and in the background to be interrupted.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rexpect::session::{PtySession, spawn_command};

use super::{Eloq, Run};

/// The longest wait for an event that has to happen.
const LIMIT: Duration = Duration::from_secs(20);

/// A command at a terminal of its own, with this many columns.
pub fn at_terminal(eloq: &Eloq, columns: usize, arguments: &[&str]) -> PtySession {
    let tool = eloq.command(arguments);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("stty rows 24 cols {columns} -echo && exec \"$0\" \"$@\"")).arg(tool.get_program());
    command.args(tool.get_args()).env_clear().env("TERM", "xterm");
    command.envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?))));
    spawn_command(command, Some(LIMIT.as_millis() as u64)).expect("a terminal")
}

/// Reads the rest of what a command wrote at its terminal, and its exit code.
pub fn finish(mut session: PtySession) -> (String, i32) {
    let rest = session.exp_eof().expect("the command ends");
    // rexpect takes each byte for a character.
    let rest = String::from_utf8(rest.chars().map(|byte| byte as u8).collect()).expect("the output is UTF-8");
    // rexpect does not export the type: `Exited(Pid(17), 12)`.
    let status = format!("{:?}", session.process().wait().expect("the command has ended"));
    let code =
        status.strip_prefix("Exited(").and_then(|status| status.split(' ').nth(1)?.trim_end_matches(')').parse().ok());
    let code = code.unwrap_or_else(|| panic!("{status} after {rest}"));
    (rest, code)
}

/// A command that runs.
pub struct Background(Child);

impl Background {
    pub fn start(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("eloq runs"))
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.0.id().to_string()).status();
        assert!(status.expect("kill runs").success());
    }

    pub fn finish(self) -> Run {
        let output = self.0.wait_with_output().expect("eloq ends");
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Runs a command of `next`, as a user pastes it into a shell.
pub fn paste(eloq: &Eloq, line: &str) -> Run {
    let tool = eloq.command(&[]);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("eloq() {{ {} \"$@\"; }}; {line}", tool.get_program().to_string_lossy()));
    shell.env_clear().envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    super::run(&mut shell)
}
