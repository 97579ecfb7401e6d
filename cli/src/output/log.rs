//! The log of the SDK on stderr, for `-v`.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::Globals;

/// Starts the log. It has no secrets and no bodies: the SDK never logs them.
pub(crate) fn init(globals: &Globals) {
    let targets = match globals.verbose {
        0 => return,
        1 => Targets::new().with_target("eloq_sdk", LevelFilter::INFO),
        2 => Targets::new().with_target("eloq_sdk", LevelFilter::DEBUG),
        _ => Targets::new().with_target("eloq_sdk", LevelFilter::TRACE).with_default(LevelFilter::DEBUG),
    };
    // The SDK logs requests as spans: without their ends, -vv would show none that succeeds.
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_span_events(FmtSpan::CLOSE);
    // A second subscriber is refused; there is only one run per process.
    let _ = tracing_subscriber::registry().with(targets).with(layer).try_init();
}
