//! Builds connections from settings: environment, credential, base URL, proxy, TLS and HTTP clients.

pub(crate) mod auth;
pub(crate) mod authorizer;
pub(crate) mod base_url;
pub(crate) mod env;
pub(crate) mod http_client;
pub(crate) mod provider;
pub(crate) mod proxy;
pub(crate) mod single_flight;
pub(crate) mod tls;
