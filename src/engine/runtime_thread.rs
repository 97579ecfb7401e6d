//! `RuntimeThread`: a tokio runtime on a thread of its own, for blocking clients and for the simulator.

use std::io;
#[cfg(feature = "simulator")]
use std::sync::mpsc;
#[cfg(feature = "blocking")]
use std::thread::ThreadId;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Dropping it ends the thread and its tasks without waiting for them.
#[derive(Debug)]
pub(crate) struct RuntimeThread {
    handle: Handle,
    /// Dropping it ends the thread.
    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "it is only dropped"))]
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl RuntimeThread {
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            // The error means that the sender was dropped.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self { handle, stop, thread })
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn id(&self) -> ThreadId {
        self.thread.thread().id()
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs the future on the thread, and blocks this one until it has completed; `None` if it panics. Unlike tokio's `block_on` it
    /// also works on a thread of another runtime.
    #[cfg(feature = "simulator")]
    pub(crate) fn run<T: Send + 'static>(&self, future: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (sender, receiver) = mpsc::channel();
        self.handle.spawn(async move { sender.send(future.await) });
        receiver.recv().ok()
    }

    /// Ends the thread and blocks until its tasks have ended and their sockets are closed.
    #[cfg(feature = "simulator")]
    pub(crate) fn join(self) {
        drop(self.stop);
        // It has no result, and a panic in it has been printed already.
        let _ = self.thread.join();
    }
}

#[cfg(all(test, feature = "simulator"))]
mod tests {
    use super::*;
    use std::future::pending;
    use std::sync::Arc;

    #[test]
    fn joining_it_drops_its_tasks_first() -> io::Result<()> {
        let thread = RuntimeThread::start("test")?;
        let held = Arc::new(());
        let in_task = Arc::clone(&held);
        thread.handle().spawn(async move {
            pending::<()>().await;
            drop(in_task);
        });
        assert_eq!(thread.run(async { 7 }), Some(7));
        thread.join();
        assert_eq!(Arc::strong_count(&held), 1);
        Ok(())
    }
}
