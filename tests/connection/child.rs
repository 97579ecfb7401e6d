//! Tests of environment variables: each runs in a process of its own, since a process shares its environment among all tests.

use std::process::{Command, exit};

const MARK: &str = "ELOQ_SDK_TEST_CHILD";
/// Unlike 0 it cannot come from a run that found no test of that name.
const DONE: i32 = 77;

/// Runs `body` in another process of this program, which has these variables and no other that the SDK reads. `test` is the
/// path of the calling test; the process begins with what stands before this call in it.
///
/// It waits without awaiting: servers of the test need another thread.
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
