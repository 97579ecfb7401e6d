//! The option file of `mysql` and `mariadb`: a pipe with the password.

use std::path::PathBuf;
use std::process::Command;

use eloq_sdk::Secret;

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// Where the client reads the file: descriptor 3.
pub(super) const PATH: &str = "/dev/fd/3";
/// The clients read lines of at most 4095 bytes, and a pipe takes as much without a reader.
#[cfg(unix)]
const MAX_LENGTH: usize = 4000;

/// The user's own option files, and then the password.
///
/// The files are included, and the client reads no others (`--defaults-file`): with `--defaults-extra-file`, a password in
/// the user's `~/.my.cnf` would take precedence over that of the cluster.
pub(super) fn with_password(password: &Secret) -> Secret {
    let files = user_files().into_iter().filter(|file| file.is_file());
    let includes: String = files.map(|file| format!("!include {}\n", file.display())).collect();
    Secret::from(format!("{includes}[client]\npassword=\"{}\"\n", escape(password.expose())))
}

fn user_files() -> Vec<PathBuf> {
    let user = std::env::home_dir().map(|home| home.join(".my.cnf"));
    [PathBuf::from("/etc/my.cnf"), PathBuf::from("/etc/mysql/my.cnf")].into_iter().chain(user).collect()
}

/// Escapes a value for double quotes.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(2 * value.len());
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ => out.push(c),
        }
    }
    out
}

/// Gives the text to the command as descriptor 3.
#[cfg(unix)]
pub(super) fn attach(command: &mut Command, text: &Secret) -> Result {
    use std::io::Write as _;

    use command_fds::{CommandFdExt as _, FdMapping};

    let failed = |reason: String| {
        let message = format!("cannot give the password to the client: {reason}");
        Failure::new(Exit::Other, "Client", message)
    };
    if text.expose().len() > MAX_LENGTH {
        return Err(failed(format!("it has more than {MAX_LENGTH} bytes")));
    }
    let (reader, mut writer) = std::io::pipe().map_err(|error| failed(error.to_string()))?;
    writer.write_all(text.expose().as_bytes()).map_err(|error| failed(error.to_string()))?;
    let mapping = FdMapping { parent_fd: reader.into(), child_fd: 3 };
    command.fd_mappings(vec![mapping]).map_err(|error| failed(error.to_string()))?;
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn attach(_command: &mut Command, _text: &Secret) -> Result {
    Err(Failure::new(Exit::Other, "Client", "mysql and mariadb can only be started on Unix")
        .hint("`eloq env` prints the address and the password"))
}
