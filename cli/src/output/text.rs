//! Text of the service, made safe for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

pub(crate) use eloq_sdk::printable;
use unicode_width::UnicodeWidthStr as _;

/// Whether a terminal would interpret the character.
pub(super) fn steers_terminal(c: char) -> bool {
    matches!(printable(c.encode_utf8(&mut [0; 4])), Cow::Owned(_))
}

/// The width in columns of a terminal.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Cuts a text to a width, ending in `…` if it was cut.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for c in text.chars() {
        if width(&out) + width(c.encode_utf8(&mut [0; 4])) + 1 > limit {
            break;
        }
        out.push(c);
    }
    out.push('…');
    Cow::Owned(out)
}

/// Escapes, in JSON, what `serde_json` leaves as it is and a terminal would interpret. Such characters occur only in strings.
pub(super) fn escape_json(json: &str) -> Cow<'_, str> {
    let steers = |c: char| steers_terminal(c) && c != '\n';
    if !json.contains(steers) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if steers(c) {
            // All of them are in the Basic Multilingual Plane.
            let _ = write!(out, "\\u{:04x}", c as u32);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}
