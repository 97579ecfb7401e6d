//! Boxed futures, tasks, and streams of their results.

use std::future::Future;
use std::pin::{Pin, pin};

use futures_util::future::{Either, select};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt, TryStreamExt};
use tokio::task::JoinHandle;
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

/// Runs a future as a task, which ends if its output is no longer awaited. A panic goes on in here; a task that its runtime has ended
/// is closed.
pub(crate) fn task<F: Future<Output: Send> + Send + 'static>(future: F) -> impl Future<Output = Result<F::Output>> {
    let mut task = AbortOnDrop(tokio::spawn(future.in_current_span()));
    async move {
        (&mut task.0).await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Error::Closed,
        })
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs a future until another one ends; `None` if that comes first.
pub(crate) async fn until<F: Future, S: Future>(future: F, stop: S) -> Option<F::Output> {
    match select(pin!(future), pin!(stop)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

/// Runs futures as tasks, at most `limit` at the same time. The first error ends the others.
pub(crate) async fn try_join_all<T, F>(limit: usize, futures: impl IntoIterator<Item = F>) -> Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let tasks = stream::iter(futures).enumerate();
    let tasks = tasks.map(|(place, future)| async move { Ok((place, task(future).await??)) });
    in_order(tasks.buffer_unordered(limit)).await
}

/// Results as they come, each with its place among all.
pub(crate) type Results<T, P = usize> = BoxStream<'static, Result<(P, T)>>;

/// All results in the order of their places.
pub(crate) async fn in_order<T, P: Ord>(results: impl Stream<Item = Result<(P, T)>>) -> Result<Vec<T>> {
    let mut all: Vec<_> = results.try_collect().await?;
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

/// Makes a request with a method `results`, which returns its [`Results`], a stream of them and a future of all.
macro_rules! results {
    ($request:ident$(<$data:ident>)? => $result:ty; $(#[$next:meta])+ next; $(#[$send:meta])+ send;) => {
        impl$(<$data: Send + 'static>)? $request$(<$data>)? {
            $(#[$next])+
            pub async fn next(&mut self) -> Option<crate::error::Result<$result>> {
                futures_util::StreamExt::next(self).await
            }

            $(#[$send])+
            pub async fn send(mut self) -> crate::error::Result<Vec<$result>> {
                crate::engine::future::in_order(self.results()).await
            }
        }

        impl$(<$data: Send + 'static>)? futures_util::Stream for $request$(<$data>)? {
            type Item = crate::error::Result<$result>;

            fn poll_next(
                mut self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Self::Item>> {
                self.results().as_mut().poll_next(context).map_ok(|(_, result)| result)
            }
        }

        impl$(<$data>)? Unpin for $request$(<$data>)? {}

        crate::types::debug::debug! { $request$(<$data>)? {} }

        crate::engine::future::awaitable! { $request$(<$data>)? => crate::error::Result<Vec<$result>> }
    };
}

pub(crate) use results;
