//! The hooks of the raw client: credential, timeout, span, and the limit of the body.

use http::StatusCode;
use http::header::{AUTHORIZATION, USER_AGENT};
use http_body_util::Limited;
use progenitor_client::{ClientHooks, OperationInfo};
use tracing::Instrument;

use super::error::CLOSED;
use super::{generated::Client, state::State, trace::RequestSpan};
use crate::connection::authorizer::Authorizer;
use crate::types::operation::Idempotency;

impl ClientHooks<State> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        let State { authorizer, user_agent, sets_timeout, limits, connections, .. } = &self.inner;
        if connections.is_closed() {
            return Err(progenitor_client::Error::Custom(CLOSED.to_owned()));
        }
        if *sets_timeout {
            *request.timeout_mut() = Some(limits.timeouts.of(Idempotency::of(request.method().as_str())));
        }
        let authorization = match authorizer {
            Authorizer::Fixed(authorization) => authorization.header().clone(),
            Authorizer::Provided(provider) => {
                let current = provider.current().await;
                let refuse = |error: crate::error::Error| progenitor_client::Error::Custom(error.message().to_owned());
                current.map_err(refuse)?.header().clone()
            }
        };
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(USER_AGENT, user_agent.clone());
        Ok(())
    }

    // Not an async fn, whose future would hold the request until the end.
    fn exec(
        &self,
        request: reqwest::Request,
        _: &OperationInfo,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
        let State { authorizer, limits, connections, .. } = &self.inner;
        let provider = authorizer.provider();
        let sent = provider.and_then(|_| request.headers().get(AUTHORIZATION).cloned());
        let span = RequestSpan::new(&request, limits.timeouts.of(Idempotency::of(request.method().as_str())));
        // If the client was closed after `pre`, the request is sent on a connection of its own.
        let execute = || connections.client().as_deref().unwrap_or(&self.client).execute(request);
        let sending = span.span().in_scope(execute).instrument(span.span().clone());
        async move {
            let mut result = sending.await;
            if let Ok(response) = &mut result {
                authorizer.redact_headers(response.headers_mut());
                if let (Some(provider), Some(sent), StatusCode::UNAUTHORIZED) = (provider, &sent, response.status()) {
                    provider.reject(sent);
                }
            }
            span.finish(&result);
            Ok(cap(result?, limits.max_response_bytes))
        }
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
