//! JSON Schemas of the leaves, in the words of `openapi.yaml`; all other data types derive theirs.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{
    CloudProvider, ClusterName, ClusterStatus, ElbState, EloqModule, Extra, ModuleType, Secret, SkuType, Timestamp,
};

macro_rules! leaves {
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

// The sets of the enums are open: their values are examples, and a new one is valid too.
leaves! {
    ClusterName: {
        "description": "The name of a cluster, as part of a path: percent-encode it as one segment. `.` and `..` would change \
                        the path, as would a backslash or a control character in some clients.",
        "type": "string",
        "minLength": 1,
        "maxLength": ClusterName::MAX_BYTES,
        "pattern": r"^(?!\.{1,2}$)[^\\\x00-\x1F\x7F-\x9F]+$",
    }
    Secret: {
        "description": "A secret. Show it to nobody, log it nowhere.",
        "type": "string",
        "format": "password",
        "writeOnly": true,
    }
    Timestamp: {
        "description": "A time in UTC, either `2025-08-20 08:20:21` (users, organizations, projects) or \
                        `2025-08-26T08:06:41Z` (clusters).",
        "type": "string",
    }
    ClusterStatus: {
        "description": "Where a cluster is in its life. `idle` is scaled to zero and still connectable; only `available` \
                        clusters can be deleted. An open set.",
        "type": "string",
        "examples": ClusterStatus::KNOWN,
    }
    ElbState: {
        "description": "Where the load balancer of a cluster is in its life. An open set.",
        "type": "string",
        "examples": ElbState::KNOWN,
    }
    ModuleType: {
        "description": "The database that a cluster or a SKU is for, as replies spell it. An open set.",
        "type": "string",
        "examples": ModuleType::KNOWN,
    }
    EloqModule: {
        "description": "The database, as a filter.",
        "type": "string",
        "examples": EloqModule::KNOWN,
    }
    CloudProvider: {
        "description": "The cloud, in either case. An open set.",
        "type": "string",
        "examples": CloudProvider::KNOWN,
    }
    SkuType: {
        "description": "How the resources of a SKU are provided. An open set.",
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

/// Lets a list be null, which reads as empty.
pub(crate) fn or_null(schema: &mut Schema) {
    if let Some(kind) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!([kind, "null"]));
    }
}

/// Takes `null` from a value that may be absent: the service was never seen to take it.
pub(crate) fn not_null(schema: &mut Schema) {
    if let Some(Value::Array(kinds)) = schema.get("type") {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        schema.insert("type".to_owned(), json!(kind));
    }
}
