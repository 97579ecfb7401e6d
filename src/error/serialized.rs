//! How an error serializes: a small object, without the excerpt of the body and the causes.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::{Error, kind::ErrorKind};

#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(rename = "Error", description = "Why a call failed."))]
struct Serialized<'a> {
    /// The kind of the error.
    kind: ErrorKind,
    /// The message of the service, or what happened; one line.
    message: Cow<'a, str>,
    /// The HTTP status; null if no response came.
    status: Option<u16>,
    /// The request id, to quote to the vendor's support; null if there is none.
    request_id: Option<&'a str>,
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = match self {
            Self::Config { setting, reason } => format!("{setting}: {reason}").into(),
            Self::InvalidInput { parameter, reason } => format!("{parameter}: {reason}").into(),
            other => Cow::Borrowed(other.message()),
        };
        let (status, request_id) = (self.status(), self.request_id());
        Serialized { kind: self.kind(), message, status, request_id }.serialize(serializer)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Error {
    fn schema_name() -> Cow<'static, str> {
        Serialized::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        "eloq_sdk::Error".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Serialized::json_schema(generator)
    }
}
