//! Foreign text made printable: control characters escaped, length bounded.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Deserialize;

/// How many items a message lists.
const MAX_LISTED: usize = 10;

/// Text that is borrowed from what it is read from, if that has it as it is.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Escapes control characters and bidirectional marks, which a terminal would interpret: names are untrusted.
///
/// ```
/// assert_eq!(eloq_sdk::printable("orders"), "orders");
/// assert_eq!(eloq_sdk::printable("\u{1b}[2J"), r"\u{1b}[2J");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_terminal_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_terminal_control(c) {
            // Writing into a String does not fail.
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// One printable line of at most `limit` bytes, ending in `…` if it was cut.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let text = text.trim();
    let ends = text.char_indices().map(|(start, c)| start + c.len_utf8());
    let cut = ends.take_while(|&end| end <= limit).last().unwrap_or(0);
    let mut out = printable(&text[..cut]).into_owned();
    if cut < text.len() {
        out.push('…');
    }
    out
}

/// The first items in one line.
pub(crate) fn list(mut items: impl ExactSizeIterator<Item = String>) -> String {
    let first: Vec<_> = items.by_ref().take(MAX_LISTED).collect();
    match items.len() {
        0 if first.is_empty() => "none".to_owned(),
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn is_terminal_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
