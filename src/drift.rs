//! Drift: what the service says that this version of the SDK does not know yet, told once for each.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::schema::{ClusterName, Envelope, Extra, Secret, Timestamp};
use crate::text;

/// More than any real change brings; a service that makes names up must not fill the memory.
const MOST: usize = 256;

/// Something in an answer that this version does not know. It is kept: a field in `extra`, a value in `Unknown`.
///
/// Every client tells of each once, through `tracing` as a warning and through
/// [`on_drift`](crate::EloqApiBuilder::on_drift).
///
/// ```
/// # fn main() -> eloq_sdk::Result<()> {
/// use eloq_sdk::{Drift, EloqApi};
///
/// let client = EloqApi::builder()
///     .api_key("your-api-key")
///     .on_drift(|drift| match drift {
///         Drift::Field { schema, field, .. } => eprintln!("{schema} has {field} now"),
///         other => eprintln!("{other}"),
///     })
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Drift {
    /// A data type of [`schema`](crate::schema) has a field more.
    #[non_exhaustive]
    Field {
        /// The data type.
        schema: &'static str,
        /// The field, escaped for people and cut after 100 bytes.
        field: String,
    },
    /// A field has a value that its type does not name.
    #[non_exhaustive]
    Value {
        /// The data type.
        schema: &'static str,
        /// The field.
        field: &'static str,
        /// The value, escaped for people and cut after 100 bytes.
        value: String,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { schema, field } => write!(f, "{schema} has a field that is not known: {field}"),
            Self::Value { schema, field, value } => {
                write!(f, "{schema}.{field} has a value that is not known: {value}")
            }
        }
    }
}

/// A data type and one of its fields.
pub(crate) type Place = (&'static str, &'static str);

/// Finds drift in an answer. The structs of `raw::types` get theirs from build.rs.
pub(crate) trait Inspect {
    /// Hands over what is not known in a value that stands in this place.
    fn drift(&self, place: Place, found: &mut dyn FnMut(Drift));
}

macro_rules! always_known {
    ($($leaf:ty)+) => {
        $(impl Inspect for $leaf {
            fn drift(&self, _: Place, _: &mut dyn FnMut(Drift)) {}
        })+
    };
}

always_known! { bool i32 i64 u16 u32 f64 String serde_json::Value ClusterName Secret Timestamp }

impl<T: Inspect> Inspect for Option<T> {
    fn drift(&self, place: Place, found: &mut dyn FnMut(Drift)) {
        self.iter().for_each(|value| value.drift(place, found));
    }
}

impl<T: Inspect> Inspect for Box<T> {
    fn drift(&self, place: Place, found: &mut dyn FnMut(Drift)) {
        (**self).drift(place, found);
    }
}

impl<T: Inspect> Inspect for Vec<T> {
    fn drift(&self, place: Place, found: &mut dyn FnMut(Drift)) {
        self.iter().for_each(|value| value.drift(place, found));
    }
}

impl Inspect for Extra {
    fn drift(&self, (schema, _): Place, found: &mut dyn FnMut(Drift)) {
        self.keys().for_each(|field| found(Drift::Field { schema, field: field.clone() }));
    }
}

impl<T: Inspect> Inspect for Envelope<T> {
    fn drift(&self, _: Place, found: &mut dyn FnMut(Drift)) {
        self.extra.drift(("Envelope", "extra"), found);
        self.data.drift(("Envelope", "data"), found);
    }
}

/// Who is told of drift.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Fn(&Drift) + Send + Sync>);

impl Listener {
    pub(crate) fn new(listener: impl Fn(&Drift) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// What a client and its clones have told of.
#[derive(Debug, Default)]
pub(crate) struct Drifts {
    told: Mutex<HashSet<Drift>>,
    listener: Option<Listener>,
}

impl Drifts {
    pub(crate) fn new(listener: Option<Listener>) -> Self {
        Self { told: Mutex::default(), listener }
    }

    /// Tells of what is new in an answer. `scrub` takes the credential out of a text.
    pub(crate) fn note(&self, answer: &impl Inspect, scrub: impl Fn(String) -> String) {
        answer.drift(("", ""), &mut |drift| {
            let fit = |foreign: String| text::line(&scrub(foreign), 100);
            let drift = match drift {
                Drift::Field { schema, field } => Drift::Field { schema, field: fit(field) },
                Drift::Value { schema, field, value } => Drift::Value { schema, field, value: fit(value) },
            };
            if self.is_new(&drift) {
                tracing::warn!("{drift}; see whether there is a newer eloq-sdk");
                if let Some(Listener(listener)) = &self.listener {
                    listener(&drift);
                }
            }
        });
    }

    fn is_new(&self, drift: &Drift) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() == MOST - 1 && !told.contains(drift) {
            tracing::warn!("the service has so much that is not known that no more is told of");
        }
        told.len() < MOST && told.insert(drift.clone())
    }
}
