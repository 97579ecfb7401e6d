//! `Envelope`: the `{"code", "message", "data"}` around every reply.

use serde::{Deserialize, Deserializer, Serialize};

/// What the service wraps every answer in.
///
/// `code` is 0 on reads and 200 on changes that succeeded; any other 2xx counts as success too, everything else is an error,
/// whatever the HTTP status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Envelope<T> {
    /// How it went.
    pub code: i64,
    /// What happened, for people; may be empty.
    #[serde(default, deserialize_with = "null_as_empty_text")]
    pub message: String,
    /// The answer; absent with an error, with a change, and for an empty list.
    #[serde(default = "Option::default")]
    pub data: Option<T>,
}

impl<T> Envelope<T> {
    /// Whether `code` means success.
    pub fn is_success(&self) -> bool {
        self.code == 0 || (200..300).contains(&self.code)
    }

    /// A success that came without an envelope.
    pub(crate) fn bare(data: Option<T>) -> Self {
        Self { code: 0, message: String::new(), data }
    }
}

fn null_as_empty_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
