//! The report for an issue. It has no values, names, ids and addresses: only what is listed here.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use super::check::{Check, Status};
use super::form::{Deviation, Document};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::settings::variable;

/// Variables whose names the report has if they are set.
const VARIABLES: [&str; 20] = [
    "ELOQ_API_KEY",
    "ELOQ_API_TOKEN",
    "ELOQ_OAUTH_TOKEN",
    "ELOQ_BASE_URL",
    "ELOQ_API_URL",
    "ELOQ_ORG_ID",
    "ELOQ_PROJECT_ID",
    "ELOQ_TIMEOUT",
    "ELOQ_CA_BUNDLE",
    "ELOQ_PROFILE",
    "ELOQ_OUTPUT",
    "ELOQ_CONFIG_DIR",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

#[derive(Serialize)]
struct Report<'a> {
    eloq: &'static str,
    /// Version of openapi.yaml.
    api_document: Option<&'a str>,
    os: &'static str,
    arch: &'static str,
    /// Names of variables that are set.
    variables: Vec<&'static str>,
    checks: Vec<ReportedCheck>,
    deviations: &'a [Deviation],
}

/// A check without its detail and hint, which can have names and addresses.
#[derive(Serialize)]
struct ReportedCheck {
    name: &'static str,
    status: Status,
    duration_ms: Option<u64>,
    kind: Option<&'static str>,
    exit_code: Option<u8>,
    http_status: Option<u16>,
}

/// Writes the report by rename, readable by the user alone.
pub(super) fn write(file: &Path, checks: &[Check], deviations: &[Deviation]) -> Result {
    let document = Document::load();
    let report = Report {
        eloq: env!("CARGO_PKG_VERSION"),
        api_document: document.version(),
        os: std::env::consts::OS,
        arch: std::env::consts::ARCH,
        variables: VARIABLES.into_iter().filter(|name| variable(name).is_some()).collect(),
        checks: checks.iter().map(ReportedCheck::from).collect(),
        deviations,
    };
    store(file, &report).map_err(|error| {
        Failure::new(Exit::Other, "Report", format!("cannot write the report {}: {error}", file.display()))
    })
}

fn store(file: &Path, report: &Report<'_>) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut temporary, report)?;
    writeln!(temporary)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

impl From<&Check> for ReportedCheck {
    fn from(check: &Check) -> Self {
        let Check { name, status, duration_ms, kind, exit_code, http_status, .. } = *check;
        Self { name, status, duration_ms, kind, exit_code, http_status }
    }
}
