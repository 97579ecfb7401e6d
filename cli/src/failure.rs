//! `Failure`: why a command failed, its exit code, and what to do.

use std::fmt;

use eloq_sdk::{Error, ErrorKind};
use serde::Serialize;

use crate::exit::Exit;

pub(crate) type Result<T = (), E = Failure> = std::result::Result<T, E>;

/// Why a command failed: one line, without secrets.
#[derive(Clone, Debug)]
pub(crate) struct Failure(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    kind: &'static str,
    exit: Exit,
    /// The exit code of the process if it is not that of `exit`: `connect` and `exec` have their own.
    process_exit: Option<u8>,
    message: String,
    hint: Option<String>,
    next: Vec<String>,
    error: Option<Error>,
    /// Nothing is printed: stdout was closed, or a child has printed its own error.
    silent: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, kind: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            exit,
            process_exit: None,
            message: message.into(),
            hint: None,
            next: Vec::new(),
            error: None,
            silent: false,
        }))
    }

    /// Wrong arguments or invalid input.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "Usage", message)
    }

    /// The settings of the tool are missing or invalid.
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(Exit::NotSetUp, "Config", message)
    }

    /// Some of several things failed; each was reported.
    pub(crate) fn partly_done(message: impl Into<String>) -> Self {
        Self::new(Exit::PartlyDone, "PartlyDone", message)
    }

    /// A failure that prints nothing.
    pub(crate) fn silent(exit_code: u8) -> Self {
        let mut failure = Self::new(Exit::Other, "Silent", "").process_exit(exit_code);
        failure.0.silent = true;
        failure
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds a command that goes on from here.
    pub(crate) fn next(mut self, command: impl Into<String>) -> Self {
        self.0.next.push(command.into());
        self
    }

    /// Puts what else is known before the message.
    pub(crate) fn context(mut self, context: &str) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    pub(crate) fn process_exit(mut self, code: u8) -> Self {
        self.0.process_exit = Some(code);
        self
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.0.kind
    }

    /// Marks it as the failure of `connect` or `exec` itself: their other exit codes are those of the program that they run.
    pub(crate) fn of_wrapper(self) -> Self {
        match self.0.exit {
            Exit::NotInvocable | Exit::NoClient | Exit::Interrupted | Exit::Terminated => self,
            _ if self.0.silent => self,
            _ => self.process_exit(Exit::Wrapper.code()),
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        self.0.exit
    }

    pub(crate) fn exit_code(&self) -> u8 {
        self.0.process_exit.unwrap_or(self.0.exit.code())
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.0.silent
    }

    /// The error of the SDK, if it is one.
    pub(crate) fn sdk_error(&self) -> Option<&Error> {
        self.0.error.as_ref()
    }

    pub(crate) fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    pub(crate) fn next_commands(&self) -> &[String] {
        &self.0.next
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // The service says 403 of a cluster that does not exist, and the message says so.
        let kind = if error.is_not_found() { ErrorKind::NotFound } else { error.kind() };
        let mut failure = Self::new(Exit::of(kind), kind.as_str(), error.to_string());
        failure.0.hint = error.hint().map(str::to_owned);
        failure.0.error = Some(error);
        failure
    }
}

/// The error object of `-o json`, `jsonl` and `yaml`.
#[derive(Serialize)]
pub(crate) struct ErrorObject<'a> {
    error: Fields<'a>,
}

#[derive(Serialize)]
struct Fields<'a> {
    kind: &'a str,
    exit_code: u8,
    message: &'a str,
    hint: Option<&'a str>,
    operation: Option<&'a str>,
    status: Option<u16>,
    code: Option<i64>,
    request_id: Option<&'a str>,
    retryable: bool,
    attempts: usize,
    next: &'a [String],
}

impl<'a> From<&'a Failure> for ErrorObject<'a> {
    fn from(failure: &'a Failure) -> Self {
        let Details { kind, exit, message, hint, next, error, .. } = &*failure.0;
        let error = error.as_ref();
        Self {
            error: Fields {
                kind,
                exit_code: exit.code(),
                message,
                hint: hint.as_deref(),
                operation: error.and_then(Error::operation),
                status: error.and_then(Error::status),
                code: error.and_then(Error::code),
                request_id: error.and_then(Error::request_id),
                retryable: error.is_some_and(Error::is_retryable),
                attempts: error.map_or(0, |error| error.attempts().len()),
                next,
            },
        }
    }
}
