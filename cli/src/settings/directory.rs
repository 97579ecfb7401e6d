//! Where the files of this tool are.

use std::path::PathBuf;

use etcetera::{BaseStrategy as _, choose_base_strategy};

use crate::failure::{Failure, Result};

/// `ELOQ_CONFIG_DIR`, or `eloq` below the user's configuration: `~/.config` on Unix, `XDG_CONFIG_HOME` if set.
pub(crate) fn find() -> Result<PathBuf> {
    if let Some(directory) = std::env::var_os("ELOQ_CONFIG_DIR").filter(|directory| !directory.is_empty()) {
        return Ok(directory.into());
    }
    let strategy = choose_base_strategy()
        .map_err(|_| Failure::config("there is no home directory").hint("set ELOQ_CONFIG_DIR"))?;
    Ok(strategy.config_dir().join("eloq"))
}

/// The folder for what can be fetched again: `eloq` below the user's cache, `~/.cache` on Unix, `XDG_CACHE_HOME` if set.
pub(crate) fn cache() -> Option<PathBuf> {
    Some(choose_base_strategy().ok()?.cache_dir().join("eloq"))
}
