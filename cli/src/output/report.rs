//! Failures and warnings, on stderr.

use std::io::{self, Write as _};

use super::{Color, printable, redraws};
use crate::cli::Globals;
use crate::failure::{ErrorObject, Failure};
use crate::settings::Settings;

/// Reports why a command failed: as text, or with `-o json`, `jsonl` and `yaml` as an object on the last line of stderr.
pub(crate) fn report(failure: &Failure, globals: &Globals) {
    if failure.is_silent() {
        return;
    }
    let format = Settings::read(globals).and_then(|settings| settings.output());
    let format = format.or_else(|_| Settings::output_without_file(globals).map(Option::unwrap_or_default));
    let mut err = io::stderr().lock();
    // If stderr cannot be written, the exit code still shows the failure.
    if format.is_ok_and(|format| format.is_structured()) {
        let object = serde_json::to_string(&ErrorObject::from(failure)).unwrap_or_default();
        let _ = writeln!(err, "{}", super::text::escape_json(&object));
        return;
    }
    let color = globals.color.enabled(&err);
    let _ = writeln!(err, "{} {}", Color::Red.paint("error:", color), one_line(&failure.to_string()));
    if let Some(hint) = failure.hint_text() {
        let _ = writeln!(err, "{} {}", Color::Bold.paint("hint:", color), one_line(hint));
    }
    for command in failure.next_commands() {
        let _ = writeln!(err, "{} {}", Color::Bold.paint("next:", color), one_line(command));
    }
}

/// Warns of what the user may not expect, unless `--quiet` was given.
pub(crate) fn warn(globals: &Globals, message: &str) {
    if globals.quiet {
        return;
    }
    let mut err = io::stderr().lock();
    let color = globals.color.enabled(&err);
    // The escape sequence erases a line of progress.
    let erase = if redraws(&err) { "\r\x1b[K" } else { "" };
    let _ = writeln!(err, "{erase}{} {}", Color::Yellow.paint("warning:", color), one_line(message));
}

/// Tells what the user may want to know, in lines, unless `--quiet` was given.
pub(crate) fn notice(globals: &Globals, text: &str) {
    if globals.quiet {
        return;
    }
    let lines: String = text.lines().map(|line| format!("{}\n", printable(line))).collect();
    let _ = io::stderr().lock().write_all(lines.as_bytes());
}

/// Writes a command for the runner of a CI service, as in `::add-mask::value`, to stderr.
pub(crate) fn workflow_command(name: &str, value: &str) {
    let value = value.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    // Without stderr, no log can hold the value.
    let _ = writeln!(io::stderr().lock(), "::{name}::{value}");
}

fn one_line(text: &str) -> String {
    printable(&text.replace('\n', " ")).into_owned()
}
