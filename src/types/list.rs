//! Lists of the wire.

use serde::{Deserialize, Deserializer};

/// Reads `null` as an empty list: the backend is written in Go, which encodes an empty list as `null`.
pub(crate) fn null_as_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}
