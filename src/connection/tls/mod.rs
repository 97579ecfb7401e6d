//! The TLS implementation. If features enable several, rustls takes precedence over native-tls, and AWS-LC over ring. This
//! crate installs no process-wide provider.

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
mod errors;
pub(crate) mod roots;

#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
#[path = "native.rs"]
mod implementation;
#[cfg(not(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")))]
#[path = "none.rs"]
mod implementation;
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
#[path = "rustls.rs"]
mod implementation;

pub(crate) use self::implementation::{is_failure, plain, secure};
