//! `api_key_command`: a program that prints the API key.

use std::io::IsTerminal as _;
use std::process::Stdio;
use std::time::Duration;

use eloq_sdk::Credential;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use super::CREDENTIAL_VARIABLES;

const LIMIT: Duration = Duration::from_secs(10);
/// Far above any key, and what password managers print after it.
const MAX_BYTES: u64 = 64 * 1024;

/// Runs the program without a shell and returns the first line that it prints, which no message contains. What it prints on stderr
/// is shown.
pub(super) async fn run(command: Vec<String>) -> Result<Credential, String> {
    // At a terminal it stays in the foreground group, since it may ask for a passphrase.
    run_within(LIMIT, &command, !std::io::stderr().is_terminal()).await
}

/// With a process group of its own, the program's children are killed with it.
async fn run_within(limit: Duration, command: &[String], own_group: bool) -> Result<Credential, String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("api_key_command: it is empty".to_owned());
    };
    let failed = |reason: String| format!("api_key_command {program:?}: {reason}");
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    for variable in CREDENTIAL_VARIABLES {
        command.env_remove(variable);
    }
    #[cfg(unix)]
    if own_group {
        command.process_group(0);
    }
    let mut child = command.spawn().map_err(|error| failed(format!("cannot be run: {error}")))?;
    let group = group::KillOnDrop::new(&child, own_group);
    let outcome = tokio::time::timeout(limit, output(&mut child)).await;
    let outcome = outcome.map_err(|_| failed(format!("did not finish within {} s", limit.as_secs_f32())))?;
    group.disarm();
    let (output, status) = outcome.map_err(|error| failed(format!("cannot be read: {error}")))?;
    if !status.success() {
        return Err(failed(status.to_string()));
    }
    let text = String::from_utf8(output).map_err(|_| failed("printed no text".to_owned()))?;
    match text.lines().next().map(str::trim) {
        Some(key) if !key.is_empty() => Ok(Credential::api_key(key)),
        _ => Err(failed("printed no key".to_owned())),
    }
}

async fn output(child: &mut Child) -> std::io::Result<(Vec<u8>, std::process::ExitStatus)> {
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MAX_BYTES).read_to_end(&mut output).await?;
    }
    Ok((output, child.wait().await?))
}

#[cfg(unix)]
mod group {
    use rustix::process::{Pid, Signal, kill_process_group};
    use tokio::process::Child;

    pub(super) struct KillOnDrop(Option<Pid>);

    impl KillOnDrop {
        pub(super) fn new(child: &Child, own_group: bool) -> Self {
            let id = child.id().filter(|_| own_group).and_then(|id| i32::try_from(id).ok());
            Self(id.and_then(Pid::from_raw))
        }

        pub(super) fn disarm(mut self) {
            self.0 = None;
        }
    }

    impl Drop for KillOnDrop {
        fn drop(&mut self) {
            if let Some(group) = self.0 {
                // It fails if all have ended.
                let _ = kill_process_group(group, Signal::KILL);
            }
        }
    }
}

#[cfg(not(unix))]
mod group {
    use tokio::process::Child;

    pub(super) struct KillOnDrop;

    impl KillOnDrop {
        pub(super) fn new(_child: &Child, _own_group: bool) -> Self {
            Self
        }

        pub(super) fn disarm(self) {}
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_program_that_hangs_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let alive = folder.path().join("alive");
        let script = format!("(echo > {0}; sleep 600; rm {0}) & echo $! > {0}.pid; echo key; wait", alive.display());
        let command = ["sh", "-c", &script].map(str::to_owned);
        let error = run_within(Duration::from_millis(500), &command, true).await.unwrap_err();
        assert_eq!(error, "api_key_command \"sh\": did not finish within 0.5 s");
        let child = std::fs::read_to_string(format!("{}.pid", alive.display())).unwrap();
        let child = rustix::process::Pid::from_raw(child.trim().parse().unwrap()).unwrap();
        let start = Instant::now();
        while is_running(child) {
            assert!(start.elapsed() < Duration::from_secs(5), "the child still runs");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Whether it runs; a zombie, which nobody has reaped, does not.
    fn is_running(process: rustix::process::Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
        let running = |stat: String| !stat.rsplit(") ").next().unwrap_or_default().starts_with('Z');
        rustix::process::test_kill_process(process).is_ok() && stat.map_or(true, running)
    }
}
