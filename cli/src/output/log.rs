//! The log of the SDK on stderr, for `-v`.

use tracing_subscriber::EnvFilter;

use crate::cli::Globals;

/// Starts the log. It has no secrets and no bodies: the SDK never logs them.
pub(crate) fn init(globals: &Globals) {
    let level = match globals.verbose {
        0 => return,
        1 => "eloq_sdk=info",
        2 => "eloq_sdk=debug",
        _ => "eloq_sdk=trace,hyper_util=debug,rustls=debug",
    };
    let color = globals.color.enabled(&std::io::stderr());
    // A second subscriber is refused; there is only one run per process.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .try_init();
}
