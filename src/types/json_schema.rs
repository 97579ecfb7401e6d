//! JSON Schemas of the scalar types, with the descriptions of `openapi.yaml`; all other data types derive theirs.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::cluster_name::ClusterName;
use super::open_enum::{CloudProvider, ClusterStatus, ElbState, EloqModule, ModuleType, SkuType};
use super::secret::Secret;
use super::timestamp::Timestamp;

/// What `openapi.yaml` says of each scalar type, as an object of JSON Schemas.
const SCALARS: &str = include_str!(concat!(env!("OUT_DIR"), "/scalars.json"));

/// The schema of a scalar type, with more keywords.
fn scalar(name: &str, more: Value) -> Schema {
    let scalars = serde_json::from_str::<Map<String, Value>>(SCALARS).unwrap_or_default();
    let mut keywords = scalars.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    keywords.extend(more.as_object().cloned().unwrap_or_default());
    keywords.into()
}

macro_rules! scalars {
    ($($name:ident: $more:tt)+) => {
        $(impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> Cow<'static, str> {
                concat!("eloq_sdk::schema::", stringify!($name)).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                scalar(stringify!($name), json!($more))
            }
        })+
    };
}

// The enums are open: known values are examples, and unknown ones are valid.
scalars! {
    ClusterName: {}
    Secret: { "writeOnly": true }
    Timestamp: {}
    ClusterStatus: { "examples": ClusterStatus::KNOWN }
    ElbState: { "examples": ElbState::KNOWN }
    ModuleType: { "examples": ModuleType::KNOWN }
    EloqModule: { "examples": EloqModule::KNOWN }
    CloudProvider: { "examples": CloudProvider::KNOWN }
    SkuType: { "examples": SkuType::KNOWN }
}

/// Allows null for a list, which reads as empty, as does an absent one: like `openapi.yaml` without a default.
pub(crate) fn or_null(schema: &mut Schema) {
    schema.remove("default");
    if let Some(kind) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!([kind, "null"]));
    }
}

/// Disallows null for a value that may be absent: the service is not known to accept it.
pub(crate) fn not_null(schema: &mut Schema) {
    if let Some(Value::Array(kinds)) = schema.get("type") {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        schema.insert("type".to_owned(), json!(kind));
    }
}
