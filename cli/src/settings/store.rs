//! Changes of files: one process at a time, and each file whole at any moment.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use super::directory::{self, Access};
use crate::failure::{Failure, Result};

const LOCK_FILE: &str = ".lock";
const LOCK_LIMIT: Duration = Duration::from_secs(10);
const LOCK_INTERVAL: Duration = Duration::from_millis(20);
const TEMPORARY: (&str, &str) = (".eloq-", ".tmp");
/// Far above any file of settings.
const MAX_BYTES: u64 = 1024 * 1024;

/// The exclusive right to change the files of the folder. The system releases it when the process ends.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    _lock: File,
}

impl Store {
    /// Creates the folder if it does not exist, and waits for other processes that change files.
    pub(crate) async fn open(directory: &Path) -> Result<Self> {
        directory::create_private(directory)?;
        let path = directory.join(LOCK_FILE);
        let failed = |error: std::io::Error| Failure::config(format!("cannot lock {}: {error}", path.display()));
        let start = Instant::now();
        let lock = loop {
            if let Some(lock) = try_lock(&path).map_err(failed)? {
                break lock;
            }
            if start.elapsed() > LOCK_LIMIT {
                return Err(failed(ErrorKind::TimedOut.into()).hint("another `eloq` is changing the configuration"));
            }
            tokio::time::sleep(LOCK_INTERVAL).await;
        };
        let store = Self { directory: directory.to_owned(), _lock: lock };
        store.remove_leftovers();
        Ok(store)
    }

    pub(super) fn read(&self, file: &str) -> Result<Option<String>> {
        read(&self.directory.join(file), None)
    }

    /// Replaces a file by one that only the user can read: a reader, or a crash, sees the old content or the new one.
    pub(super) fn write(&self, file: &str, text: &str) -> Result {
        let path = self.directory.join(file);
        let failed = |error: std::io::Error| Failure::config(format!("cannot write {}: {error}", path.display()));
        // A link stays a link.
        let target = if path.is_symlink() { path.canonicalize().map_err(failed)? } else { path.clone() };
        let folder = target.parent().unwrap_or(&self.directory);
        let (prefix, suffix) = TEMPORARY;
        let mut temporary =
            tempfile::Builder::new().prefix(prefix).suffix(suffix).tempfile_in(folder).map_err(failed)?;
        #[cfg(unix)]
        temporary.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
        temporary.write_all(text.as_bytes()).map_err(failed)?;
        temporary.as_file().sync_all().map_err(failed)?;
        temporary.persist(&target).map_err(|error| failed(error.error))?;
        // The name is kept over a power cut. Not every file system can do it, and the file is whole without it.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// Removes files that killed processes left: nobody else writes now.
    fn remove_leftovers(&self) {
        let (prefix, suffix) = TEMPORARY;
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(prefix) && name.ends_with(suffix) {
                // The next process tries again.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Reads a text file; `None` if it does not exist. With `access`, others must not be allowed more.
pub(super) fn read(path: &Path, access: Option<Access>) -> Result<Option<String>> {
    let failed = |error: std::io::Error| Failure::config(format!("cannot read {}: {error}", path.display()));
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if let Some(access) = access {
        directory::check(path, &metadata, access)?;
    }
    let mut text = String::new();
    match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
        Ok(size) if size as u64 > MAX_BYTES => Err(failed(ErrorKind::FileTooLarge.into())),
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(failed(error)),
    }
}

/// Locks the file, unless another process has it.
#[cfg(unix)]
fn try_lock(path: &Path) -> std::io::Result<Option<File>> {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::{FlockOperation, flock};

    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens the file for this process alone.
#[cfg(not(unix))]
fn try_lock(path: &Path) -> std::io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt as _;

    const SHARING_VIOLATION: i32 = 32;

    match File::options().create(true).truncate(false).write(true).share_mode(0).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}
