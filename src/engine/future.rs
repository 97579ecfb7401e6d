//! Boxed futures.

use std::future::Future;
use std::pin::Pin;

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
