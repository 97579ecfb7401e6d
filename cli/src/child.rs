//! Programs that run in place of this one.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::settings::CREDENTIAL_VARIABLES;

/// A command with the environment of this process, less the credentials of the API.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for name in CREDENTIAL_VARIABLES {
        command.env_remove(name);
    }
    command
}

/// Runs the command in place of this process, so that signals, the terminal and the exit code are its own.
#[cfg(unix)]
pub(crate) fn become_program(mut command: Command) -> Result {
    use std::os::unix::process::CommandExt as _;

    let error = command.exec();
    Err(not_started(command.get_program(), &error))
}

/// Runs the command, and passes its exit code on.
#[cfg(not(unix))]
pub(crate) fn become_program(mut command: Command) -> Result {
    let status = command.status().map_err(|error| not_started(command.get_program(), &error))?;
    match status.code() {
        Some(0) => Ok(()),
        code => Err(Failure::silent(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(Exit::Other.code()))),
    }
}

fn not_started(program: &OsStr, error: &io::Error) -> Failure {
    let program = program.display();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::new(Exit::NoClient, "NoClient", format!("there is no program {program}")),
        _ => Failure::new(Exit::NotInvocable, "NotInvocable", format!("cannot run {program}: {error}")),
    }
}

/// Finds the first of these programs that is in a directory of `PATH`.
pub(crate) fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let directories: Vec<_> = std::env::split_paths(&path).collect();
    let files = names.iter().flat_map(|name| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        directories.iter().map(move |directory| directory.join(&file))
    });
    files.into_iter().find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}
