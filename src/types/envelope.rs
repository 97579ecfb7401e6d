//! `Envelope`: the `{"code", "message", "data"}` around every response.

use serde::{Deserialize, Deserializer, Serialize};

use super::extra::Extra;
use super::object::{self, Object};

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
    #[serde(skip)]
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
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object::read(deserializer)
    }
}

impl<'de, T: Deserialize<'de>> Object<'de> for Envelope<T> {
    const FIELDS: &'static [&'static str] = &["code", "message", "data"];

    fn read_known<D: Deserializer<'de>>(known: D) -> Result<Self, D::Error> {
        let Fields { code, message, data } = Fields::deserialize(known)?;
        Ok(Self { code, message, data, extra: Extra::default() })
    }

    fn extra(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

#[derive(Deserialize)]
struct Fields<T> {
    code: i64,
    #[serde(default, deserialize_with = "null_as_empty_text")]
    message: String,
    #[serde(default = "Option::default")]
    data: Option<T>,
}

fn null_as_empty_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
