//! `Envelope`: the `{"code", "message", "data"}` around every response.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::extra::Extra;

/// The envelope of every response.
///
/// `code` is 0 for a read and 200 for a write that succeeded. Any other 2xx is a success too; every other code is an error,
/// whatever the HTTP status.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Envelope_of_{T}"))]
#[non_exhaustive]
pub struct Envelope<T> {
    /// 0 or 2xx for a success.
    pub code: i64,
    /// Text for people; can be empty.
    pub message: String,
    /// The data; absent for errors, writes and empty lists.
    pub data: Option<T>,
    /// Unknown fields, unchanged.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<T> Envelope<T> {
    /// Returns true if `code` means success.
    ///
    /// ```
    /// use eloq_sdk::schema::Envelope;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let envelope: Envelope<i64> = serde_json::from_str(r#"{"code": 200, "message": "success", "data": 5}"#)?;
    /// assert!(envelope.is_success());
    /// let refused: Envelope<i64> = serde_json::from_str(r#"{"code": 1001, "message": "quota exceeded"}"#)?;
    /// assert!(!refused.is_success() && refused.data.is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_success(&self) -> bool {
        self.code == 0 || (200..300).contains(&self.code)
    }

    /// A success without an envelope.
    pub(crate) fn bare(data: Option<T>) -> Self {
        Self { code: 0, message: String::new(), data, extra: Extra::default() }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Envelope<T> {
    /// Accepts an object only: the implementation that serde derives also accepts arrays, and `[0]` as a success.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object(PhantomData))
    }
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Envelope<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a code")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Envelope<T>, A::Error> {
        let Fields { code, message, data, extra } = Fields::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Envelope { code, message, data, extra })
    }
}

#[derive(Deserialize)]
struct Fields<T> {
    code: i64,
    #[serde(default, deserialize_with = "null_as_empty_text")]
    message: String,
    #[serde(default = "Option::default")]
    data: Option<T>,
    #[serde(flatten)]
    extra: Extra,
}

fn null_as_empty_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
