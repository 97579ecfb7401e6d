//! Tests of environment variables. Each runs in a child process, since all tests of a process share its environment.

use std::process::{Command, exit};

const MARK: &str = "ELOQ_SDK_TEST_CHILD";
/// Unlike 0, this exit code cannot come from a run that found no test of the name.
const DONE: i32 = 77;

/// Runs `body` in a child process of this program, with these variables and no other that the SDK reads. `test` is the path of
/// the calling test; the child also runs the part of the test before this call.
///
/// Blocks the current thread: servers of the test need another thread.
pub async fn in_child(test: &str, variables: &[(&str, &str)], body: impl AsyncFnOnce()) {
    if std::env::var_os(MARK).is_some() {
        body().await;
        exit(DONE);
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_ascii_uppercase();
        if upper.starts_with("ELOQ_") || upper.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    let output = command.envs(variables.iter().copied()).env(MARK, "1").output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(output.status.code(), Some(DONE), "{}{}", text(&output.stdout), text(&output.stderr));
}
