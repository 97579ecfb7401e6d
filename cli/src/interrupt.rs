//! Ctrl-C and SIGTERM: the first ends the command, which says how to go on; the second ends the process.

use std::future::Future;
use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;

use crate::exit::Exit;
use crate::failure::Failure;

/// Handles the signals from here on. The future ends when the user interrupts the program.
///
/// A thread of its own waits for the signals, so that the second ends the process whatever the first has found.
pub(crate) fn interrupted() -> impl Future<Output = Failure> {
    let (sender, first) = oneshot::channel();
    let (handling, handled) = mpsc::channel();
    let listening = thread::Builder::new().name("signals".to_owned()).spawn(move || listen(handling, sender));
    // Ends without a value if the thread ends, which drops the sender.
    let _ = handled.recv();
    async move {
        match (listening, first.await) {
            (Ok(_), Ok(exit)) => {
                let name = if exit == Exit::Terminated { "Terminated" } else { "Interrupted" };
                Failure::new(exit, name, name.to_lowercase())
            }
            // Without handlers, the signals end the process.
            _ => std::future::pending().await,
        }
    }
}

/// Tells when it handles the signals, sends the first, and ends the process with the second.
fn listen(handling: mpsc::Sender<()>, first: oneshot::Sender<Exit>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    runtime.block_on(async {
        let Some(mut signals) = Signals::new() else { return };
        let _ = handling.send(());
        let exit = signals.next().await;
        // The receiver is gone if the command has ended meanwhile.
        let _ = first.send(exit);
        let exit = signals.next().await;
        std::process::exit(exit.code().into());
    });
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
        Some(Self { interrupt: interrupt.ok()?, terminate: terminate.ok()? })
    }

    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Self> {
        Some(Self)
    }

    async fn next(&mut self) -> Exit {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            Err(_) => std::future::pending().await,
        }
    }
}
