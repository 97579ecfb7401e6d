//! The hooks of the raw client: credential, timeout, span, and the limit of the body.

use http::header::{AUTHORIZATION, USER_AGENT};
use http_body_util::Limited;
use progenitor_client::{ClientHooks, OperationInfo};
use tracing::Instrument;

use super::{generated::Client, state::State, trace::RequestSpan};
use crate::types::operation::Idempotency;

impl ClientHooks<State> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        let State { authorization, user_agent, sets_timeout, limits, connections, .. } = &self.inner;
        if connections.is_closed() {
            return Err(progenitor_client::Error::Custom("the client is closed".to_owned()));
        }
        if *sets_timeout {
            *request.timeout_mut() = Some(limits.timeout(Idempotency::of(request.method().as_str())));
        }
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, authorization.header().clone());
        headers.insert(USER_AGENT, user_agent.clone());
        Ok(())
    }

    // Not an async fn, whose future would hold the request until the end.
    fn exec(
        &self,
        request: reqwest::Request,
        _: &OperationInfo,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
        let State { authorization, limits, connections, .. } = &self.inner;
        let span = RequestSpan::new(&request, limits.timeout(Idempotency::of(request.method().as_str())));
        // If the client was closed after `pre`, the request is sent on a connection of its own.
        let execute = || connections.client().as_deref().unwrap_or(&self.client).execute(request);
        let sending = span.span().in_scope(execute).instrument(span.span().clone());
        async move {
            let mut result = sending.await;
            if let Ok(response) = &mut result {
                authorization.redact_headers(response.headers_mut());
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
