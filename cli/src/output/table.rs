//! Tables and CSV: aligned columns without borders and without trailing spaces.

use std::borrow::Cow;

use super::printer::heading;
use super::row::invalid;
use super::text::{cut, width};
use crate::failure::Result;

/// Space between columns.
const GAP: usize = 2;
/// No column is cut below this width.
const MIN_WIDTH: usize = 6;
/// The width of columns whose later cells are not known yet.
const LIVE_WIDTH: usize = 14;

/// Rows below headers. If the terminal is too narrow, every column but the first is cut.
pub(super) fn columns(
    headers: Option<&[String]>,
    rows: Vec<Vec<Cow<'_, str>>>,
    limit: Option<usize>,
    color: bool,
) -> String {
    let header = headers.map(|headers| headers.iter().map(|header| Cow::Borrowed(header.as_str())).collect::<Vec<_>>());
    let count = header.as_ref().or(rows.first()).map_or(0, Vec::len);
    let all = || header.iter().chain(&rows);
    let widest = |column: usize| all().map(|row| width(&row[column])).max().unwrap_or_default();
    let mut widths: Vec<_> = (0..count).map(widest).collect();
    fit(&mut widths, limit);
    let mut out = String::new();
    for (index, row) in all().enumerate() {
        line(&mut out, row, &widths, color && header.is_some() && index == 0);
    }
    out
}

/// One row of a table that is written as it comes.
pub(super) fn live<'a>(headers: Option<&[String]>, row: impl Iterator<Item = Cow<'a, str>>, color: bool) -> String {
    let mut out = String::new();
    let row: Vec<_> = row.collect();
    let mut widths: Vec<_> = row.iter().map(|cell| width(cell).max(LIVE_WIDTH)).collect();
    if let Some(headers) = headers {
        widths.iter_mut().zip(headers).for_each(|(column, header)| *column = width(header).max(*column));
        let headers: Vec<_> = headers.iter().map(|header| Cow::Borrowed(header.as_str())).collect();
        line(&mut out, &headers, &widths, color);
    }
    line(&mut out, &row, &widths, false);
    out
}

/// The fields of one object, a line each.
pub(super) fn fields(lines: &[(String, Cow<'_, str>)], headers: bool, color: bool) -> String {
    let widest = lines.iter().map(|(header, _)| width(header)).max().unwrap_or_default();
    let mut out = String::new();
    for (header, cell) in lines {
        if headers {
            out.push_str(&heading(header, color));
            out.extend(std::iter::repeat_n(' ', widest - width(header) + GAP));
        }
        out.push_str(cell);
        trim_end(&mut out);
        out.push('\n');
    }
    out
}

pub(super) fn csv(lines: &[Vec<String>]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(line).map_err(|error| invalid(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| invalid(&error))?;
    String::from_utf8(bytes).map_err(|error| invalid(&error))
}

/// Makes the widest columns but the first narrower until the table fits.
fn fit(widths: &mut [usize], limit: Option<usize>) {
    let Some(limit) = limit else { return };
    while widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1) > limit {
        match widths.iter_mut().skip(1).max() {
            Some(widest) if *widest > MIN_WIDTH => *widest -= 1,
            _ => return,
        }
    }
}

fn line(out: &mut String, cells: &[Cow<'_, str>], widths: &[usize], bold: bool) {
    let start = out.len();
    for (cell, &column_width) in cells.iter().zip(widths) {
        let cell = cut(cell, column_width);
        let padding = column_width.saturating_sub(width(&cell)) + GAP;
        out.push_str(&cell);
        out.extend(std::iter::repeat_n(' ', padding));
    }
    trim_end(out);
    if bold {
        let painted = heading(&out[start..], true);
        out.replace_range(start.., &painted);
    }
    out.push('\n');
}

fn trim_end(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
}
