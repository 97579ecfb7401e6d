//! Validates values by the keywords of JSON Schema that the schemas of this crate use.

use serde_json::{Map, Value, json};

/// Validates a value. An object must have no property that the schema does not name, which schemas for readers of JSON do not say. An
/// error begins with the place of the value, as in `/clusters/0/name`.
pub fn validate(root: &Value, value: &Value) -> Result<(), String> {
    Validator { root }.check(root, value, "")
}

struct Validator<'a> {
    root: &'a Value,
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let refused = |why: String| Err(format!("{place}: {why}"));
        let Some(keywords) = schema.as_object() else {
            return if *schema == json!(true) { Ok(()) } else { refused(format!("the schema is {schema}")) };
        };
        for (keyword, argument) in keywords {
            let valid = match keyword.as_str() {
                "$schema"
                | "$defs"
                | "title"
                | "description"
                | "format"
                | "examples"
                | "writeOnly"
                | "default"
                | "additionalProperties" => true,
                "$ref" => {
                    let target = self.root.pointer(argument.as_str().unwrap().trim_start_matches('#')).unwrap();
                    return self.check(target, value, place);
                }
                "type" => match argument {
                    Value::Array(types) => types.iter().any(|kind| has_type(kind, value)),
                    kind => has_type(kind, value),
                },
                "const" => argument == value,
                "enum" => argument.as_array().unwrap().contains(value),
                "anyOf" | "oneOf" => {
                    let rest = without(keywords.get("properties"), value);
                    let all = argument.as_array().unwrap().iter().map(|each| self.check(each, &rest, place));
                    let (valid, errors): (Vec<_>, Vec<_>) = all.partition(Result::is_ok);
                    let count_fits = if keyword == "anyOf" { !valid.is_empty() } else { valid.len() == 1 };
                    // The error of the place that lies deepest tells most.
                    let deepest = errors.into_iter().filter_map(Result::err).max_by_key(|error| depth(error));
                    match deepest {
                        Some(error) if !count_fits && depth(&error) > place.matches('/').count() => return Err(error),
                        _ => count_fits,
                    }
                }
                "required" => {
                    let missing = |name: &&Value| value.get(name.as_str().unwrap()).is_none();
                    if let Some(name) = argument.as_array().unwrap().iter().find(missing) {
                        return refused(format!("{name} is missing"));
                    }
                    true
                }
                "properties" => {
                    let known = argument.as_object().unwrap();
                    let branches = ["anyOf", "oneOf"].iter().any(|keyword| keywords.contains_key(*keyword));
                    for (name, each) in value.as_object().into_iter().flatten() {
                        match known.get(name) {
                            Some(schema) => self.check(schema, each, &format!("{place}/{name}"))?,
                            None if branches => {}
                            None => return refused(format!("the schema has no {name}")),
                        }
                    }
                    true
                }
                "patternProperties" => {
                    let patterns = argument.as_object().unwrap().iter();
                    let patterns: Vec<_> =
                        patterns.map(|(pattern, each)| (regex::Regex::new(pattern).unwrap(), each)).collect();
                    for (name, each) in value.as_object().into_iter().flatten() {
                        match patterns.iter().find(|(pattern, _)| pattern.is_match(name)) {
                            Some((_, schema)) => self.check(schema, each, &format!("{place}/{name}"))?,
                            None => return refused(format!("the schema has no {name}")),
                        }
                    }
                    true
                }
                "items" => {
                    for (index, each) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(argument, each, &format!("{place}/{index}"))?;
                    }
                    true
                }
                "minimum" => value.as_f64().is_none_or(|number| number >= argument.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= argument.as_f64().unwrap()),
                "minLength" => value.as_str().is_none_or(|text| text.len() as u64 >= argument.as_u64().unwrap()),
                "maxLength" => value.as_str().is_none_or(|text| text.len() as u64 <= argument.as_u64().unwrap()),
                "pattern" => {
                    let pattern = regex::Regex::new(argument.as_str().unwrap()).unwrap();
                    value.as_str().is_none_or(|text| pattern.is_match(text))
                }
                other => return Err(format!("the validator does not know {other}")),
            };
            if !valid {
                return refused(format!("{keyword} {argument} refuses {value}"));
            }
        }
        Ok(())
    }
}

fn depth(error: &str) -> usize {
    error.split(':').next().unwrap().matches('/').count()
}

/// An object without the properties that a schema names, for the branches beside them.
fn without(properties: Option<&Value>, value: &Value) -> Value {
    match (properties.and_then(Value::as_object), value) {
        (Some(known), Value::Object(all)) => {
            let rest = all.iter().filter(|(name, _)| !known.contains_key(*name));
            Value::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
        }
        _ => value.clone(),
    }
}

fn has_type(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other}"),
    }
}
