//! Serializes a `Duration` as a number of seconds, for fields whose serialized name ends in `_seconds`.

use std::time::Duration;

use serde::Serializer;

pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
