//! `State`: what the raw client carries.

use std::sync::Arc;

use http::header::HeaderValue;

use super::limits::Limits;
use crate::connection::{authorizer::Authorizer, base_url::BaseUrl, http_client::Connections};
use crate::types::debug::debug;

/// What the hooks of [`Client`](super::Client) use: base URL, credential, limits and connections.
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
    /// Whether the hooks set the timeout of a request. The engine sets its own for a whole attempt.
    pub(crate) sets_timeout: bool,
}

debug! { State { limits } }
