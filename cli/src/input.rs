//! What commands read from files and stdin: in a thread, so that Ctrl-C ends the program while a pipe is silent.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::failure::{Failure, Result};

/// Far above any key, body and desired state: a name could lead to a device that never ends.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a text file, or stdin for `-`.
pub(crate) async fn read(path: &Path) -> Result<String> {
    let file = path.to_owned();
    let read = in_thread(move || {
        let source: Box<dyn Read> =
            if file.as_os_str() == "-" { Box::new(io::stdin()) } else { Box::new(File::open(file)?) };
        let mut text = String::new();
        match source.take(MAX_BYTES + 1).read_to_string(&mut text)? as u64 {
            ..=MAX_BYTES => Ok(text),
            _ => Err(ErrorKind::FileTooLarge.into()),
        }
    });
    read.await.map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

pub(crate) async fn in_thread(read: impl FnOnce() -> io::Result<String> + Send + 'static) -> io::Result<String> {
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
