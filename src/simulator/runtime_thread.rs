//! A tokio runtime on a thread of its own.

use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Dropping it ends the thread and its tasks without waiting for them.
#[derive(Debug)]
pub(super) struct RuntimeThread {
    handle: Handle,
    /// Dropping it ends the thread.
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl RuntimeThread {
    pub(super) fn start(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            // The error means that the sender was dropped.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self { handle, stop, thread })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs the future on the thread, and blocks this one until it has completed; `None` if it panics. Unlike tokio's `block_on` it
    /// also works on a thread of another runtime.
    pub(super) fn run<T: Send + 'static>(&self, future: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (sender, receiver) = mpsc::channel();
        self.handle.spawn(async move { sender.send(future.await) });
        receiver.recv().ok()
    }

    /// Ends the thread and blocks until its tasks have ended and their sockets are closed.
    pub(super) fn join(self) {
        drop(self.stop);
        // It has no result, and a panic in it has been printed already.
        let _ = self.thread.join();
    }
}

#[cfg(test)]
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
