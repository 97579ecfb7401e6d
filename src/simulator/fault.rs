//! Faults: which requests they match, what they do, and the queue that holds them.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::response::{Response, envelope};
use crate::types::operation::Operation;

/// A failure for requests of one operation, or of any.
///
/// A fault applies once unless [`times`](Self::times) or [`always`](Self::always) changes that. One fault applies to a
/// request: the first in injection order that matches. It applies whether or not the request's key is correct.
///
/// A fault can combine a response ([`status`](Self::status), [`code`](Self::code), [`reply`](Self::reply),
/// [`wrong_schema`](Self::wrong_schema); the last call wins), extra headers, a delay, and an early end of the connection.
/// Without a response in the fault, the simulator handles the request and sends its own. With one, it does not apply the
/// request unless [`applied`](Self::applied) is set.
///
/// ```
/// use eloq_sdk::simulator::{Fault, Operation};
///
/// let overloaded = Fault::on(Operation::DescribeCluster)
///     .times(2)
///     .status(503)
///     .header("Retry-After", "1");
/// let created_without_response = Fault::on(Operation::CreateCluster).drop_after();
/// # let _ = (overloaded, created_without_response);
/// ```
#[must_use = "a fault does nothing until it is injected"]
#[derive(Clone, Debug)]
pub struct Fault {
    operation: Option<Operation>,
    /// The cluster that the request has to name.
    cluster: Option<String>,
    /// The cluster that the list lacks.
    hidden: Option<String>,
    skip: u32,
    /// `None`: unlimited.
    times: Option<u32>,
    response: Option<FaultResponse>,
    applied: bool,
    headers: Vec<(String, String)>,
    latency: Duration,
    interruption: Interruption,
}

#[derive(Clone, Debug)]
enum FaultResponse {
    Status(u16),
    Code(i64, String),
    WrongSchema,
    Raw { status: u16, content_type: String, body: Bytes },
}

/// Where the connection ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    None,
    /// No response, and the request is not applied.
    BeforeApply,
    /// No response, but the request is applied.
    AfterApply,
    /// After this many bytes of the body.
    MidBody(usize),
}

impl Fault {
    /// A fault for requests of one operation.
    ///
    /// ```
    /// use eloq_sdk::simulator::{Fault, Operation};
    ///
    /// let fault = Fault::on(Operation::ListClusters).status(500);
    /// # let _ = fault;
    /// ```
    pub fn on(operation: Operation) -> Self {
        Self::new(Some(operation))
    }

    /// A fault for every request, even to unknown paths.
    ///
    /// ```
    /// use std::time::Duration;
    /// use eloq_sdk::simulator::Fault;
    ///
    /// let slow = Fault::on_any().always().latency(Duration::from_millis(50));
    /// # let _ = slow;
    /// ```
    pub fn on_any() -> Self {
        Self::new(None)
    }

    fn new(operation: Option<Operation>) -> Self {
        Self {
            operation,
            cluster: None,
            hidden: None,
            skip: 0,
            times: Some(1),
            response: None,
            applied: false,
            headers: Vec::new(),
            latency: Duration::ZERO,
            interruption: Interruption::None,
        }
    }

    /// Applies to this many requests; 0 disables the fault.
    pub fn times(mut self, count: u32) -> Self {
        self.times = Some(count);
        self
    }

    /// Applies to every matching request until the faults are cleared.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Skips the first `count` matching requests, not counting those to which an earlier fault applies.
    pub fn after(mut self, count: u32) -> Self {
        self.skip = count;
        self
    }

    /// Applies only to requests that name this cluster, in the path or in the body of a create request.
    ///
    /// ```
    /// use eloq_sdk::simulator::{Fault, Operation};
    ///
    /// let one_of_many = Fault::on(Operation::DescribeCluster).cluster("orders").always().status(500);
    /// # let _ = one_of_many;
    /// ```
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.cluster = Some(name.into());
        self
    }

    /// Leaves this cluster out of the list, while `total` counts it: as a list does that was read between two changes.
    pub fn hide_cluster(mut self, name: impl Into<String>) -> Self {
        self.hidden = Some(name.into());
        self
    }

    /// Responds with this status, 200 to 999, and an error envelope. Other values yield a 500 with the reason.
    pub fn status(mut self, status: u16) -> Self {
        self.response = Some(FaultResponse::Status(status));
        self
    }

    /// Responds with HTTP status 200 and an envelope with this code and message, without data.
    ///
    /// ```
    /// use eloq_sdk::simulator::{Fault, Operation};
    ///
    /// let error_as_200 = Fault::on(Operation::OrgInfo).code(5001, "internal error");
    /// # let _ = error_as_200;
    /// ```
    pub fn code(mut self, code: i64, message: impl Into<String>) -> Self {
        self.response = Some(FaultResponse::Code(code, message.into()));
        self
    }

    /// Responds with these bytes. A status outside 200 to 999 or an invalid content type yields a 500 with the reason;
    /// an empty content type omits the header.
    ///
    /// ```
    /// use eloq_sdk::simulator::{Fault, Operation};
    ///
    /// let gateway = Fault::on(Operation::OrgInfo).reply(502, "text/html", "<h1>Bad Gateway</h1>");
    /// # let _ = gateway;
    /// ```
    pub fn reply(mut self, status: u16, content_type: impl Into<String>, body: impl Into<Bytes>) -> Self {
        self.response = Some(FaultResponse::Raw { status, content_type: content_type.into(), body: body.into() });
        self
    }

    /// Responds with status 200 and valid JSON that violates the operation's schema.
    pub fn wrong_schema(mut self) -> Self {
        self.response = Some(FaultResponse::WrongSchema);
        self
    }

    /// Applies the request before the fault's response replaces the real one.
    ///
    /// ```
    /// use eloq_sdk::simulator::{Fault, Operation};
    ///
    /// let created_but_bad_gateway = Fault::on(Operation::CreateCluster).status(502).applied();
    /// # let _ = created_but_bad_gateway;
    /// ```
    pub fn applied(mut self) -> Self {
        self.applied = true;
        self
    }

    /// Appends a response header. An invalid name or value yields a 500 with the reason.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Delays the response, in real time, in addition to the simulator's own latency. The simulator handles the
    /// request first.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Closes the connection without a response and does not apply the request.
    pub fn drop_before(mut self) -> Self {
        self.interruption = Interruption::BeforeApply;
        self
    }

    /// Applies the request, then closes the connection without a response.
    pub fn drop_after(mut self) -> Self {
        self.interruption = Interruption::AfterApply;
        self
    }

    /// Closes the connection after this many bytes of the response body; `Content-Length` still has the full length.
    /// A shorter body arrives whole.
    pub fn truncate(mut self, bytes: usize) -> Self {
        self.interruption = Interruption::MidBody(bytes);
        self
    }

    pub(super) fn delay(&self) -> Duration {
        self.latency
    }

    pub(super) fn interruption(&self) -> Interruption {
        self.interruption
    }

    /// Whether the cloud handles the request.
    pub(super) fn reaches_cloud(&self) -> bool {
        match self.interruption {
            Interruption::BeforeApply => false,
            Interruption::AfterApply => true,
            Interruption::None | Interruption::MidBody(_) => self.response.is_none() || self.applied,
        }
    }

    /// The response to send; `real` is `None` if the cloud did not handle the request.
    pub(super) fn replace_response(&self, real: Option<Response>) -> Response {
        let response = match (&self.response, real) {
            (Some(response), _) => response.to_response(),
            (None, Some(real)) => Ok(self.hide(real)),
            (None, None) => Ok(Response::error(StatusCode::BAD_GATEWAY, "no response")),
        };
        response
            .and_then(|response| self.add_headers(response))
            .unwrap_or_else(|reason| Response::simulator_error(&reason))
    }

    fn hide(&self, response: Response) -> Response {
        let Some(hidden) = &self.hidden else { return response };
        let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        if let Some(Value::Array(clusters)) = body.pointer_mut("/data/cluster_list") {
            clusters.retain(|cluster| cluster["cluster_name"] != **hidden);
        }
        Response { body: body.to_string().into(), ..response }
    }

    fn add_headers(&self, mut response: Response) -> Result<Response, String> {
        for (name, value) in &self.headers {
            let parsed = HeaderName::try_from(name).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
            let (name, value) = parsed.ok_or_else(|| format!("cannot send the header {name:?}"))?;
            response.headers.append(name, value);
        }
        Ok(response)
    }
}

impl FaultResponse {
    fn to_response(&self) -> Result<Response, String> {
        match self {
            Self::Status(status) => {
                let status = parse_status(*status)?;
                let reason = status.canonical_reason().unwrap_or("injected fault");
                Ok(Response::error(status, &reason.to_ascii_lowercase()))
            }
            Self::Code(code, message) => Ok(Response::json(StatusCode::OK, &envelope(*code, message, Value::Null))),
            Self::WrongSchema => Ok(Response::json(
                StatusCode::OK,
                &json!([{ "unexpected": { "shape": 1 } }, "of", "another", "service"]),
            )),
            Self::Raw { status, content_type, body } => {
                let mut response =
                    Response { status: parse_status(*status)?, headers: http::HeaderMap::new(), body: body.clone() };
                if !content_type.is_empty() {
                    let value = HeaderValue::from_str(content_type)
                        .map_err(|_| format!("cannot send the content type {content_type:?}"))?;
                    response.headers.insert(CONTENT_TYPE, value);
                }
                Ok(response)
            }
        }
    }
}

fn parse_status(status: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| format!("cannot send the status {status}"))
}

/// The remaining faults, in injection order.
#[derive(Debug, Default)]
pub(super) struct FaultQueue {
    faults: VecDeque<Fault>,
}

impl FaultQueue {
    pub(super) fn inject(&mut self, fault: Fault) {
        self.faults.push_back(fault);
    }

    pub(super) fn clear(&mut self) {
        self.faults.clear();
    }

    /// The fault for this request, if any; decrements its remaining count.
    pub(super) fn take_matching(
        &mut self,
        operation: Option<Operation>,
        cluster: &dyn Fn() -> Option<String>,
    ) -> Option<Fault> {
        let index = self.faults.iter_mut().position(|fault| {
            let matches = (fault.operation.is_none() || fault.operation == operation)
                && (fault.cluster.is_none() || fault.cluster == cluster());
            if !matches || fault.times == Some(0) {
                return false;
            }
            let skipped = fault.skip > 0;
            fault.skip = fault.skip.saturating_sub(1);
            !skipped
        })?;
        let fault = self.faults.get_mut(index)?;
        let taken = fault.clone();
        fault.times = fault.times.map(|left| left.saturating_sub(1));
        if fault.times == Some(0) {
            self.faults.remove(index);
        }
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_tag(queue: &mut FaultQueue, operation: Operation) -> Option<Duration> {
        queue.take_matching(Some(operation), &|| None).map(|fault| fault.delay())
    }

    fn tagged(fault: Fault, tag: u64) -> Fault {
        fault.latency(Duration::from_secs(tag))
    }

    #[test]
    fn faults_apply_in_injection_order() {
        let (info, list) = (Operation::OrgInfo, Operation::ListClusters);
        let mut queue = FaultQueue::default();
        queue.inject(tagged(Fault::on(info), 1).times(2));
        queue.inject(tagged(Fault::on_any(), 2));
        queue.inject(tagged(Fault::on(info), 3).after(1));
        let seen: Vec<_> = [info, list, info, info, info, info]
            .map(|operation| take_tag(&mut queue, operation).map_or(0, |tag| tag.as_secs()))
            .into();
        assert_eq!(seen, [1, 2, 1, 0, 3, 0]);
    }

    #[test]
    fn a_fault_can_apply_always_or_never() {
        let mut queue = FaultQueue::default();
        queue.inject(tagged(Fault::on_any(), 1).times(0));
        queue.inject(tagged(Fault::on_any(), 2).always());
        for _ in 0..3 {
            assert_eq!(take_tag(&mut queue, Operation::OrgInfo), Some(Duration::from_secs(2)));
        }
    }

    #[test]
    fn an_invalid_response_becomes_a_500_with_the_reason() {
        for fault in [
            Fault::on_any().status(42),
            Fault::on_any().status(101),
            Fault::on_any().reply(200, "text/\nhtml", ""),
            Fault::on_any().status(503).header("a b", "c"),
            Fault::on_any().status(503).header("a", "\n"),
        ] {
            let response = fault.replace_response(None);
            assert_eq!(response.status, 500, "{fault:?}");
            let body = String::from_utf8_lossy(&response.body);
            assert!(body.contains("simulator error: cannot send the "), "{body}");
        }
    }
}
