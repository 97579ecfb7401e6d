//! TLS: which implementation secures the connections. rustls goes before native-tls where both are compiled in, and AWS-LC
//! before ring; no choice is made for the whole process.

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

/// Whether an I/O error wraps an `E`, at any depth: each layer of a connection wraps what the one below it says.
#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
fn is_or_wraps<E: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<E>() || inner.is_some_and(|inner| is_or_wraps::<E>(inner))
}

/// What is wrong with a certificate that a user wants to trust.
#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
fn no_certificate() -> crate::Error {
    crate::Error::config("root_certificate", "is not a certificate in PEM form")
}
