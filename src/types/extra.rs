//! `Extra`: the fields of a response that this version does not know.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

/// The fields of a response that this version does not know, unchanged.
///
/// An unknown field can be a secret: `Debug` prints the names only, and serializing a data type leaves its unknown fields out. To
/// write them, serialize the map that this type dereferences to.
///
/// ```
/// use eloq_sdk::schema::SimpleProjectInfo;
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let project: SimpleProjectInfo = serde_json::from_str(
///     r#"{"create_at": "2025-08-20 08:20:21", "project_id": 147, "project_name": "project1", "color": "red"}"#,
/// )?;
/// assert_eq!(project.extra["color"], "red");
/// assert_eq!(serde_json::to_string(&*project.extra)?, r#"{"color":"red"}"#);
/// assert!(!serde_json::to_string(&project)?.contains("red"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Extra(Map<String, Value>);

impl Deref for Extra {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(std::iter::empty::<(&str, &Value)>())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}
