//! Errors of all TLS implementations.

/// Whether an I/O error wraps an `E` at any depth: each layer of a connection wraps the error of the layer below.
pub(super) fn is_or_wraps<E: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<E>() || inner.is_some_and(|inner| is_or_wraps::<E>(inner))
}
