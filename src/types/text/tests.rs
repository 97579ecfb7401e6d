//! Tests of escaping and of limits on text length.

use super::*;

#[test]
fn terminal_control_characters_are_escaped() {
    assert_eq!(printable("a\u{1b}[31mb\r\0\u{202e}c"), "a\\u{1b}[31mb\\u{d}\\u{0}\\u{202e}c");
    assert_eq!(printable("größer 大"), "größer 大");
}

#[test]
fn a_line_is_truncated_between_characters() {
    assert_eq!(line("  größer ", 4), "gr\u{f6}…");
    assert_eq!(line("all of it", 100), "all of it");
}
