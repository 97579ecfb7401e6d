//! The thread that does the waiting for blocking clients: it drives sockets and timers, while each call runs on the thread that
//! makes it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::coop::unconstrained;

use crate::{Error, Result};

/// A runtime on a thread of its own; it ends when this is dropped, which waits for nothing.
#[derive(Debug)]
pub(super) struct Runtime {
    handle: Handle,
    /// Dropping it tells the thread to end.
    _end: oneshot::Sender<()>,
}

impl Runtime {
    pub(super) fn start() -> Result<Self> {
        let refuse = |error: std::io::Error| Error::config("runtime", format!("cannot be started: {error}"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(refuse)?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        let drive = move || {
            // The error says that the sender is gone, which is what is waited for.
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        };
        thread::Builder::new().name("eloq-sdk".to_owned()).spawn(drive).map_err(refuse)?;
        Ok(Self { handle, _end: end })
    }

    /// Runs a future to its end on this thread. Unlike tokio's `block_on` it works on a thread of another runtime, too, since
    /// it only waits to be woken; and unlike a task of that runtime it is held to no budget, which only giving way would renew.
    pub(super) fn wait<F: Future>(&self, future: F) -> F::Output {
        let _context = self.handle.enter();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(unconstrained(future));
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread::park(),
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}
