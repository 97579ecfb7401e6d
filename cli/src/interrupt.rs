//! Ctrl-C and SIGTERM.

use crate::exit::Exit;
use crate::failure::Failure;

/// Returns when the user interrupts the program.
pub(crate) async fn interrupted() -> Failure {
    let exit = signal().await;
    let name = if exit == Exit::Interrupted { "Interrupted" } else { "Terminated" };
    Failure::new(exit, name, name.to_lowercase())
}

#[cfg(unix)]
async fn signal() -> Exit {
    use tokio::signal::unix::{SignalKind, signal};

    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = (interrupt, terminate) else {
        // Without handlers, the signals end the process.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => Exit::Interrupted,
        _ = terminate.recv() => Exit::Terminated,
    }
}

#[cfg(not(unix))]
async fn signal() -> Exit {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Exit::Interrupted,
        Err(_) => std::future::pending().await,
    }
}
