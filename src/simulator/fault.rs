//! Faults: what goes wrong with which request, and the plan that hands them out.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::operation::Operation;
use super::reply::{Reply, envelope};

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
    answer: Option<Answer>,
    applied: bool,
    headers: Vec<(String, String)>,
    latency: Duration,
    cut: Cut,
}

#[derive(Clone, Debug)]
enum Answer {
    Status(u16),
    Code(i64, String),
    WrongSchema,
    Canned { status: u16, content_type: String, body: Bytes },
}

/// How much of the reply arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    All,
    /// Nothing, and the request is not applied.
    Before,
    /// Nothing, though the request is applied.
    After,
    Body(usize),
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
            answer: None,
            applied: false,
            headers: Vec::new(),
            latency: Duration::ZERO,
            cut: Cut::All,
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
        self.answer = Some(Answer::Status(status));
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
        self.answer = Some(Answer::Code(code, message.into()));
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
        self.answer = Some(Answer::Canned { status, content_type: content_type.into(), body: body.into() });
        self
    }

    /// Replies with status 200 and valid JSON of another shape than the operation has.
    pub fn wrong_schema(mut self) -> Self {
        self.answer = Some(Answer::WrongSchema);
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
        self.cut = Cut::Before;
        self
    }

    /// Applies the request, then closes the connection without a reply.
    pub fn drop_after(mut self) -> Self {
        self.cut = Cut::After;
        self
    }

    /// Closes the connection after that many bytes of the reply's body, although its Content-Length promises all of
    /// them. A shorter reply arrives whole.
    pub fn truncate(mut self, bytes: usize) -> Self {
        self.cut = Cut::Body(bytes);
        self
    }

    pub(super) fn delay(&self) -> Duration {
        self.latency
    }

    pub(super) fn cut(&self) -> Cut {
        self.cut
    }

    /// Whether the cloud sees the request.
    pub(super) fn lets_through(&self) -> bool {
        match self.cut {
            Cut::Before => false,
            Cut::After => true,
            Cut::All | Cut::Body(_) => self.answer.is_none() || self.applied,
        }
    }

    /// The reply that the client gets in place of the cloud's, which is `None` when the cloud was not asked.
    pub(super) fn disguise(&self, real: Option<Reply>) -> Reply {
        let reply = match (&self.answer, real) {
            (Some(answer), _) => answer.to_reply(),
            (None, Some(real)) => Ok(real),
            (None, None) => Ok(Reply::error(StatusCode::BAD_GATEWAY, "no reply")),
        };
        reply.and_then(|reply| self.add_headers(reply)).unwrap_or_else(|reason| Reply::impossible(&reason))
    }

    fn add_headers(&self, mut reply: Reply) -> Result<Reply, String> {
        for (name, value) in &self.headers {
            let parsed = HeaderName::try_from(name).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
            let (name, value) = parsed.ok_or_else(|| format!("send the header {name:?}"))?;
            reply.headers.append(name, value);
        }
        Ok(reply)
    }
}

impl Answer {
    fn to_reply(&self) -> Result<Reply, String> {
        match self {
            Self::Status(status) => {
                let status = final_status(*status)?;
                let reason = status.canonical_reason().unwrap_or("injected fault");
                Ok(Reply::error(status, &reason.to_ascii_lowercase()))
            }
            Self::Code(code, message) => Ok(Reply::json(StatusCode::OK, &envelope(*code, message, Value::Null))),
            Self::WrongSchema => {
                Ok(Reply::json(StatusCode::OK, &json!([{ "unexpected": { "shape": 1 } }, "of", "another", "service"])))
            }
            Self::Canned { status, content_type, body } => {
                let mut reply =
                    Reply { status: final_status(*status)?, headers: http::HeaderMap::new(), body: body.clone() };
                if !content_type.is_empty() {
                    let value = HeaderValue::from_str(content_type)
                        .map_err(|_| format!("send the content type {content_type:?}"))?;
                    reply.headers.insert(CONTENT_TYPE, value);
                }
                Ok(reply)
            }
        }
    }
}

fn final_status(status: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| format!("reply with the status {status}"))
}

/// The faults that are still to come, in the order of their injection.
#[derive(Debug, Default)]
pub(super) struct Plan {
    faults: VecDeque<Fault>,
}

impl Plan {
    pub(super) fn inject(&mut self, fault: Fault) {
        self.faults.push_back(fault);
    }

    pub(super) fn clear(&mut self) {
        self.faults.clear();
    }

    /// The fault that strikes this request, if any; counts it down.
    pub(super) fn strike(&mut self, operation: Option<Operation>) -> Option<Fault> {
        let index = self.faults.iter_mut().position(|fault| {
            let matches = fault.operation.is_none() || fault.operation == operation;
            if !matches || fault.times == Some(0) {
                return false;
            }
            let passes = fault.skip > 0;
            fault.skip = fault.skip.saturating_sub(1);
            !passes
        })?;
        let fault = self.faults.get_mut(index)?;
        let struck = fault.clone();
        fault.times = fault.times.map(|left| left.saturating_sub(1));
        if fault.times == Some(0) {
            self.faults.remove(index);
        }
        Some(struck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(plan: &mut Plan, operation: Operation) -> Option<Duration> {
        plan.strike(Some(operation)).map(|fault| fault.delay())
    }

    fn marked(fault: Fault, mark: u64) -> Fault {
        fault.latency(Duration::from_secs(mark))
    }

    #[test]
    fn faults_strike_in_the_order_of_their_injection() {
        let (info, list) = (Operation::OrgInfo, Operation::ListClusters);
        let mut plan = Plan::default();
        plan.inject(marked(Fault::on(info), 1).times(2));
        plan.inject(marked(Fault::on_any(), 2));
        plan.inject(marked(Fault::on(info), 3).after(1));
        let seen: Vec<_> = [info, list, info, info, info, info]
            .map(|operation| struck(&mut plan, operation).map_or(0, |mark| mark.as_secs()))
            .into();
        assert_eq!(seen, [1, 2, 1, 0, 3, 0]);
    }

    #[test]
    fn a_fault_can_stay_for_ever_or_never_strike() {
        let mut plan = Plan::default();
        plan.inject(marked(Fault::on_any(), 1).times(0));
        plan.inject(marked(Fault::on_any(), 2).always());
        for _ in 0..3 {
            assert_eq!(struck(&mut plan, Operation::OrgInfo), Some(Duration::from_secs(2)));
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
            let reply = fault.disguise(None);
            assert_eq!(reply.status, 500, "{fault:?}");
            let body = String::from_utf8_lossy(&reply.body);
            assert!(body.contains("the simulator cannot"), "{body}");
        }
    }
}
