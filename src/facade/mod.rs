//! `EloqApi`: what users call.

mod any_request;
pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod clusters;
pub(crate) mod credentials;
pub(crate) mod fleet;
pub(crate) mod legacy;
pub(crate) mod operation_result;
pub(crate) mod operations;
pub(crate) mod ping;
