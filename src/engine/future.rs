//! Boxed futures, futures that report on their way, and tasks.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll};

use tokio::task::{JoinError, JoinSet};
use tracing::Instrument;

use crate::error::{Error, Result};

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes a request with a method `send` awaitable.
macro_rules! awaitable {
    ($request:ident$(<$data:ident>)? => $output:ty) => {
        impl$(<$data: Send + 'static>)? std::future::IntoFuture for $request$(<$data>)? {
            type Output = $output;
            type IntoFuture = crate::engine::future::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

pub(crate) use awaitable;

/// Boxes a future that is rarely needed. It is made in here, so that it takes no space in the frame of the caller.
#[cold]
#[inline(never)]
pub(crate) fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// The output of a task. A panic goes on here; a task that its runtime has ended is closed.
pub(crate) fn joined<T>(output: Result<T, JoinError>) -> Result<T> {
    output.map_err(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::Closed,
    })
}

/// Runs a future until another one ends; `None` if that comes first.
pub(crate) async fn until<F: Future, S: Future>(future: F, stop: S) -> Option<F::Output> {
    let (mut future, mut stop) = (pin!(future), pin!(stop));
    let either = poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => stop.as_mut().poll(context).map(|_| None),
    });
    either.await
}

/// A future that reports items until its output.
pub(crate) struct Reporting<I, O> {
    running: Option<BoxFuture<'static, O>>,
    items: Receiver<I>,
    output: Option<O>,
}

impl<I, O> Reporting<I, O> {
    pub(crate) fn start<F: Future<Output = O> + Send + 'static>(make: impl FnOnce(Sender<I>) -> F) -> Self {
        let (sender, items) = channel();
        Self { running: Some(Box::pin(make(sender))), items, output: None }
    }

    /// The next item; `None` once there is an output.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<I>> {
        if let Some(running) = &mut self.running
            && let Poll::Ready(output) = running.as_mut().poll(context)
        {
            (self.running, self.output) = (None, Some(output));
        }
        match self.items.try_recv() {
            Ok(item) => Poll::Ready(Some(item)),
            Err(_) if self.running.is_none() => Poll::Ready(None),
            Err(_) => Poll::Pending,
        }
    }

    pub(crate) fn into_output(self) -> Option<O> {
        self.output
    }
}

impl<I, O> fmt::Debug for Reporting<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporting").finish_non_exhaustive()
    }
}

/// Runs futures as tasks, at most `limit` at the same time. The first error ends the others.
pub(crate) async fn try_join_all<T, F>(limit: usize, futures: Vec<F>) -> Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let mut futures = futures.into_iter().enumerate();
    let mut outputs = Vec::new();
    let mut tasks = JoinSet::new();
    loop {
        for (position, future) in futures.by_ref().take(limit.saturating_sub(tasks.len())) {
            tasks.spawn(async move { (position, future.await) }.in_current_span());
        }
        let Some(output) = tasks.join_next().await else { break };
        let (position, output) = joined(output)?;
        outputs.push((position, output?));
    }
    outputs.sort_unstable_by_key(|(position, _)| *position);
    Ok(outputs.into_iter().map(|(_, output)| output).collect())
}
