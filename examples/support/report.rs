//! Reports an error as one line on stderr, with its hint, and a non-zero exit status.

use std::error::Error;
use std::process::ExitCode;

pub(crate) fn report(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let hint = error.downcast_ref().and_then(eloq_sdk::Error::hint);
            let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
            eprintln!("error: {error:#}{hint}");
            ExitCode::FAILURE
        }
    }
}
