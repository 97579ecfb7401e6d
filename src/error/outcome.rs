//! How a result inside another value serializes: as the fields `value` and `error` of that value.

use serde::{Serialize, Serializer};

use super::{Error, Result};

/// The fields; one of them is null.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub(crate) struct Outcome<T, E = Error> {
    /// The value of a success; null for a failure.
    value: Option<T>,
    /// Why it failed; null for a success.
    error: Option<E>,
}

pub(crate) fn serialize<T: Serialize, S: Serializer>(result: &Result<T>, serializer: S) -> Result<S::Ok, S::Error> {
    Outcome { value: result.as_ref().ok(), error: result.as_ref().err() }.serialize(serializer)
}
