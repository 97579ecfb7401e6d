//! Transforms of the document before progenitor reads it, and lookups in it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use serde_json::Value;

use super::SPEC;
use super::operations::variant;

/// Drops error responses: progenitor then returns every error as `UnexpectedResponse`, with status, headers and unread body.
/// Otherwise a gateway's HTML page would become a decode error without a status.
pub(crate) fn drop_error_responses(spec: &mut Value) -> Result<usize, Box<dyn Error>> {
    let paths = spec["paths"].as_object_mut().ok_or("openapi.yaml has no `paths`")?;
    let mut dropped = 0;
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        for operation in item.values_mut() {
            if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
                let before = responses.len();
                responses.retain(|status, _| status.starts_with('2'));
                dropped += before - responses.len();
            }
        }
    }
    Ok(dropped)
}

/// Makes nullable lists plain lists, which saves users an `Option`: [`super::types::tolerate_null_lists`] reads `null` as an
/// empty list.
pub(crate) fn drop_nullable_of_lists(value: &mut Value) -> usize {
    match value {
        Value::Object(object) => {
            let list = object.get("type").is_some_and(|kind| kind == "array");
            let dropped = usize::from(list && object.remove("nullable").is_some());
            dropped + object.values_mut().map(drop_nullable_of_lists).sum::<usize>()
        }
        Value::Array(items) => items.iter_mut().map(drop_nullable_of_lists).sum(),
        _ => 0,
    }
}

/// Makes nullable objects plain structs, which saves users an `Option`: only `data` of an envelope is null, and `Envelope` has the
/// `Option`.
pub(crate) fn drop_nullable_of_objects(spec: &mut Value) -> usize {
    let schemas = spec["components"]["schemas"].as_object_mut();
    let objects =
        schemas.into_iter().flat_map(|schemas| schemas.values_mut()).filter(|schema| schema["type"] == "object");
    objects.filter_map(|schema| schema.as_object_mut()?.remove("nullable")).count()
}

/// Gives objects with `additionalProperties: true` a map of unknown fields: progenitor makes one of a schema, and ignores `true`.
pub(crate) fn keep_unknown_fields(spec: &mut Value) -> usize {
    let schemas = spec["components"]["schemas"].as_object_mut();
    let open = schemas.into_iter().flat_map(|schemas| schemas.values_mut()).filter(|schema| {
        schema.get("properties").is_some() && schema.get("additionalProperties") == Some(&Value::Bool(true))
    });
    open.map(|schema| schema["additionalProperties"] = serde_json::json!({})).count()
}

/// Returns the schema of each field, by the Rust name of its type and the field's JSON name.
pub(crate) fn properties(spec: &Value) -> Result<BTreeMap<(String, String), Value>, Box<dyn Error>> {
    let schemas = spec["components"]["schemas"].as_object().ok_or("openapi.yaml has no `components.schemas`")?;
    let mut found = BTreeMap::new();
    for (name, schema) in schemas {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            found.insert((pascal(name), field.clone()), property.clone());
        }
    }
    Ok(found)
}

/// Returns the envelope schemas, each with the Rust type of its `data`.
pub(crate) fn envelopes(spec: &Value) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let schemas = spec["components"]["schemas"].as_object().ok_or("openapi.yaml has no `components.schemas`")?;
    let mut found = Vec::new();
    for (name, schema) in schemas {
        let data = &schema["properties"]["data"];
        if !name.ends_with("Response") || name == "ErrorResponse" {
            continue;
        }
        let rust = match (data["type"].as_str(), &data["allOf"][0]["$ref"], &data["items"]["$ref"]) {
            // A response is moved often; a box makes the move cheap.
            (_, Value::String(object), _) => format!("::std::boxed::Box<{}>", raw_type(object)),
            (Some("array"), _, Value::String(item)) => format!("::std::vec::Vec<{}>", raw_type(item)),
            (None, Value::Null, Value::Null) if data.is_object() => "::serde_json::Value".to_owned(),
            _ => {
                return Err(format!(
                    "in {SPEC}, `data` of the envelope `{name}` must be `allOf: [$ref]`, an array of `$ref`, or untyped"
                )
                .into());
            }
        };
        found.push((name.clone(), rust));
    }
    Ok(found)
}

/// What the document says of the replaced schemas, by their Rust types, without values and examples. If two schemas have one type,
/// the second one counts: it describes responses.
pub(crate) fn scalars(spec: &Value, replaced: &[(&str, &str)]) -> Value {
    let mut found = serde_json::Map::new();
    for (schema, scalar) in replaced {
        let mut keywords = spec["components"]["schemas"][schema].clone();
        if let Some(keywords) = keywords.as_object_mut() {
            keywords
                .retain(|keyword, _| !["title", "example", "enum", "x-extensible-enum"].contains(&keyword.as_str()));
        }
        found.insert(scalar.rsplit("::").next().unwrap_or(scalar).to_owned(), keywords);
    }
    Value::Object(found)
}

pub(crate) fn raw_type(reference: &str) -> String {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    format!("crate::raw::types::{}", pascal(name))
}

pub(crate) fn component<'a>(spec: &'a Value, name: &str) -> Result<&'a Value, Box<dyn Error>> {
    spec["components"]["schemas"]
        .get(name)
        .ok_or_else(|| format!("{SPEC} has no schema `{name}`; add it, or drop it from REPLACED in build.rs").into())
}

/// The name that progenitor gives a schema: `SKUInfo` → `SkuInfo`.
pub(crate) fn pascal(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let inside_run = i > 0 && chars[i - 1].is_uppercase();
        let ends_run = chars.get(i + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && inside_run && !ends_run {
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(*c);
        }
    }
    out
}

/// Returns the builders of the operations that have an optional body.
pub(crate) fn optional_bodies(spec: &Value) -> BTreeSet<String> {
    let paths = spec["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let optional = operations.filter_map(|(_, operation)| {
        let body = operation.get("requestBody")?;
        let shared = body["$ref"].as_str().and_then(|reference| spec.pointer(reference.trim_start_matches('#')));
        let required = shared.unwrap_or(body)["required"] == true;
        operation["operationId"].as_str().filter(|_| !required).map(variant)
    });
    optional.collect()
}
