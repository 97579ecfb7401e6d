//! Recorded requests.

use std::collections::VecDeque;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION};

use crate::types::operation::Operation;

/// A request as the simulator received it.
///
/// `Debug` omits the values of headers that carry credentials.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> eloq_sdk::Result<()> {
/// use eloq_sdk::simulator::{Operation, Simulator};
///
/// let simulator = Simulator::start().await?;
/// simulator.client().info().await?;
/// let request = &simulator.requests()[0];
/// assert_eq!(request.operation(), Some(Operation::OrgInfo));
/// assert_eq!((request.method(), request.path(), request.query()), ("GET", "/api/v1/org-info", None));
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
    /// The HTTP method, such as `GET`.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The percent-encoded path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The percent-encoded query, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The first header with this name, ignoring case; `None` if it is absent or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers. Values that carry credentials are marked sensitive.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body; empty if it was absent or longer than 1 MiB.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The operation that method and path name; `None` if there is none.
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

/// Copies the value, since a received one keeps the connection's whole buffer in memory; hides credentials from `Debug`.
fn copy_header(name: &HeaderName, value: &HeaderValue) -> HeaderValue {
    let mut copy = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
    copy.set_sensitive([AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name));
    copy
}
