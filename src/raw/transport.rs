//! Sends the requests of the raw client: credential, timeout, span, and the limit of the body.

use std::future::Future;

use futures_util::FutureExt;
use futures_util::future::Either;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderValue, USER_AGENT};
use http_body_util::Limited;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use super::codec::{decode, read_body};
use super::response::{Exchanged, Head, ResponseValue};
use super::{error::Error, state::State, trace::RequestSpan};
use crate::connection::{authorizer::Authorizer, provider::CredentialProvider};

/// Sends a request within the timeout of the raw client, and decodes its response into `T`.
pub(super) fn send<T: DeserializeOwned>(
    state: &State,
    mut request: reqwest::Request,
) -> impl Future<Output = Result<ResponseValue<T>, Error>> {
    *request.timeout_mut() = Some(state.timeout_of(&request));
    exchange(state, request, 0).map(decode)
}

/// Sends a request, and reads a response with status 200. The caller sets the timeout; `resends` counts how often its call has sent
/// the request before.
///
/// Not an async fn, whose future would hold the request until the end.
pub(crate) fn exchange(state: &State, request: reqwest::Request, resends: u32) -> impl Future<Output = Exchanged> {
    match &state.authorizer {
        Authorizer::Fixed(authorization) => {
            Either::Left(authorized(state, request, authorization.header().clone(), resends))
        }
        Authorizer::Provided(provider) => Either::Right(provided(state, request, provider, resends).boxed()),
    }
}

/// Takes the credential from a provider, and tells the provider if the service refuses it.
async fn provided(state: &State, request: reqwest::Request, provider: &CredentialProvider, resends: u32) -> Exchanged {
    if state.connections.is_closed() {
        return Err(Error::Closed.into());
    }
    let current =
        provider.current().await.map_err(|error| Box::new(Error::NoCredential(error.message().to_owned())))?;
    let authorization = current.header().clone();
    let response = authorized(state, request, authorization.clone(), resends).await;
    if response.as_ref().is_err_and(|error| error.status() == Some(StatusCode::UNAUTHORIZED)) {
        provider.reject(&authorization);
    }
    response
}

fn authorized(
    state: &State,
    mut request: reqwest::Request,
    authorization: HeaderValue,
    resends: u32,
) -> impl Future<Output = Exchanged> {
    let headers = request.headers_mut();
    headers.append(AUTHORIZATION, authorization);
    headers.append(USER_AGENT, state.user_agent.clone());
    let span = RequestSpan::new(&request, state.timeout_of(&request), resends);
    let connections = state.connections.client();
    let sending = connections.as_deref().map(|client| {
        let sending = span.span().in_scope(|| client.execute(request));
        sending.instrument(span.span().clone())
    });
    async move {
        let Some(sending) = sending else { return Err(Error::Closed.into()) };
        let mut response = receive(state, span, sending.await)?;
        let head = Head::take(&mut response);
        let body = read_body(state, &mut response).await;
        body.map(|body| (head, body)).map_err(|error| Error::ResponseBodyError(error.without_url()).into())
    }
}

/// The response without the credential, its body limited. A status other than 200 is an error.
#[inline(never)]
fn receive(
    state: &State,
    span: RequestSpan,
    mut result: reqwest::Result<reqwest::Response>,
) -> Result<reqwest::Response, Box<Error>> {
    if let Ok(response) = &mut result {
        state.authorizer.redact_headers(response.headers_mut());
    }
    span.finish(&result);
    let response = cap(result?, state.limits.max_response_bytes);
    match response.status() {
        StatusCode::OK => Ok(response),
        _ => Err(Error::UnexpectedResponse(response).into()),
    }
}

/// Fails the body when it exceeds `limit`, while it streams. The HTTP layer enforces an announced length, so a small one needs no
/// counting.
fn cap(response: reqwest::Response, limit: usize) -> reqwest::Response {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length <= limit) {
        return response;
    }
    let (parts, body) = http::Response::from(response).into_parts();
    http::Response::from_parts(parts, reqwest::Body::wrap(Limited::new(body, limit))).into()
}
