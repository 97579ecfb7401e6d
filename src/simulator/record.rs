//! The record of received requests.

use std::collections::VecDeque;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION};

use super::operation::Operation;

/// A request that the simulator received, as it came over the wire.
///
/// Debug prints no value of a header that carries credentials.
///
/// ```no_run
/// # async fn example() -> eloq_sdk::Result<()> {
/// use eloq_sdk::simulator::{Operation, Simulator};
///
/// let simulator = Simulator::start().await?;
/// simulator.client().info().await?;
/// let request = &simulator.requests()[0];
/// assert_eq!(request.operation(), Some(Operation::OrgInfo));
/// assert_eq!(request.path(), "/api/v1/org-info");
/// assert_eq!(request.header("authorization"), Some(simulator.api_key()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) operation: Option<Operation>,
}

impl RecordedRequest {
    /// The HTTP method, in capitals.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, still percent-encoded, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query, still percent-encoded, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The first header of that name, in any case; `None` when it is absent or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers. The value of `authorization` is marked sensitive.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body; empty when it was absent or longer than the simulator takes (1 MiB).
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The operation that method and path stand for; `None` when there is no such one.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.operation
    }
}

/// Keeps the newest requests.
#[derive(Debug)]
pub(super) struct Recorder {
    requests: VecDeque<RecordedRequest>,
    limit: usize,
}

impl Recorder {
    pub(super) fn new(limit: usize) -> Self {
        Self { requests: VecDeque::new(), limit }
    }

    pub(super) fn add(&mut self, mut request: RecordedRequest) {
        request.headers =
            request.headers.iter().map(|(name, value)| (name.clone(), copy_header(name, value))).collect();
        self.requests.push_back(request);
        while self.requests.len() > self.limit {
            self.requests.pop_front();
        }
    }

    pub(super) fn all(&self) -> Vec<RecordedRequest> {
        self.requests.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.requests.clear();
    }
}

/// A copy, since a value as received keeps the connection's whole buffer in memory; secret ones are not for Debug.
fn copy_header(name: &HeaderName, value: &HeaderValue) -> HeaderValue {
    let mut copy = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
    copy.set_sensitive([AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name));
    copy
}
