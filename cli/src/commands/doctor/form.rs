//! Whether responses have the form of openapi.yaml.

use eloq_sdk::{Drift, OPENAPI_YAML};
use serde::Serialize;
use serde_json::Value;

/// A longer name, or one with other characters, could be a value of the account.
const MAX_FIELD_NAME: usize = 64;
/// A document that refers to itself ends here.
const MAX_DEPTH: usize = 32;

/// How a response differs from the document. It never has a value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Deviation {
    /// A field that the document does not have.
    UnknownField { schema: &'static str, field: String },
    /// A value that the document does not list.
    UnknownValue { schema: &'static str, field: &'static str },
    /// A field is missing that the document requires.
    MissingField { operation: &'static str, path: String },
    /// A field has another type.
    Type { operation: &'static str, path: String, expected: String, found: &'static str },
}

impl Deviation {
    /// Whether programs can break: new fields and values are allowed.
    pub(super) fn is_breaking(&self) -> bool {
        matches!(self, Self::MissingField { .. } | Self::Type { .. })
    }

    pub(super) fn of_drift(drift: &Drift) -> Option<Self> {
        match drift {
            Drift::Field { schema, field, .. } => Some(Self::UnknownField { schema, field: field_name(field) }),
            Drift::Value { schema, field, .. } => Some(Self::UnknownValue { schema, field }),
            _ => None,
        }
    }
}

impl std::fmt::Display for Deviation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownField { schema, field } => write!(f, "new field {schema}.{field}"),
            Self::UnknownValue { schema, field } => write!(f, "new value of {schema}.{field}"),
            Self::MissingField { operation, path } => write!(f, "{operation}: {path} is missing"),
            Self::Type { operation, path, expected, found } => {
                write!(f, "{operation}: {path} is {found} and not {expected}")
            }
        }
    }
}

fn field_name(name: &str) -> String {
    let is_plain = name.len() <= MAX_FIELD_NAME && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { name.to_owned() } else { format!("(a name of {} characters)", name.chars().count()) }
}

/// openapi.yaml.
pub(super) struct Document(Value);

impl Document {
    pub(super) fn load() -> Self {
        // A test reads it; without it, nothing deviates.
        Self(yaml_serde::from_str(OPENAPI_YAML).unwrap_or_default())
    }

    pub(super) fn version(&self) -> Option<&str> {
        self.0["info"]["version"].as_str()
    }

    /// Compares the response of an operation with its schema, and adds what differs.
    pub(super) fn compare(&self, operation: &'static str, response: &Value, deviations: &mut Vec<Deviation>) {
        let methods = self.0["paths"].as_object().into_iter().flat_map(|paths| paths.values());
        let mut operations = methods.filter_map(Value::as_object).flat_map(|methods| methods.values());
        if let Some(found) = operations.find(|candidate| candidate["operationId"] == operation) {
            let schema = &found["responses"]["200"]["content"]["application/json"]["schema"];
            Comparison { document: self, operation, deviations }.value(schema, response, "", 0);
        }
    }

    /// The schema that this one refers to, or has as its only part.
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let reference = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str());
        match reference.and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => self.0.pointer(pointer).unwrap_or(&Value::Null),
            None => schema,
        }
    }
}

struct Comparison<'a> {
    document: &'a Document,
    operation: &'static str,
    deviations: &'a mut Vec<Deviation>,
}

impl Comparison<'_> {
    fn value(&mut self, schema: &Value, value: &Value, path: &str, depth: usize) {
        let resolved = self.document.resolve(schema);
        let expected = resolved["type"].as_str();
        let is_nullable = schema["nullable"] == true || resolved["nullable"] == true;
        let Some(expected) = expected.filter(|_| depth < MAX_DEPTH && !(value.is_null() && is_nullable)) else {
            return;
        };
        if !has_type(value, expected) {
            let (path, expected) = (path.to_owned(), expected.to_owned());
            self.add(Deviation::Type { operation: self.operation, path, expected, found: type_of(value) });
            return;
        }
        for item in value.as_array().into_iter().flatten() {
            self.value(&resolved["items"], item, &format!("{path}[]"), depth + 1);
        }
        let Some(fields) = value.as_object() else { return };
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        for name in resolved["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                self.add(Deviation::MissingField { operation: self.operation, path: below(name) });
            }
        }
        for (name, schema) in resolved["properties"].as_object().into_iter().flatten() {
            if let Some(field) = fields.get(name) {
                self.value(schema, field, &below(name), depth + 1);
            }
        }
    }

    fn add(&mut self, deviation: Deviation) {
        if !self.deviations.contains(&deviation) {
            self.deviations.push(deviation);
        }
    }
}

fn has_type(value: &Value, expected: &str) -> bool {
    match expected {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deviations(operation: &'static str, response: Value) -> Vec<String> {
        let mut found = Vec::new();
        Document::load().compare(operation, &response, &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn missing_fields_and_other_types_are_named_by_their_path() {
        let item = json!({"cluster_name": 5, "status": "new"});
        let response = json!({"code": 0, "message": "", "data": {"cluster_list": [item, item], "total": "2"}});
        let found = deviations("list_clusters", response);
        assert!(
            found.contains(&"list_clusters: data.cluster_list[].cluster_name is integer and not string".to_owned())
        );
        assert!(found.contains(&"list_clusters: data.total is string and not integer".to_owned()), "{found:?}");
        assert_eq!(deviations("list_clusters", json!({"code": 0})), ["list_clusters: message is missing"]);
    }

    #[test]
    fn null_lists_are_allowed() {
        let response = json!({"code": 0, "message": "", "data": {"cluster_list": null, "total": 0}});
        assert_eq!(deviations("list_clusters", response), [""; 0]);
        assert_eq!(deviations("list_skus", json!({"code": 0, "message": "", "data": null})), [""; 0]);
    }

    #[test]
    fn a_field_name_that_could_be_a_value_is_not_told() {
        assert_eq!(field_name("new_field2"), "new_field2");
        assert_eq!(field_name("orders.example.com"), "(a name of 18 characters)");
    }
}
