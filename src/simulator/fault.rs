//! Faults: what goes wrong with which request, and the plan that hands them out.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::operation::Operation;
use super::response::{Response, envelope};

/// Something that goes wrong with the requests of one operation, or of any.
///
/// A fault strikes once unless [`times`](Self::times) or [`always`](Self::always) says otherwise. Faults that match a
/// request are used up in the order of their injection: one fault for one request. A fault strikes whether or not
/// the request's key is right.
///
/// What a fault does can be combined: a reply of its own ([`status`](Self::status), [`code`](Self::code),
/// [`reply`](Self::reply), [`wrong_schema`](Self::wrong_schema); the last one counts), extra headers, a delay, and a
/// connection that ends too early. A fault without a reply of its own lets the cloud answer. A request that is
/// answered by a fault is not applied to the cloud, unless [`applied`](Self::applied) is there.
///
/// ```
/// use eloq_sdk::simulator::{Fault, Operation};
///
/// let overloaded = Fault::on(Operation::DescribeCluster)
///     .times(2)
///     .status(503)
///     .header("Retry-After", "1");
/// let created_but_nobody_knows = Fault::on(Operation::CreateCluster).drop_after();
/// # let _ = (overloaded, created_but_nobody_knows);
/// ```
#[must_use = "a fault does nothing until it is injected"]
#[derive(Clone, Debug)]
pub struct Fault {
    operation: Option<Operation>,
    skip: u32,
    /// `None`: for ever.
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

/// How much of the reply arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    None,
    /// Nothing, and the request is not applied.
    BeforeApply,
    /// Nothing, though the request is applied.
    AfterApply,
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

    /// A fault for every request, even one that is no operation of the API.
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
            skip: 0,
            times: Some(1),
            response: None,
            applied: false,
            headers: Vec::new(),
            latency: Duration::ZERO,
            interruption: Interruption::None,
        }
    }

    /// Strikes that many requests; 0 disarms the fault.
    pub fn times(mut self, count: u32) -> Self {
        self.times = Some(count);
        self
    }

    /// Strikes every matching request until the faults are cleared.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Lets the first `count` matching requests pass that no earlier fault strikes.
    pub fn after(mut self, count: u32) -> Self {
        self.skip = count;
        self
    }

    /// Replies with that status, 200 to 999, and the error envelope. Another number makes the reply a 500 that says so.
    pub fn status(mut self, status: u16) -> Self {
        self.response = Some(FaultResponse::Status(status));
        self
    }

    /// Replies with HTTP status 200 and an envelope that has this code and message and no data.
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

    /// Replies with these bytes. A status outside 200 to 999 or a content type that is no header value makes the
    /// reply a 500 that says so; with an empty content type the reply has none.
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

    /// Replies with status 200 and valid JSON of another shape than the operation has.
    pub fn wrong_schema(mut self) -> Self {
        self.response = Some(FaultResponse::WrongSchema);
        self
    }

    /// Applies the request to the cloud before the fault's own reply takes the place of the real one.
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

    /// Adds a header to the reply, beside those of the same name. One that HTTP does not allow makes the reply a 500
    /// that says so.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Holds the reply back, in real time, beside the simulator's own latency. What the request asks for has happened
    /// by then.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Closes the connection without a reply; the request is not applied.
    pub fn drop_before(mut self) -> Self {
        self.interruption = Interruption::BeforeApply;
        self
    }

    /// Applies the request, then closes the connection without a reply.
    pub fn drop_after(mut self) -> Self {
        self.interruption = Interruption::AfterApply;
        self
    }

    /// Closes the connection after that many bytes of the reply's body, although its Content-Length promises all of
    /// them. A shorter reply arrives whole.
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

    /// Whether the cloud sees the request.
    pub(super) fn reaches_cloud(&self) -> bool {
        match self.interruption {
            Interruption::BeforeApply => false,
            Interruption::AfterApply => true,
            Interruption::None | Interruption::MidBody(_) => self.response.is_none() || self.applied,
        }
    }

    /// The reply that the client gets in place of the cloud's, which is `None` when the cloud was not asked.
    pub(super) fn replace_response(&self, real: Option<Response>) -> Response {
        let response = match (&self.response, real) {
            (Some(response), _) => response.to_response(),
            (None, Some(real)) => Ok(real),
            (None, None) => Ok(Response::error(StatusCode::BAD_GATEWAY, "no reply")),
        };
        response
            .and_then(|response| self.add_headers(response))
            .unwrap_or_else(|reason| Response::simulator_error(&reason))
    }

    fn add_headers(&self, mut response: Response) -> Result<Response, String> {
        for (name, value) in &self.headers {
            let parsed = HeaderName::try_from(name).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
            let (name, value) = parsed.ok_or_else(|| format!("send the header {name:?}"))?;
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
                        .map_err(|_| format!("send the content type {content_type:?}"))?;
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
        .ok_or_else(|| format!("reply with the status {status}"))
}

/// The faults that are still to come, in the order of their injection.
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

    /// The fault that strikes this request, if any; counts it down.
    pub(super) fn take_matching(&mut self, operation: Option<Operation>) -> Option<Fault> {
        let index = self.faults.iter_mut().position(|fault| {
            let matches = fault.operation.is_none() || fault.operation == operation;
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

    fn take_mark(queue: &mut FaultQueue, operation: Operation) -> Option<Duration> {
        queue.take_matching(Some(operation)).map(|fault| fault.delay())
    }

    fn marked(fault: Fault, mark: u64) -> Fault {
        fault.latency(Duration::from_secs(mark))
    }

    #[test]
    fn faults_strike_in_the_order_of_their_injection() {
        let (info, list) = (Operation::OrgInfo, Operation::ListClusters);
        let mut queue = FaultQueue::default();
        queue.inject(marked(Fault::on(info), 1).times(2));
        queue.inject(marked(Fault::on_any(), 2));
        queue.inject(marked(Fault::on(info), 3).after(1));
        let seen: Vec<_> = [info, list, info, info, info, info]
            .map(|operation| take_mark(&mut queue, operation).map_or(0, |mark| mark.as_secs()))
            .into();
        assert_eq!(seen, [1, 2, 1, 0, 3, 0]);
    }

    #[test]
    fn a_fault_can_stay_for_ever_or_never_strike() {
        let mut queue = FaultQueue::default();
        queue.inject(marked(Fault::on_any(), 1).times(0));
        queue.inject(marked(Fault::on_any(), 2).always());
        for _ in 0..3 {
            assert_eq!(take_mark(&mut queue, Operation::OrgInfo), Some(Duration::from_secs(2)));
        }
    }

    #[test]
    fn a_reply_that_http_forbids_becomes_a_500_that_says_so() {
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
            assert!(body.contains("the simulator cannot"), "{body}");
        }
    }
}
