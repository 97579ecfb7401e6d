//! Output: data on stdout in the format that the user chose, everything else on stderr.

mod color;
pub(crate) mod log;
mod printer;
mod report;
mod row;
mod table;
mod text;

pub(crate) use color::{Color, ColorChoice, redraws};
pub(crate) use printer::{Columns, Format, Printer, Rows};
pub(crate) use report::{notice, report, warn, workflow_command};
pub(crate) use text::{cut, printable};
