//! `State`: what the raw client carries.

use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderValue;

use super::limits::Limits;
use crate::connection::{authorizer::Authorizer, base_url::BaseUrl, http_client::Connections};
use crate::types::{debug::debug, operation::Idempotency};

/// What the requests of a [`Client`](super::Client) use: base URL, credential, limits and connections.
///
/// The `client` of [`ClientInfo`](super::ClientInfo) only builds requests; they are sent over connections that
/// [`close`](crate::EloqApi::close) releases.
#[derive(Clone)]
pub struct State {
    pub(crate) base: BaseUrl,
    pub(crate) authorizer: Authorizer,
    pub(crate) user_agent: HeaderValue,
    pub(crate) limits: Limits,
    pub(crate) connections: Arc<Connections>,
}

impl State {
    /// The limit of one request.
    pub(super) fn timeout_of(&self, request: &reqwest::Request) -> Duration {
        self.limits.timeouts.of(Idempotency::of(request.method().as_str()))
    }
}

debug! { State { limits } }
