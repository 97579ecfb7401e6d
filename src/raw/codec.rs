//! Encoding of path segments and decoding of responses.

use std::fmt;

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::de::DeserializeOwned;

use super::error::Error;
use super::response::{Head, ResponseValue};
use super::state::State;

/// Characters that a path segment cannot contain by the URL standard, and `/` and `%`.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b'%');

/// A value, percent-encoded as one path segment.
pub(super) struct Segment<'a, T>(&'a T);

pub(super) fn segment<T>(value: &T) -> Segment<'_, T> {
    Segment(value)
}

impl<T: fmt::Display> fmt::Display for Segment<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Encoder<'a, 'b>(&'a mut fmt::Formatter<'b>);

        impl fmt::Write for Encoder<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                utf8_percent_encode(text, SEGMENT).try_for_each(|part| self.0.write_str(part))
            }
        }

        fmt::Write::write_fmt(&mut Encoder(f), format_args!("{}", self.0))
    }
}

/// Decodes a response into `T`. A response of another form is an [`Error::UnexpectedResponse`] with its whole body.
pub(super) async fn decode<T: DeserializeOwned>(
    state: &State,
    mut response: reqwest::Response,
) -> Result<ResponseValue<T>, Error> {
    let head = Head::take(&mut response);
    let body = read_body(state, response).await.map_err(|error| Error::ResponseBodyError(error.without_url()))?;
    match parse(&body) {
        Ok(value) => Ok(ResponseValue::new(value, head)),
        Err(_) => Err(Error::UnexpectedResponse(rebuild(head, body))),
    }
}

/// The body, without the credential: no text of a response gets past this function and the hooks, which read the headers.
pub(crate) async fn read_body(state: &State, response: reqwest::Response) -> reqwest::Result<Bytes> {
    Ok(state.authorizer.redact_body(response.bytes().await?))
}

/// Not inlined: the stack frame of a decoder is large, and the future that calls it would set one up with every poll.
#[inline(never)]
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(body)
}

fn rebuild(head: Head, body: Bytes) -> reqwest::Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response.into()
}
