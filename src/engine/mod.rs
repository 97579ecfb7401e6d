//! One call: attempts within a deadline, retries, what a response means, and the account it belongs to.

pub(crate) mod account;
pub(crate) mod backoff;
pub(crate) mod call;
pub(crate) mod classify;
pub(crate) mod drift;
pub(crate) mod future;
pub(crate) mod headers;
pub(crate) mod json_path;
pub(crate) mod options;
pub(crate) mod recent;
pub(crate) mod recording;
pub(crate) mod response;
pub(crate) mod retry;
#[cfg(any(feature = "blocking", feature = "simulator"))]
pub(crate) mod runtime_thread;
pub(crate) mod session;
pub(crate) mod trace;
pub(crate) mod version;
