//! Reads what the raw client brought back: a success in an unusual form, or the one `Error` that says what went wrong.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::drift::Inspect;
use crate::error::{ApiError, Failure};
use crate::raw::{self, State};
use crate::schema::Envelope;
use crate::transport::boxed;
use crate::{Error, Result, json_path, text, tls};

const MESSAGE_BYTES: usize = 1024;
const EXCERPT_BYTES: usize = 8 * 1024;
/// No service means to be waited for longer; a date far off is a mistake.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
const REQUEST_ID_HEADERS: [&str; 4] = ["x-request-id", "request-id", "x-amzn-requestid", "x-correlation-id"];

const NO_ANSWER_IN_TIME: &str = "no complete answer in time";

/// What an answer is about.
pub(crate) trait Answer: DeserializeOwned + Inspect {}

impl<T: DeserializeOwned + Inspect> Answer for T {}

/// Reads the result of one attempt of an operation that means nothing without data, or that does.
pub(crate) async fn read<T: Answer>(
    operation: &'static str,
    needs_data: bool,
    state: &State,
    result: Result<raw::ResponseValue<Envelope<T>>, raw::Error>,
) -> Result<Envelope<T>> {
    let reader = Reader { operation, needs_data, state };
    let envelope = match result {
        Ok(reply) if reply.is_success() => {
            reader.complete(&reply.data, reply.status(), reply.headers())?;
            reply.into_inner()
        }
        Ok(reply) => {
            let Envelope { code, message, .. } = &*reply;
            return Err(reader.refused(reply.status(), reply.headers(), Some(*code), message, &[]));
        }
        Err(raw::Error::UnexpectedResponse(response)) => {
            let (status, headers, body) = boxed(|| reader.success(response)).await?;
            reader.unusual_success(status, &headers, &body)?
        }
        Err(error) => return Err(reader.no_response(error)),
    };
    state.drifts.note(&envelope, |text| state.scrub(text));
    Ok(envelope)
}

struct Reader<'a> {
    operation: &'static str,
    needs_data: bool,
    state: &'a State,
}

/// An envelope, whatever its data.
type Head = Envelope<IgnoredAny>;

impl Reader<'_> {
    /// The whole of a 2xx, or the error that another answer is.
    async fn success(&self, mut response: reqwest::Response) -> Result<(StatusCode, HeaderMap, Bytes)> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        match status.as_u16() {
            200..300 => {
                let body = response.bytes().await.map_err(|error| self.transport(error))?;
                Ok((status, headers, body))
            }
            400..600 => {
                // The status says enough; what cut the body off adds nothing.
                let body = response.bytes().await.unwrap_or_default();
                let head = serde_json::from_slice::<Head>(&body).ok();
                let code = head.as_ref().map(|head| head.code);
                let message = head.map(|head| head.message).unwrap_or_default();
                Err(self.refused(status, &headers, code, &message, &body))
            }
            other => {
                let message = match other {
                    300..400 => "the service answered with a redirect, which is not followed: check the base URL",
                    _ => "the service answered with a status that has no meaning here",
                };
                Err(Error::Protocol(self.failure(message, Some((status, &headers)))))
            }
        }
    }

    /// A 2xx that the generated decoder did not take: another status than 200, no envelope, or another form.
    #[cold]
    #[inline(never)]
    fn unusual_success<T: Answer>(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Envelope<T>> {
        if body.is_empty() && status != StatusCode::OK && !self.needs_data {
            return Ok(Envelope::bare(None));
        }
        if let Ok(head) = serde_json::from_slice::<Head>(body)
            && !head.is_success()
        {
            return Err(self.refused(status, headers, Some(head.code), &head.message, body));
        }
        let mismatch = match raw::parse::<Envelope<T>>(body) {
            Ok(envelope) => {
                self.complete(&envelope.data, status, headers)?;
                return Ok(envelope);
            }
            Err(error) => error,
        };
        // One page of the vendor shows a reply without its envelope. Where any JSON would do for data, as with a change, this
        // would turn the answer of another service into a success.
        if self.needs_data
            && body.trim_ascii_start().starts_with(b"{")
            && !has_code(body)
            && let Ok(bare) = serde_json::from_slice::<T>(body)
        {
            return Ok(Envelope::bare(Some(bare)));
        }
        Err(self.mismatch(&mismatch, status, headers, body))
    }

    fn mismatch(&self, error: &serde_json::Error, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        let is_json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
        let message = match error.classify() {
            _ if !is_json => {
                let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("no content type");
                let size = if body.is_empty() { "an empty body" } else { "a body" };
                format!("the answer is no JSON: {size} of {}", text::line(kind, 100))
            }
            serde_json::error::Category::Data => "a value is missing or has another form than the API's".to_owned(),
            _ => "the JSON is cut off, broken or nested too deep".to_owned(),
        };
        let mut failure = self.failure(message, Some((status, headers)));
        failure.path = is_json.then(|| text::line(&self.state.scrub(json_path::of(error, body)), 200));
        Error::Decode(failure)
    }

    #[cold]
    #[inline(never)]
    fn refused(&self, status: StatusCode, headers: &HeaderMap, code: Option<i64>, message: &str, body: &[u8]) -> Error {
        // Cut last: half a credential would not be found.
        let mut message = text::line(&self.state.scrub(message.to_owned()), MESSAGE_BYTES);
        if message.is_empty() {
            message = status.canonical_reason().unwrap_or("the service refused").to_owned();
        }
        let excerpt = String::from_utf8_lossy(&body[..body.len().min(2 * EXCERPT_BYTES)]).into_owned();
        let api = ApiError {
            operation: self.operation,
            status,
            code,
            message,
            request_id: request_id(headers),
            retry_after: retry_after(headers, SystemTime::now()),
            excerpt: text::line(&self.state.scrub(excerpt), EXCERPT_BYTES),
            attempts: Vec::new(),
            waited: None,
        };
        api.into_error()
    }

    /// Refuses a success that lacks the data which it is about.
    fn complete<T>(&self, data: &Option<T>, status: StatusCode, headers: &HeaderMap) -> Result<()> {
        if data.is_some() || !self.needs_data {
            return Ok(());
        }
        let failure = self.failure("a value is missing", Some((status, headers)));
        Err(Error::Decode(Box::new(failure.at("data"))))
    }

    #[cold]
    #[inline(never)]
    fn no_response(&self, error: raw::Error) -> Error {
        match error {
            raw::Error::InvalidRequest(reason) => Error::invalid_input("request", reason),
            raw::Error::CommunicationError(error)
            | raw::Error::ResponseBodyError(error)
            | raw::Error::InvalidUpgrade(error) => self.transport(error),
            // What the hooks refuse is a client that was closed.
            raw::Error::Custom(_) => Error::Closed,
            // No error status has a type.
            _ => Error::Protocol(self.failure("the request could not be made", None)),
        }
    }

    fn transport(&self, error: reqwest::Error) -> Error {
        let chain = || std::iter::successors(error.source(), |error| (*error).source());
        let too_large = chain().any(|error| error.is::<http_body_util::LengthLimitError>());
        let by_tls = chain().any(tls::is_failure);
        // hyper says of a bad chunk that the data are invalid, in the form of an I/O error.
        let malformed = chain()
            .filter_map(|error| error.downcast_ref::<io::Error>())
            .any(|error| matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput));
        let lost = chain().any(|error| {
            let closed = error
                .downcast_ref::<hyper::Error>()
                .is_some_and(|error| error.is_incomplete_message() || error.is_closed() || error.is_canceled());
            closed || error.is::<io::Error>()
        });
        // hyper-util keeps the type of this error to itself.
        let proxy = chain().any(|error| error.to_string().starts_with("tunnel error"));
        let connecting = error.is_connect();
        let timeout = error.is_timeout();
        let (kind, message, transient): (fn(Box<Failure>) -> Error, _, _) = match () {
            () if timeout && connecting => (Error::Timeout, "no connection in time", true),
            () if timeout => (Error::Timeout, NO_ANSWER_IN_TIME, true),
            () if error.is_builder() => (Error::Protocol, "the request could not be made", false),
            () if by_tls => {
                (Error::Connect, "TLS failed: the server's certificate or protocol was not accepted", false)
            }
            () if proxy => (
                Error::Connect,
                "the proxy did not let the connection through: check its address and credentials",
                false,
            ),
            () if connecting => (Error::Connect, "the connection could not be made", true),
            () if too_large => (Error::Protocol, "the answer is too large", false),
            () if lost && !malformed => {
                (Error::Connect, "the connection was lost before the answer was complete", true)
            }
            () => (Error::Protocol, "the answer is not well-formed HTTP", true),
        };
        let mut failure = self.failure(message, None);
        failure.sent = !connecting && !error.is_builder();
        failure.transient = transient;
        failure.source = Some(Arc::new(error.without_url()));
        kind(failure)
    }

    fn failure(&self, message: impl Into<String>, answer: Option<(StatusCode, &HeaderMap)>) -> Box<Failure> {
        let mut failure = Failure::new(self.operation, message);
        if let Some((status, headers)) = answer {
            failure.status = Some(status);
            failure.request_id = request_id(headers);
        }
        Box::new(failure)
    }
}

/// A call that took longer than it may; `sent` tells whether a request was under way.
pub(crate) fn past_deadline(operation: &'static str, sent: bool) -> Error {
    timeout(Failure::new(operation, "the deadline of the call passed"), sent)
}

/// An attempt that took longer than it may.
pub(crate) fn timed_out(operation: &'static str) -> Error {
    timeout(Failure::new(operation, NO_ANSWER_IN_TIME), true)
}

fn timeout(failure: Failure, sent: bool) -> Error {
    Error::Timeout(Box::new(Failure { sent, transient: true, ..failure }))
}

/// A change that was sent and whose outcome nobody told.
pub(crate) fn unknown(operation: &'static str, cause: Error) -> Error {
    let check = match operation {
        "create_cluster" | "delete_cluster" => "look for the cluster with clusters() before making the call again",
        "subscribe_plan" => "look with user_subscription() before making the call again",
        _ => "look at the cluster with cluster() before making the call again",
    };
    let mut failure = Failure::new(operation, format!("the outcome is unknown ({}): {check}", cause.message()));
    failure.status = cause.status().and_then(|status| StatusCode::from_u16(status).ok());
    failure.request_id = cause.request_id().map(str::to_owned);
    failure.attempts = cause.attempts().to_vec();
    failure.source = Some(Arc::new(cause));
    Error::OutcomeUnknown(Box::new(failure))
}

/// Status and headers of a reply, if one came.
pub(crate) fn head<T>(reply: &Result<raw::ResponseValue<T>, raw::Error>) -> Option<(StatusCode, &HeaderMap)> {
    match reply {
        Ok(reply) => Some((reply.status(), reply.headers())),
        Err(raw::Error::UnexpectedResponse(response)) => Some((response.status(), response.headers())),
        Err(_) => None,
    }
}

/// The answer that a call cannot do without.
pub(crate) fn required<T>(operation: &'static str, envelope: Envelope<Box<T>>) -> Result<T> {
    let missing = || Error::Decode(Box::new(Failure::new(operation, "a value is missing").at("data")));
    envelope.data.map(|data| *data).ok_or_else(missing)
}

fn has_code(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Code {
        #[serde(rename = "code")]
        _code: IgnoredAny,
    }
    serde_json::from_slice::<Code>(body).is_ok()
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = REQUEST_ID_HEADERS.iter().find_map(|name| headers.get(*name))?;
    let id = text::line(&String::from_utf8_lossy(value.as_bytes()), 100);
    (!id.is_empty()).then_some(id)
}

/// Reads `Retry-After`, in seconds or as a date; what is garbage, negative or past is as if it were absent.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        // Only too large a number does not parse here.
        true => value.parse().map_or(LONGEST_RETRY_AFTER, Duration::from_secs),
        false => httpdate::parse_http_date(value).ok()?.duration_since(now).ok()?,
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_clamped() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let cases = [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
            ("999999999999", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
        ];
        for (value, seconds) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            assert_eq!(retry_after(&headers, now), seconds.map(Duration::from_secs), "{value:?}");
        }
    }
}
