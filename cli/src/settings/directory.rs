//! Where the files of this tool are, and who may read them.

use std::fs::{DirBuilder, Metadata};
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy as _, choose_base_strategy};

use crate::context::quote;
use crate::failure::{Failure, Result};

/// `ELOQ_CONFIG_DIR`, or `eloq` below the user's configuration: `~/.config` on Unix, `XDG_CONFIG_HOME` if set.
pub(crate) fn find() -> Result<PathBuf> {
    if let Some(directory) = std::env::var_os("ELOQ_CONFIG_DIR").filter(|directory| !directory.is_empty()) {
        let directory = PathBuf::from(directory);
        return Ok(std::path::absolute(&directory).unwrap_or(directory));
    }
    let strategy = choose_base_strategy()
        .map_err(|_| Failure::config("there is no home directory").hint("set ELOQ_CONFIG_DIR"))?;
    Ok(strategy.config_dir().join("eloq"))
}

/// Creates the folder for the user alone, whatever the umask. One that exists must be private already.
pub(crate) fn create_private(directory: &Path) -> Result {
    let failed = |error: std::io::Error| Failure::config(format!("cannot create {}: {error}", directory.display()));
    let exists = directory.exists();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(failed)?;
    if !exists {
        #[cfg(unix)]
        std::fs::set_permissions(directory, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(failed)?;
    }
    check_folder(directory, Access::Private)
}

/// What others must not be allowed to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access {
    /// Neither read nor write.
    Private,
    /// Not write.
    ReadOnly,
}

pub(super) fn check_folder(directory: &Path, access: Access) -> Result {
    let metadata = std::fs::metadata(directory)
        .map_err(|error| Failure::config(format!("cannot read {}: {error}", directory.display())))?;
    check(directory, &metadata, access)
}

/// Refuses a file or folder that others can read or write.
#[cfg(unix)]
pub(super) fn check(path: &Path, metadata: &Metadata, access: Access) -> Result {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = metadata.permissions().mode() & 0o777;
    let (refused, verb) = match access {
        Access::Private => (0o066, "read or write"),
        Access::ReadOnly => (0o022, "write"),
    };
    if mode & refused == 0 {
        return Ok(());
    }
    let wanted = match (access, metadata.is_dir()) {
        (Access::Private, true) => "700",
        (Access::Private, false) => "600",
        (Access::ReadOnly, _) => "go-w",
    };
    let message = format!("others can {verb} {}, whose mode is {mode:04o}", path.display());
    Err(Failure::config(message).hint(format!("run `chmod {wanted} {}`", quote(&path.to_string_lossy()))))
}

/// Elsewhere, folders of the user are private.
#[cfg(not(unix))]
pub(super) fn check(_path: &Path, _metadata: &Metadata, _access: Access) -> Result {
    Ok(())
}

/// The folder for what can be fetched again: `eloq` below the user's cache, `~/.cache` on Unix, `XDG_CACHE_HOME` if set.
pub(crate) fn cache() -> Option<PathBuf> {
    Some(choose_base_strategy().ok()?.cache_dir().join("eloq"))
}
