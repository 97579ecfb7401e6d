//! `api_key_command`: a program that prints the API key.

use eloq_sdk::Secret;

use crate::failure::{Failure, Result};

/// Runs the program without a shell and returns the first line that it prints.
pub(crate) fn run(command: &[String]) -> Result<Secret> {
    Err(Failure::config(format!("api_key_command is not supported: {command:?}")))
}
