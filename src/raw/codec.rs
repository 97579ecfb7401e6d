//! Encoding of path segments and decoding of responses.

use std::fmt;

use bytes::{Bytes, BytesMut};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::de::DeserializeOwned;

use super::error::Error;
use super::response::{Exchanged, Head, ResponseValue};
use super::state::State;
use crate::types::cluster_name::ClusterName;

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

impl fmt::Display for Segment<'_, i64> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Segment<'_, ClusterName> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        utf8_percent_encode(self.0.as_str(), SEGMENT).fmt(f)
    }
}

/// Decodes a response into `T`. A response of another form is an [`Error::UnexpectedResponse`] with its whole body.
#[allow(clippy::result_large_err, reason = "the public error has the response")]
pub(super) fn decode<T: DeserializeOwned>(response: Exchanged) -> Result<ResponseValue<T>, Error> {
    let (head, body) = response.map_err(|error| *error)?;
    match parse(&body) {
        Ok(value) => Ok(ResponseValue::new(value, head)),
        Err(_) => Err(Error::UnexpectedResponse(rebuild(head, body))),
    }
}

/// The body, without the credential: no text of a response gets past this function and the one that reads the headers. A body
/// of an announced length that arrives in one piece is not copied.
pub(crate) async fn read_body(state: &State, response: &mut reqwest::Response) -> reqwest::Result<Bytes> {
    let mut body = response.chunk().await?.unwrap_or_default();
    // `content_length` is what remains of the announced length.
    if response.content_length() != Some(0) {
        let mut longer = BytesMut::from(body);
        while let Some(chunk) = response.chunk().await? {
            longer.extend_from_slice(&chunk);
        }
        body = longer.freeze();
    }
    Ok(state.authorizer.redact_body(body))
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
