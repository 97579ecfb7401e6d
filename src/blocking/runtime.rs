//! The runtime of blocking clients: a thread drives sockets and timers, while each call runs on the thread that makes it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread, ThreadId};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::coop::unconstrained;

use crate::error::{Error, Result};

const IN_OWN_RUNTIME: &str =
    "a task that a blocking client runs cannot make blocking calls of this client: use the async client there";

/// A runtime on its own thread. Dropping it ends the thread without waiting.
#[derive(Debug)]
pub(super) struct Runtime {
    handle: Handle,
    driver: ThreadId,
    /// Dropping it ends the thread.
    _end: oneshot::Sender<()>,
}

impl Runtime {
    pub(super) fn start() -> Result<Self> {
        let refuse = |error: std::io::Error| Error::config("runtime", format!("cannot be started: {error}"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(refuse)?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        let drive = move || {
            // The error means that the sender was dropped.
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        };
        let driver = thread::Builder::new().name("eloq-sdk".to_owned()).spawn(drive).map_err(refuse)?;
        Ok(Self { handle, driver: driver.thread().id(), _end: end })
    }

    /// Runs a future to completion on this thread. Unlike tokio's `block_on` it also works on a thread of another runtime, since it
    /// only parks the thread. It is unconstrained: a coop budget would never be renewed.
    ///
    /// # Panics
    ///
    /// On the thread of the runtime, where it would wait forever.
    pub(super) fn wait<F: Future>(&self, future: F) -> F::Output {
        assert_ne!(thread::current().id(), self.driver, "{IN_OWN_RUNTIME}");
        let _context = self.handle.enter();
        let wakeup = Arc::new(Wakeup { thread: thread::current(), happened: AtomicBool::new(false) });
        let waker = Waker::from(wakeup.clone());
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(unconstrained(future));
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(output) => return output,
                // The future may park this thread too, and use up the token of the wake-up.
                Poll::Pending => {
                    while !wakeup.happened.swap(false, Ordering::Acquire) {
                        thread::park();
                    }
                }
            }
        }
    }
}

struct Wakeup {
    thread: Thread,
    happened: AtomicBool,
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.happened.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests;
