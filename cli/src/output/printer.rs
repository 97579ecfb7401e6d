//! The one renderer: rows and objects, in every format.

use std::io::{self, ErrorKind, Write as _};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::row::{Picked, Row, invalid};
use super::{Color, table, text};
use crate::cli::Globals;
use crate::failure::{Failure, Result};

/// The columns of a table: field and header. The first identifies the row and is never cut.
pub(crate) type Columns = &'static [(&'static str, &'static str)];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Aligned columns
    #[default]
    Table,
    /// One JSON document, written whole or not at all
    Json,
    /// One JSON object per line, written as it comes
    Jsonl,
    /// One YAML document
    Yaml,
    /// Comma-separated values
    Csv,
    /// Only the names
    Name,
}

impl Format {
    /// Whether an error is an object on the last line of stderr.
    pub(crate) fn is_structured(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl | Self::Yaml)
    }
}

/// Writes results to stdout.
#[derive(Debug)]
pub(crate) struct Printer {
    format: Format,
    chosen: Option<Vec<String>>,
    headers: bool,
    color: bool,
    /// The width of the terminal; none if stdout is no terminal.
    width: Option<usize>,
}

impl Printer {
    pub(crate) fn new(globals: &Globals, format: Format) -> Self {
        Self {
            format,
            chosen: globals.columns.clone(),
            headers: !globals.no_headers,
            color: globals.color.enabled(&io::stdout()),
            width: terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()),
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Rows of one kind, to be pushed and finished. JSON is an array.
    pub(crate) fn rows(&self, columns: Columns) -> Rows<'_> {
        Rows { printer: self, columns, chosen: None, rows: Vec::new(), headers: self.headers, live: false }
    }

    /// The same, whose table is written row by row as it comes.
    pub(crate) fn live_rows(&self, columns: Columns) -> Rows<'_> {
        Rows { live: true, ..self.rows(columns) }
    }

    /// One object. A table has a line for each of `columns` that is not empty.
    pub(crate) fn object(&self, columns: Columns, value: &impl Serialize) -> Result {
        let mut rows = self.rows(columns);
        let row = Row::new(value)?;
        rows.choose(&row)?;
        let chosen = rows.chosen.as_deref();
        match self.format {
            Format::Json => self.json(&row.pick(chosen)),
            Format::Yaml => self.yaml(&row.pick(chosen)),
            Format::Table => {
                let (fields, headers) = rows.table_columns();
                let lines = fields.iter().zip(headers).map(|(field, header)| (header, row.cell(field)));
                let lines: Vec<_> = lines.filter(|(_, cell)| chosen.is_some() || !cell.is_empty()).collect();
                self.write(&table::fields(&lines, self.headers, self.color))
            }
            Format::Jsonl | Format::Csv | Format::Name => {
                rows.push_row(row)?;
                rows.finish()
            }
        }
    }

    /// Text that is data itself, as an address or a script, whatever the format.
    pub(crate) fn text(&self, text: &str) -> Result {
        self.write(text)
    }

    /// Any value as a document of its own, whatever the format: JSON, or YAML if that was chosen.
    pub(crate) fn document(&self, value: &impl Serialize) -> Result {
        match self.format {
            Format::Yaml => self.yaml(value),
            _ => self.json(value),
        }
    }

    fn json(&self, value: &impl Serialize) -> Result {
        let json = serde_json::to_string_pretty(value).map_err(|error| invalid(&error))?;
        self.write(&format!("{}\n", text::escape_json(&json)))
    }

    fn yaml(&self, value: &impl Serialize) -> Result {
        let yaml = yaml_serde::to_string(value).map_err(|error| invalid(&error))?;
        // YAML allows such characters unescaped. JSON is YAML, too.
        if yaml.contains(|c| text::steers_terminal(c) && c != '\n') { self.json(value) } else { self.write(&yaml) }
    }

    /// Writes to stdout. A closed pipe ends the program quietly.
    fn write(&self, text: &str) -> Result {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::silent(0)),
            Err(error) => Err(invalid(&error)),
        }
    }
}

/// Rows on their way to stdout. jsonl, CSV and names are written at once, the other formats at the end.
#[derive(Debug)]
pub(crate) struct Rows<'p> {
    printer: &'p Printer,
    columns: Columns,
    /// The fields of `--columns`, once a row has shown which there are.
    chosen: Option<Vec<String>>,
    rows: Vec<Row>,
    /// Whether the header is still to be written.
    headers: bool,
    live: bool,
}

impl Rows<'_> {
    pub(crate) fn push(&mut self, value: &impl Serialize) -> Result {
        self.push_row(Row::new(value)?)
    }

    fn push_row(&mut self, row: Row) -> Result {
        self.choose(&row)?;
        let printer = self.printer;
        let chosen = self.chosen.as_deref();
        match printer.format {
            Format::Jsonl => {
                let json = serde_json::to_string(&row.pick(chosen)).map_err(|error| invalid(&error))?;
                printer.write(&format!("{}\n", text::escape_json(&json)))
            }
            Format::Name => {
                let (fields, _) = self.table_columns();
                printer.write(&format!("{}\n", row.cell(&fields[0])))
            }
            Format::Csv => {
                let (fields, _) = self.table_columns();
                let mut lines = Vec::new();
                if std::mem::take(&mut self.headers) {
                    lines.push(fields.clone());
                }
                lines.push(fields.iter().map(|field| row.cell(field).into_owned()).collect());
                printer.write(&table::csv(&lines)?)
            }
            Format::Table if self.live => {
                let (fields, headers) = self.table_columns();
                let headers = std::mem::take(&mut self.headers).then_some(headers.as_slice());
                printer.write(&table::live(headers, fields.iter().map(|field| row.cell(field)), printer.color))
            }
            Format::Table | Format::Json | Format::Yaml => {
                self.rows.push(row);
                Ok(())
            }
        }
    }

    pub(crate) fn finish(self) -> Result {
        let printer = self.printer;
        let (fields, headers) = self.table_columns();
        let all = || self.rows.iter().map(|row| row.pick(self.chosen.as_deref())).collect::<Vec<Picked<'_>>>();
        match printer.format {
            Format::Json => printer.json(&all()),
            Format::Yaml => printer.yaml(&all()),
            Format::Table if self.live => Ok(()),
            Format::Table => {
                let cells = self.rows.iter().map(|row| fields.iter().map(|field| row.cell(field)).collect()).collect();
                let headers = self.headers.then_some(headers.as_slice());
                printer.write(&table::columns(headers, cells, printer.width, printer.color))
            }
            Format::Csv if self.headers => printer.write(&table::csv(&[fields])?),
            Format::Csv | Format::Jsonl | Format::Name => Ok(()),
        }
    }

    /// Resolves `--columns` with the fields of the first row. A header names its field, too.
    fn choose(&mut self, row: &Row) -> Result {
        let Some(wanted) = &self.printer.chosen else {
            return Ok(());
        };
        if self.chosen.is_some() {
            return Ok(());
        }
        let resolve = |name: &String| {
            let by_header = self.columns.iter().find(|(_, header)| header.eq_ignore_ascii_case(name));
            let field = by_header.map_or(name.as_str(), |(field, _)| field);
            let root = field.split('.').next().unwrap_or_default();
            let known =
                self.columns.iter().any(|(column, _)| *column == field) || row.fields().any(|name| name == root);
            known.then(|| field.to_owned()).ok_or_else(|| {
                let fields: Vec<_> = row.fields().collect();
                Failure::usage(format!("there is no column {name:?}"))
                    .hint(format!("the columns are {}", fields.join(", ")))
            })
        };
        self.chosen = Some(wanted.iter().map(resolve).collect::<Result<_>>()?);
        Ok(())
    }

    /// The fields of the table and their headers.
    fn table_columns(&self) -> (Vec<String>, Vec<String>) {
        match &self.chosen {
            Some(chosen) => (chosen.clone(), chosen.iter().map(|field| self.header(field)).collect()),
            None => self.columns.iter().map(|(field, header)| ((*field).to_owned(), (*header).to_owned())).unzip(),
        }
    }

    fn header(&self, field: &str) -> String {
        let known = self.columns.iter().find(|(column, _)| *column == field);
        known.map_or_else(|| field.to_uppercase().replace('_', " "), |(_, header)| (*header).to_owned())
    }
}

/// Colours a header.
pub(super) fn heading(text: &str, color: bool) -> String {
    Color::Bold.paint(text, color)
}
