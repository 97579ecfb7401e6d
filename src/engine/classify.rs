//! Reads what one attempt brought: a success, also in an unusual form, or the one `Error` that says what went wrong.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::response::{Response, ResponseData};
use super::{future::boxed, headers, json_path, session::Session};
use crate::connection::{auth::PROVIDER, tls};
use crate::error::{Error, Result, api_error::ApiError, failure::Failure};
use crate::raw::{self, response::Exchanged, response::Head};
use crate::types::{envelope::Envelope, operation::Operation, text};

const MAX_MESSAGE_BYTES: usize = 1024;
const MAX_EXCERPT_BYTES: usize = 8 * 1024;

const NO_RESPONSE_IN_TIME: &str = "no complete response within the timeout";

/// Reads what one attempt brought.
pub(super) struct ResponseParser<'a> {
    pub(super) operation: Operation,
    pub(super) session: &'a Session,
}

/// An envelope with any data.
type EnvelopeStatus = Envelope<IgnoredAny>;

impl ResponseParser<'_> {
    /// Waits for the response of one attempt: a 2xx with its body.
    pub(super) async fn receive(&self, response: impl Future<Output = Exchanged>) -> Result<(Head, Bytes)> {
        let error = match response.await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        match *error {
            raw::Error::UnexpectedResponse(response) => boxed(|| self.success(response)).await,
            error => Err(self.no_response(error)),
        }
    }

    /// Decodes a 2xx.
    pub(super) fn decode<T: ResponseData>(&self, head: Head, body: &[u8]) -> Result<Response<T>> {
        let response = match raw::codec::parse::<Envelope<T>>(body) {
            Ok(envelope) if head.status == StatusCode::OK => {
                if !envelope.is_success() {
                    return Err(self.refused(&head, Some(envelope.code), &envelope.message, &[]));
                }
                self.check_complete(&envelope.data, &head)?;
                Response { envelope, head }
            }
            _ => self.unusual_success(head, body)?,
        };
        self.session.report_drift(&response.envelope);
        Ok(response)
    }

    /// The body of a 2xx, or the error that another status is.
    async fn success(&self, mut response: reqwest::Response) -> Result<(Head, Bytes)> {
        let head = Head::take(&mut response);
        match head.status.as_u16() {
            200..300 => {
                let body = self.body(&mut response).await.map_err(|error| self.transport(error))?;
                Ok((head, body))
            }
            400..600 => {
                // The status is enough: why the body ended early adds nothing.
                let body = self.body(&mut response).await.unwrap_or_default();
                let status = serde_json::from_slice::<EnvelopeStatus>(&body).ok();
                let code = status.as_ref().map(|status| status.code);
                let message = status.map(|status| status.message).unwrap_or_default();
                Err(self.refused(&head, code, &message, &body))
            }
            other => {
                let message = match other {
                    300..400 => "the service responded with a redirect, which is not followed: check the base URL",
                    _ => "the service responded with a status that has no meaning here",
                };
                Err(Error::protocol(self.failure(message, Some(&head))))
            }
        }
    }

    async fn body(&self, response: &mut reqwest::Response) -> reqwest::Result<Bytes> {
        raw::codec::read_body(&self.session.raw().inner, response).await
    }

    /// A 2xx that the generated decoder did not accept: a status other than 200, no envelope, or another form.
    #[cold]
    #[inline(never)]
    fn unusual_success<T: ResponseData>(&self, head: Head, body: &[u8]) -> Result<Response<T>> {
        if body.is_empty() && head.status != StatusCode::OK && !self.operation.needs_data() {
            return Ok(Response { envelope: Envelope::bare(None), head });
        }
        if let Ok(status) = serde_json::from_slice::<EnvelopeStatus>(body)
            && !status.is_success()
        {
            return Err(self.refused(&head, Some(status.code), &status.message, body));
        }
        let mismatch = match raw::codec::parse::<Envelope<T>>(body) {
            Ok(envelope) => {
                self.check_complete(&envelope.data, &head)?;
                return Ok(Response { envelope, head });
            }
            Err(error) => error,
        };
        // One page of the vendor shows a response without its envelope. Where any JSON is valid data, as for a write, accepting
        // that would turn the response of another service into a success.
        if self.operation.needs_data()
            && body.trim_ascii_start().starts_with(b"{")
            && !has_code(body)
            && let Ok(bare) = serde_json::from_slice::<T>(body)
        {
            return Ok(Response { envelope: Envelope::bare(Some(bare)), head });
        }
        Err(self.mismatch(&mismatch, &head, body))
    }

    fn mismatch(&self, error: &serde_json::Error, head: &Head, body: &[u8]) -> Error {
        let is_json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
        let message = match error.classify() {
            _ if !is_json => {
                let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
                let size = if body.is_empty() { "an empty body" } else { "a body" };
                format!("the response is not JSON: {size} of {}", text::line(kind.unwrap_or("no content type"), 100))
            }
            serde_json::error::Category::Data => "a value is missing or has another form than the API's".to_owned(),
            _ => "the JSON is incomplete, broken or nested too deep".to_owned(),
        };
        let mut failure = self.failure(message, Some(head));
        failure.path = is_json.then(|| text::line(&json_path::of(error, body), 200));
        Error::Decode { failure }
    }

    #[cold]
    #[inline(never)]
    fn refused(&self, head: &Head, code: Option<i64>, message: &str, body: &[u8]) -> Error {
        let mut message = text::line(message, MAX_MESSAGE_BYTES);
        if message.is_empty() {
            message = head.status.canonical_reason().unwrap_or("the service refused").to_owned();
        }
        let excerpt = String::from_utf8_lossy(&body[..body.len().min(2 * MAX_EXCERPT_BYTES)]);
        let api = ApiError {
            code,
            request_id: head.request_id(),
            retry_after: headers::retry_after(&head.headers, SystemTime::now()),
            excerpt: text::line(&excerpt, MAX_EXCERPT_BYTES),
            ..ApiError::new(self.operation, head.status, message)
        };
        Error::from(api)
    }

    /// Refuses a success without the data that the operation is for.
    fn check_complete<T>(&self, data: &Option<T>, head: &Head) -> Result<()> {
        if data.is_some() || !self.operation.needs_data() {
            return Ok(());
        }
        let failure = self.failure("a value is missing", Some(head));
        Err(Error::decode(failure.at("data")))
    }

    #[cold]
    #[inline(never)]
    fn no_response(&self, error: raw::Error) -> Error {
        match error {
            raw::Error::InvalidRequest(reason) => Error::invalid_input("request", reason),
            raw::Error::CommunicationError(error) | raw::Error::ResponseBodyError(error) => self.transport(error),
            raw::Error::Closed => Error::Closed,
            raw::Error::NoCredential(reason) => Error::config(PROVIDER, reason),
            raw::Error::UnexpectedResponse(_) => Error::protocol(self.failure("unexpected response", None)),
        }
    }

    fn transport(&self, error: reqwest::Error) -> Error {
        let chain = || successors(error.source(), |error| (*error).source());
        let too_large = chain().any(|error| error.is::<http_body_util::LengthLimitError>());
        let by_tls = chain().any(tls::is_failure);
        // hyper reports a bad chunk as an I/O error with invalid data.
        let malformed = chain()
            .filter_map(|error| error.downcast_ref::<io::Error>())
            .any(|error| matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput));
        let lost = chain().any(|error| {
            let closed = error
                .downcast_ref::<hyper::Error>()
                .is_some_and(|error| error.is_incomplete_message() || error.is_closed() || error.is_canceled());
            closed || error.is::<io::Error>()
        });
        let proxy = chain().find_map(proxy_failure);
        let connecting = error.is_connect();
        let timeout = error.is_timeout();
        let (kind, message, transient): (fn(Box<Failure>) -> Error, _, _) = match () {
            () if timeout && connecting => (Error::timeout, "no connection within the timeout", true),
            () if timeout => (Error::timeout, NO_RESPONSE_IN_TIME, true),
            () if error.is_builder() => (Error::protocol, "the request could not be built", false),
            () if by_tls => {
                (Error::connect, "TLS failed: the certificate or protocol of the server is not accepted", false)
            }
            () if proxy == Some(ProxyFailure::Unreachable) => {
                (Error::connect, "the proxy cannot be reached: check its address", true)
            }
            () if proxy == Some(ProxyFailure::Refused) => {
                (Error::connect, "the proxy refused the connection: check its address and credentials", false)
            }
            () if connecting => (Error::connect, "the connection failed", true),
            () if too_large => (Error::protocol, "the response is too large", false),
            () if lost && !malformed => {
                (Error::connect, "the connection was lost before the response was complete", true)
            }
            () => (Error::protocol, "the response is not well-formed HTTP", true),
        };
        let mut failure = self.failure(message, None);
        failure.sent = !connecting && !error.is_builder();
        failure.transient = transient;
        failure.source = Some(Arc::new(error.without_url()));
        kind(failure)
    }

    fn failure(&self, message: impl Into<String>, head: Option<&Head>) -> Box<Failure> {
        let mut failure = Failure::new(self.operation, message);
        if let Some(head) = head {
            failure.status = Some(head.status);
            failure.request_id = head.request_id();
        }
        Box::new(failure)
    }
}

/// Why there is no tunnel through the proxy.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ProxyFailure {
    /// No connection to the proxy, or none until it responds: nothing tells that a later attempt fails, too.
    Unreachable,
    /// The proxy responded, and opened no tunnel.
    Refused,
}

/// The failure of a proxy, by its text, since hyper-util does not export the type of this error.
fn proxy_failure(error: &(dyn StdError + 'static)) -> Option<ProxyFailure> {
    const UNREACHABLE: [&str; 3] =
        ["failed to create underlying connection", "io error establishing tunnel", "unexpected end of file"];
    let text = error.to_string();
    let cause = text.strip_prefix("tunnel error: ")?;
    Some(if UNREACHABLE.contains(&cause) { ProxyFailure::Unreachable } else { ProxyFailure::Refused })
}

/// A call ended without a response and without an error, which no attempt does.
pub(super) fn no_response(operation: Operation) -> Error {
    Error::protocol(Failure::new(operation, "the response was lost"))
}

/// The deadline of a call passed; `sent` tells whether a request was in flight.
pub(crate) fn deadline_exceeded(operation: Operation, sent: bool) -> Error {
    let failure = Failure::new(operation, "the deadline of the call passed");
    Error::timeout(Failure { sent, transient: true, ..failure })
}

/// The timeout of an attempt passed.
pub(super) fn attempt_timed_out(operation: Operation) -> Error {
    Error::timeout(Failure { transient: true, ..Failure::new(operation, NO_RESPONSE_IN_TIME) })
}

/// A write was sent, and no response tells its outcome.
pub(crate) fn into_outcome_unknown(operation: Operation, cause: Error) -> Error {
    let check = match operation {
        Operation::CreateCluster | Operation::DeleteCluster => {
            "look for the cluster with clusters() before sending it again"
        }
        Operation::WriteRequest => "check whether the service carried it out before sending it again",
        Operation::SubscribePlan => "check user_subscription() before sending it again",
        _ => "check the cluster with cluster() before sending it again",
    };
    let mut failure = Failure::new(operation, format!("the outcome is unknown ({}): {check}", cause.message()));
    failure.status = cause.status().and_then(|status| StatusCode::from_u16(status).ok());
    failure.request_id = cause.request_id().map(str::to_owned);
    failure.trail.attempts = cause.attempts().to_vec();
    failure.source = Some(Arc::new(cause));
    Error::outcome_unknown(failure)
}

fn has_code(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Code {
        #[serde(rename = "code")]
        _code: IgnoredAny,
    }
    serde_json::from_slice::<Code>(body).is_ok()
}
