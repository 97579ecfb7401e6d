//! `ResponseValue`: a decoded response of the raw client.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::error::Error;
use crate::types::text;

const REQUEST_ID_HEADERS: [&str; 4] = ["x-request-id", "request-id", "x-amzn-requestid", "x-correlation-id"];

/// The request id, printable.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = REQUEST_ID_HEADERS.iter().find_map(|name| headers.get(*name))?;
    let id = text::line(&String::from_utf8_lossy(value.as_bytes()), 100);
    (!id.is_empty()).then_some(id)
}

/// A decoded response with its status and headers.
pub struct ResponseValue<T> {
    inner: T,
    head: Head,
}

/// The head and the body of a response with status 200.
pub(crate) type Exchanged = Result<(Head, Bytes), Box<Error>>;

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

    pub(crate) fn request_id(&self) -> Option<String> {
        request_id(&self.headers)
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
