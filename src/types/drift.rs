//! `Drift`: a field or value of a response that this version does not know, and how it is found.

use std::fmt;

use serde::Serialize;

use super::{cluster_name::ClusterName, envelope::Envelope, extra::Extra, secret::Secret, timestamp::Timestamp};

/// A field or value of a response that this version does not know. It is kept: a field in `extra`, a value in `Unknown`.
///
/// Every client reports each one once: as a warning of `tracing`, and to the callback of
/// [`on_drift`](crate::EloqApiBuilder::on_drift).
///
/// ```
/// # fn main() -> eloq_sdk::Result<()> {
/// use eloq_sdk::{Drift, EloqApi};
///
/// let client = EloqApi::builder()
///     .api_key("your-api-key")
///     .on_drift(|drift| match drift {
///         Drift::Field { schema, field, .. } => eprintln!("{schema} has a new field {field}"),
///         other => eprintln!("{other}"),
///     })
///     .build()?;
/// # Ok(())
/// # }
/// ```
///
/// It serializes as `{"kind": "field", "schema", "field"}` or `{"kind": "value", "schema", "field", "value"}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schemars",
    schemars(description = "An unknown field or value of a response; later versions can have more kinds.")
)]
#[non_exhaustive]
pub enum Drift {
    /// A data type of [`schema`](crate::schema) has an unknown field.
    #[non_exhaustive]
    Field {
        /// The data type.
        schema: &'static str,
        /// The field, with control characters escaped, at most 100 bytes.
        field: String,
    },
    /// A field has an unknown value.
    #[non_exhaustive]
    Value {
        /// The data type.
        schema: &'static str,
        /// The field.
        field: &'static str,
        /// The value, with control characters escaped, at most 100 bytes.
        value: String,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { schema, field } => write!(f, "unknown field in {schema}: {field}"),
            Self::Value { schema, field, value } => write!(f, "unknown value of {schema}.{field}: {value}"),
        }
    }
}

/// A data type and one of its fields.
pub(crate) type Place = (&'static str, &'static str);

/// Finds drift in a response. `build.rs` implements it for the generated structs.
pub(crate) trait Inspect {
    /// Reports what is unknown in this value, which stands at `place`.
    fn find_drift(&self, place: Place, report: &mut dyn FnMut(Drift));
}

macro_rules! always_known {
    ($($scalar:ty)+) => {
        $(impl Inspect for $scalar {
            fn find_drift(&self, _: Place, _: &mut dyn FnMut(Drift)) {}
        })+
    };
}

always_known! { bool i32 i64 u16 u32 f64 String serde_json::Value ClusterName Secret Timestamp }

impl<T: Inspect> Inspect for Option<T> {
    fn find_drift(&self, place: Place, report: &mut dyn FnMut(Drift)) {
        self.iter().for_each(|value| value.find_drift(place, report));
    }
}

impl<T: Inspect> Inspect for Box<T> {
    fn find_drift(&self, place: Place, report: &mut dyn FnMut(Drift)) {
        (**self).find_drift(place, report);
    }
}

impl<T: Inspect> Inspect for Vec<T> {
    fn find_drift(&self, place: Place, report: &mut dyn FnMut(Drift)) {
        self.iter().for_each(|value| value.find_drift(place, report));
    }
}

impl Inspect for Extra {
    fn find_drift(&self, (schema, _): Place, report: &mut dyn FnMut(Drift)) {
        self.names().for_each(|field| report(Drift::Field { schema, field }));
    }
}

impl<T: Inspect> Inspect for Envelope<T> {
    fn find_drift(&self, _: Place, report: &mut dyn FnMut(Drift)) {
        self.extra.find_drift(("Envelope", "extra"), report);
        self.data.find_drift(("Envelope", "data"), report);
    }
}
