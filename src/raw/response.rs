//! `ResponseValue`: a decoded response of the raw client.

use std::fmt;
use std::ops::Deref;

use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

/// A decoded response with its status and headers.
pub struct ResponseValue<T> {
    inner: T,
    head: Head,
}

/// Status and headers of a response, and when it came.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Not later than the request was sent.
    pub(crate) sent: Instant,
    pub(crate) received: Instant,
}

impl Head {
    /// Takes the headers from a response whose body is still to be read.
    pub(crate) fn take(response: &mut reqwest::Response) -> Self {
        let now = Instant::now();
        Self { status: response.status(), headers: std::mem::take(response.headers_mut()), sent: now, received: now }
    }
}

impl<T> ResponseValue<T> {
    pub(crate) fn new(inner: T, head: Head) -> Self {
        Self { inner, head }
    }

    /// Returns the decoded response.
    pub fn into_inner(self) -> T {
        self.inner
    }

    pub(crate) fn into_parts(self) -> (T, Head) {
        (self.inner, self.head)
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
