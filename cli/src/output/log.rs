//! The log of the SDK on stderr: its warnings, and everything that `-v` asks for.

use std::fmt::Write as _;

use tracing::field::Field;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::report::warn;
use crate::cli::Globals;

/// Starts the log. It has no secrets and no bodies: the SDK never logs them.
pub(crate) fn init(globals: &Globals) {
    let sdk = |level| Targets::new().with_target("eloq_sdk", level);
    let targets = match globals.verbose {
        0 => sdk(LevelFilter::WARN),
        1 => sdk(LevelFilter::INFO),
        2 => sdk(LevelFilter::DEBUG),
        _ => sdk(LevelFilter::TRACE).with_default(LevelFilter::DEBUG),
    };
    // The SDK logs requests as spans: without their ends, -vv would show none that succeeds.
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_span_events(FmtSpan::CLOSE);
    let (log, warnings) = match globals.verbose {
        0 => (None, Some(Warnings(globals.clone()))),
        _ => (Some(log), None),
    };
    // A second subscriber is refused; there is only one run per process.
    let _ = tracing_subscriber::registry().with(targets).with(log).with(warnings).try_init();
}

/// Shows the warnings of the SDK as those of the tool.
struct Warnings(Globals);

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut message = String::new();
        event.record(&mut |field: &Field, value: &dyn std::fmt::Debug| {
            if field.name() == "message" {
                // Writing into a String does not fail.
                let _ = write!(message, "{value:?}");
            }
        });
        warn(&self.0, &message);
    }
}
