//! `StopHandle`: stops a blocking call from another thread.

use std::sync::Arc;

use tokio::sync::watch;

use crate::engine::future::until;

/// Stops a blocking call from another thread, as a handler of Ctrl-C does. Clones stop the same call.
///
/// ```no_run
/// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
/// use eloq_sdk::Error;
///
/// let mut wait = client.wait_for_cluster("my-cluster").connectable();
/// let stop = wait.stop_handle();
/// std::thread::spawn(move || {
///     // Until something happens, then:
///     stop.stop();
/// });
/// match wait.send() {
///     Ok(credentials) => println!("{}", credentials.host),
///     Err(Error::Stopped) => println!("stopped"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<watch::Sender<bool>>);

impl StopHandle {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Stops the call. It ends at once with [`Error::Stopped`](crate::Error::Stopped), also if it begins later.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Returns true if it was stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Runs a future until it is stopped; `None` if that comes first.
    pub(super) async fn unless_stopped<F: Future>(&self, future: F) -> Option<F::Output> {
        if self.is_stopped() {
            return None;
        }
        let mut stopped = self.0.subscribe();
        // The sender lives as long as this handle.
        until(future, stopped.wait_for(|stopped| *stopped)).await
    }
}
