//! One check and its result.

use std::time::{Duration, Instant};

use eloq_sdk::Error;
use serde::Serialize;

use crate::failure::Failure;

/// The checks in their order.
pub(super) const NAMES: [&str; 15] = [
    "configuration",
    "dns",
    "tcp",
    "tls",
    "proxy",
    "http",
    "clock",
    "key",
    "version",
    "organization",
    "project",
    "list",
    "describe",
    "skus",
    "schema",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Ok,
    Warn,
    Fail,
    Skip,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// The result of a check. `detail` and `hint` can have names and addresses; the rest has none.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) status: Status,
    pub(super) detail: String,
    pub(super) duration_ms: Option<u64>,
    /// What went wrong, as in the error object.
    pub(super) kind: Option<&'static str>,
    pub(super) exit_code: Option<u8>,
    pub(super) http_status: Option<u16>,
    pub(super) hint: Option<String>,
}

impl Check {
    pub(super) fn new(name: &'static str, status: Status, detail: impl Into<String>) -> Self {
        Self {
            name,
            status,
            detail: detail.into(),
            duration_ms: None,
            kind: None,
            exit_code: None,
            http_status: None,
            hint: None,
        }
    }

    pub(super) fn failed(name: &'static str, failure: &Failure) -> Self {
        // With the cause, as in `Connection refused`.
        let detail = failure.sdk_error().map_or_else(|| failure.to_string(), |error| format!("{error:#}"));
        Self {
            kind: Some(failure.kind()),
            exit_code: Some(failure.exit().code()),
            http_status: failure.sdk_error().and_then(Error::status),
            hint: failure.hint_text().map(str::to_owned),
            ..Self::new(name, Status::Fail, detail)
        }
    }

    pub(super) fn since(self, start: Instant) -> Self {
        self.took(start.elapsed())
    }

    pub(super) fn took(self, time: Duration) -> Self {
        Self { duration_ms: u64::try_from(time.as_millis()).ok(), ..self }
    }
}
