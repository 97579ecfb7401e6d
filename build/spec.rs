//! What is changed in the document before progenitor sees it, and what is read from it.

use std::collections::BTreeMap;
use std::error::Error;

use serde_json::Value;

use super::SPEC;

/// Leaves only successes in the operations: progenitor then hands every other reply over as `UnexpectedResponse`, with its
/// status, headers and unread body. Otherwise a gateway's page would become a decode error without a status.
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

/// Makes nullable lists plain ones: with [`super::types::tolerate_null_lists`] `null` reads as empty, which spares users an
/// `Option`.
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

/// Gives the schemas of answers a map of the fields that the document does not have. What is sent has none.
pub(crate) fn keep_unknown_fields(spec: &mut Value) -> Result<usize, Box<dyn Error>> {
    let schemas = spec["components"]["schemas"].as_object_mut().ok_or("openapi.yaml has no `components.schemas`")?;
    let mut kept = 0;
    for (name, schema) in schemas {
        let ours = ["Request", "Body", "Response"].iter().any(|ending| name.ends_with(ending));
        if !ours && schema.get("properties").is_some() {
            schema["additionalProperties"] = serde_json::json!({});
            kept += 1;
        }
    }
    Ok(kept)
}

/// What the document says of each field, by the Rust name of its type and its own name on the wire.
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

/// The schemas that are envelopes, each with the Rust type of its `data`.
pub(crate) fn envelopes(spec: &Value) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let schemas = spec["components"]["schemas"].as_object().ok_or("openapi.yaml has no `components.schemas`")?;
    let mut found = Vec::new();
    for (name, schema) in schemas {
        let data = &schema["properties"]["data"];
        if !name.ends_with("Response") || name == "ErrorResponse" {
            continue;
        }
        let rust = match (data["type"].as_str(), &data["allOf"][0]["$ref"], &data["items"]["$ref"]) {
            // Boxed, since a reply passes through many hands.
            (_, Value::String(object), _) => format!("::std::boxed::Box<{}>", raw_type(object)),
            (Some("array"), _, Value::String(item)) => format!("::std::vec::Vec<{}>", raw_type(item)),
            (None, Value::Null, Value::Null) if data.is_object() => "::serde_json::Value".to_owned(),
            _ => {
                return Err(format!(
                    "the envelope `{name}` in {SPEC} needs a `data` that is `allOf: [$ref]`, an array of `$ref`, or untyped"
                )
                .into());
            }
        };
        found.push((name.clone(), rust));
    }
    Ok(found)
}

pub(crate) fn raw_type(reference: &str) -> String {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    format!("crate::raw::types::{}", pascal(name))
}

pub(crate) fn component<'a>(spec: &'a Value, name: &str) -> Result<&'a Value, Box<dyn Error>> {
    spec["components"]["schemas"].get(name).ok_or_else(|| {
        format!("{SPEC} has no schema `{name}`, which build.rs replaces: add it, or drop it from REPLACED").into()
    })
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
