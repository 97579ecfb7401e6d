//! One row of output: a value of the SDK, and its cells by the names of its fields.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
// Unlike `serde_json::Value`, it keeps the order of fields.
use yaml_serde::Value;

use super::text;
use crate::failure::{Failure, Result};

#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Row(Value);

impl Row {
    pub(super) fn new(value: &impl Serialize) -> Result<Self> {
        // Enums have another form in YAML than in JSON, which is documented.
        let json = serde_json::to_string(value).map_err(|error| invalid(&error))?;
        serde_json::from_str(&json).map(Self).map_err(|error| invalid(&error))
    }

    /// The field at a path, as in `cluster_name`, `details.region`, or `projects.project_name` of each element of an array.
    fn get(&self, path: &str) -> Option<Cow<'_, Value>> {
        path.split('.').try_fold(Cow::Borrowed(&self.0), |value, key| match value {
            Cow::Borrowed(Value::Sequence(elements)) => {
                Some(Cow::Owned(elements.iter().map(|element| element.get(key).cloned().unwrap_or_default()).collect()))
            }
            Cow::Borrowed(value) => value.get(key).map(Cow::Borrowed),
            Cow::Owned(value) => value.get(key).cloned().map(Cow::Owned),
        })
    }

    /// The field as printable text; empty if it is absent or null.
    pub(super) fn cell(&self, path: &str) -> Cow<'_, str> {
        match self.get(path) {
            None => Cow::Borrowed(""),
            Some(Cow::Borrowed(value)) => plain(value),
            Some(Cow::Owned(value)) => Cow::Owned(plain(&value).into_owned()),
        }
    }

    /// The names of the fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.as_mapping().into_iter().flat_map(|fields| fields.keys()).filter_map(Value::as_str)
    }

    /// Only the chosen fields, in their order; all without a choice.
    pub(super) fn pick<'a>(&'a self, columns: Option<&'a [String]>) -> Picked<'a> {
        Picked { row: self, columns }
    }
}

/// A value as printable text: an array of texts as a list, anything nested as JSON.
fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(string) => text::printable(string),
        Value::Sequence(elements) if elements.iter().all(Value::is_string) => {
            Cow::Owned(elements.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        other => {
            let json = serde_json::to_string(other).unwrap_or_default();
            Cow::Owned(text::escape_json(&json).into_owned())
        }
    }
}

pub(super) struct Picked<'a> {
    row: &'a Row,
    columns: Option<&'a [String]>,
}

impl Serialize for Picked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(columns) = self.columns else {
            return self.row.serialize(serializer);
        };
        let mut map = serializer.serialize_map(Some(columns.len()))?;
        for column in columns {
            map.serialize_entry(column, &self.row.get(column))?;
        }
        map.end()
    }
}

pub(super) fn invalid(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(crate::exit::Exit::Other, "Output", format!("cannot write the result: {error}"))
}
