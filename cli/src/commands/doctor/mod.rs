//! `eloq doctor`: finds out why something does not work. It only reads.

mod check;
mod examination;
mod form;
mod network;
mod report;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use self::check::{Check, Status};
use self::examination::{Examination, Outcome};
use self::form::Deviation;
use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::output::{Color, Columns, Format, Rows, notice, printable};

const COLUMNS: Columns = &[("name", "CHECK"), ("status", "STATUS"), ("detail", "DETAIL"), ("duration_ms", "MS")];
/// The width of the longest name of a check.
const NAME_WIDTH: usize = 13;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Write what an issue needs to this file: no values, names or ids of the account
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// The document of `-o json` and `yaml`.
#[derive(Serialize)]
struct Document<'a> {
    /// Whether no check failed.
    ok: bool,
    checks: &'a [Check],
    /// How responses differ from openapi.yaml.
    deviations: &'a [Deviation],
}

pub(crate) async fn run(context: &Context, args: DoctorArgs) -> Result {
    let mut output = Output::new(context);
    let Outcome { checks, deviations, failure } =
        Examination::new(context, &mut |check| output.show(check)).run().await?;
    output.finish(&Document { ok: failure.is_none(), checks: &checks, deviations: &deviations })?;
    if let Some(file) = &args.report {
        report::write(file, &checks, &deviations)?;
        notice(&context.globals, &format!("the report is in {}", file.display()));
    }
    failure.map_or(Ok(()), Err)
}

/// How the checks are printed.
enum Output<'c> {
    /// A line for each check as it ends.
    Lines(&'c Context),
    Rows(Rows<'c>),
    Document(&'c Context),
}

impl<'c> Output<'c> {
    fn new(context: &'c Context) -> Self {
        match context.printer.format() {
            Format::Json | Format::Yaml if context.globals.columns.is_none() => Self::Document(context),
            Format::Table if context.globals.columns.is_none() => Self::Lines(context),
            _ => Self::Rows(context.printer.live_rows(COLUMNS)),
        }
    }

    fn show(&mut self, check: &Check) -> Result {
        match self {
            Self::Lines(context) => context.printer.text(&line(context, check)),
            Self::Rows(rows) => rows.push(check),
            Self::Document(_) => Ok(()),
        }
    }

    fn finish(self, document: &Document<'_>) -> Result<(), Failure> {
        match self {
            Self::Lines(_) => Ok(()),
            Self::Rows(rows) => rows.finish(),
            Self::Document(context) => context.printer.document(document),
        }
    }
}

/// As in `ok    tcp            127.0.0.1:443 (3 ms)`.
fn line(context: &Context, check: &Check) -> String {
    let color = match check.status {
        Status::Ok => Color::Green,
        Status::Warn => Color::Yellow,
        Status::Fail => Color::Red,
        Status::Skip => Color::Dim,
    };
    let status = color.paint(check.status.as_str(), context.globals.color.enabled(&std::io::stdout()));
    let padding = " ".repeat(6 - check.status.as_str().len());
    let time = check.duration_ms.map(|ms| format!(" ({ms} ms)")).unwrap_or_default();
    let hint = check.hint.as_ref().map(|hint| format!("\n{:21}{}", "", printable(hint))).unwrap_or_default();
    format!("{status}{padding}{:NAME_WIDTH$}  {}{time}{hint}\n", check.name, printable(&check.detail))
}
