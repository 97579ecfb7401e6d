//! JSON Schemas of the scalar types, with the descriptions of `openapi.yaml`; all other data types derive theirs.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::cluster_name::ClusterName;
use super::extra::Extra;
use super::open_enum::{CloudProvider, ClusterStatus, ElbState, EloqModule, ModuleType, SkuType};
use super::secret::Secret;
use super::timestamp::Timestamp;

macro_rules! scalars {
    ($($name:ident: $schema:tt)+) => {
        $(impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> Cow<'static, str> {
                concat!("eloq_sdk::schema::", stringify!($name)).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        })+
    };
}

// The enums are open: known values are examples, and unknown ones are valid.
scalars! {
    ClusterName: {
        "description": "Name of a cluster. Percent-encode it as one path segment. It must not be `.` or `..`, which change the \
                        path, and must not contain a backslash or a control character, which change the path in some clients.",
        "type": "string",
        "minLength": 1,
        "maxLength": ClusterName::MAX_BYTES,
        "pattern": r"^(?!\.{1,2}$)[^\\\x00-\x1F\x7F-\x9F]+$",
    }
    Secret: {
        "description": "Secret value. Do not display or log it.",
        "type": "string",
        "format": "password",
        "writeOnly": true,
    }
    Timestamp: {
        "description": "UTC time in the form `2025-08-20 08:20:21` (users, organizations, projects) or \
                        `2025-08-26T08:06:41Z` (clusters).",
        "type": "string",
    }
    ClusterStatus: {
        "description": "Lifecycle status of a cluster. An `idle` cluster is scaled to zero and still connectable. Deletion \
                        requires `available`. New values may appear.",
        "type": "string",
        "examples": ClusterStatus::KNOWN,
    }
    ElbState: {
        "description": "State of the load balancer of a cluster. New values may appear.",
        "type": "string",
        "examples": ElbState::KNOWN,
    }
    ModuleType: {
        "description": "Database module of a cluster or a SKU, as spelled in responses. New values may appear.",
        "type": "string",
        "examples": ModuleType::KNOWN,
    }
    EloqModule: {
        "description": "Database module to filter by.",
        "type": "string",
        "examples": EloqModule::KNOWN,
    }
    CloudProvider: {
        "description": "Cloud provider, in upper or lower case. New values may appear.",
        "type": "string",
        "examples": CloudProvider::KNOWN,
    }
    SkuType: {
        "description": "SKU type. New values may appear.",
        "type": "string",
        "examples": SkuType::KNOWN,
    }
}

impl JsonSchema for Extra {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Extra".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": true })
    }
}

/// Allows null for a list, which reads as empty.
pub(crate) fn or_null(schema: &mut Schema) {
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
