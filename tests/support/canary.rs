//! Checks that texts contain no secrets, no bodies and no terminal control characters.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::error::Error as _;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once};

use eloq_sdk::Error;

pub const KEY: &str = "canary-key-5fJ2";
pub const PASSWORD: &str = "canary-password-9dK1";
/// The password as the service sends it.
pub const ENCODED: &str = "Y2FuYXJ5LXBhc3N3b3JkLTlkSzE=";
pub const BODY: &str = "canary-body-7gH3";

/// The page of a gateway, with all canaries.
pub fn page() -> String {
    format!("<html><p>{BODY} {KEY} {PASSWORD} {ENCODED}</p></html>")
}

/// What tracing, log and panics wrote since the last check.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// Whether the log has ever contained spans of the SDK, and output of the HTTP client.
static CAPTURED: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Captures tracing and log output of every crate at every level, and panics outside of the tests.
pub fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let all = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        all.with_writer(|| Log).init();
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let own = info.location().is_some_and(|place| place.file().starts_with("tests"));
            if !own {
                writeln!(Log, "panic: {info}").unwrap();
            }
            hook(info);
        }));
    });
}

/// Checks the output captured since the last check.
pub fn assert_log_clean() {
    let log = std::mem::take(&mut *LOG.lock().unwrap());
    let log = String::from_utf8(log).unwrap();
    assert!(!log.contains("panic: "), "{log}");
    assert_clean(&log);
    CAPTURED[0].fetch_or(log.contains("eloq.attempt"), Ordering::Relaxed);
    CAPTURED[1].fetch_or(log.contains("starting new connection"), Ordering::Relaxed);
}

/// Whether the checked output included both the SDK and the HTTP client; otherwise the checks prove nothing.
pub fn has_captured() -> bool {
    CAPTURED.iter().all(|captured| captured.load(Ordering::Relaxed))
}

#[track_caller]
pub fn assert_clean(text: &str) {
    for canary in [KEY, PASSWORD, ENCODED, BODY] {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
}

/// A text may contain no control character except line breaks, and no bidirectional control.
#[track_caller]
pub fn assert_no_control_characters(text: &str) {
    let is_control = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(is_control), "{text:?}");
}

#[track_caller]
pub fn assert_error_clean(error: &Error) {
    let attempts = error.attempts();
    let mut text = format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n{}\n{attempts:?}", error.message());
    assert!(!error.to_string().contains('\n'), "{error}");
    let mut source = error.source();
    while let Some(inner) = source {
        text += &format!("\n{inner}\n{inner:#}\n{inner:?}\n{inner:#?}");
        source = inner.source();
    }
    if let Some(api) = error.api() {
        text += &format!("\n{api}\n{api:?}\n{api:#?}");
        assert!(!api.excerpt().contains(KEY), "{}", api.excerpt());
        assert_no_control_characters(api.excerpt());
    }
    assert_clean(&text);
    assert_no_control_characters(&text);
}
