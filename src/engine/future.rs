//! Boxed futures, and the outputs of tasks.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::task::JoinError;

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
