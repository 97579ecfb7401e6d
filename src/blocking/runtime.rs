//! The runtime of blocking clients: a thread drives sockets and timers, while each call runs on the thread that makes it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::task::coop::unconstrained;

use crate::engine::{runtime_thread::RuntimeThread, version::VersionCheck};
use crate::error::{Error, Result, wait_info::ClusterState};
use crate::facade::operation_result::OperationResult;

const IN_OWN_RUNTIME: &str =
    "a task that a blocking client runs cannot make blocking calls of this client: use the async client there";

/// What a call returns: it can be an error.
pub trait Fallible {
    /// The outcome of a call that cannot be made.
    fn failed(error: Error) -> Self;
}

impl<T> Fallible for Result<T> {
    fn failed(error: Error) -> Self {
        Err(error)
    }
}

impl Fallible for OperationResult {
    fn failed(error: Error) -> Self {
        Self::from_error(error)
    }
}

impl Fallible for VersionCheck {
    fn failed(_: Error) -> Self {
        Self::Unknown
    }
}

impl<T> Fallible for Option<Result<T>> {
    fn failed(error: Error) -> Self {
        Some(Err(error))
    }
}

impl Fallible for Option<ClusterState> {
    /// There is no state; the outcome of the wait is the error.
    fn failed(_: Error) -> Self {
        None
    }
}

/// A runtime on its own thread. Dropping it ends the thread without waiting.
#[derive(Debug)]
pub(super) struct Runtime(RuntimeThread);

impl Runtime {
    pub(super) fn start() -> Result<Self> {
        let refuse = |error| Error::config("runtime", format!("cannot be started: {error}"));
        RuntimeThread::start("eloq-sdk").map(Self).map_err(refuse)
    }

    /// Runs a call to completion on this thread. On the thread of the runtime, where it would wait forever, it fails.
    pub(super) fn call<F: Future<Output: Fallible>>(&self, call: F) -> F::Output {
        match self.is_current() {
            true => F::Output::failed(Error::config("runtime", IN_OWN_RUNTIME)),
            false => self.wait(call),
        }
    }

    pub(super) fn is_current(&self) -> bool {
        thread::current().id() == self.0.id()
    }

    /// Runs a future to completion on this thread. Unlike tokio's `block_on` it also works on a thread of another runtime, since it
    /// only parks the thread. It is unconstrained: a coop budget would never be renewed.
    ///
    /// # Panics
    ///
    /// On the thread of the runtime, where it would wait forever.
    pub(super) fn wait<F: Future>(&self, future: F) -> F::Output {
        assert!(!self.is_current(), "{IN_OWN_RUNTIME}");
        let _context = self.0.handle().enter();
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
