//! Where in a JSON text a decoder stopped, as a path such as `data.list[3].zone`.

use std::fmt::Write;

/// The path of the value that is missing or does not fit; `.` is the whole text.
pub(crate) fn of(mismatch: &serde_json::Error, json: &[u8]) -> String {
    let mut steps = steps(&json[..offset(mismatch, json)]);
    // serde names a missing field in its text alone, and stops behind the object that lacks it.
    let text = mismatch.to_string();
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    steps.extend(missing.map(|field| Step::Field(Some(field.to_owned()))));
    let mut path = String::new();
    for step in &steps {
        // Writing to a String never fails.
        let _ = match step {
            Step::Item(index) => write!(path, "[{index}]"),
            Step::Field(Some(name)) if path.is_empty() => write!(path, "{name}"),
            Step::Field(Some(name)) => write!(path, ".{name}"),
            Step::Field(None) => Ok(()),
        };
    }
    if path.is_empty() { ".".to_owned() } else { path }
}

/// From a container to the value in it that is being read.
enum Step {
    /// The field of an object, once its colon was read.
    Field(Option<String>),
    Item(usize),
}

fn offset(mismatch: &serde_json::Error, json: &[u8]) -> usize {
    let lines = json.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(mismatch.line().saturating_sub(1)).map(<[u8]>::len).sum();
    json.len().min(before + mismatch.column())
}

/// The steps to the last value of a JSON text that was cut behind it.
fn steps(json: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut name: &[u8] = &[];
    let mut rest = json;
    while let [byte, tail @ ..] = rest {
        match (byte, steps.last_mut()) {
            (b'"', _) => {
                let (text, behind) = rest.split_at(string_length(rest));
                (name, rest) = (text, behind);
                continue;
            }
            (b'{', _) => steps.push(Step::Field(None)),
            (b'[', _) => steps.push(Step::Item(0)),
            (b'}' | b']', _) => drop(steps.pop()),
            (b':', Some(Step::Field(field))) => *field = serde_json::from_slice(name).ok(),
            (b',', Some(Step::Field(field))) => *field = None,
            (b',', Some(Step::Item(index))) => *index += 1,
            _ => {}
        }
        rest = tail;
    }
    steps
}

/// How long the string is that a text begins with, both quotes included.
fn string_length(json: &[u8]) -> usize {
    let mut escaped = true;
    let end = json.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(json.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::types::extra::Extra;

    #[test]
    fn a_mismatch_is_told_by_the_field_itself() {
        #[derive(Debug, Deserialize)]
        struct Outer {
            #[serde(rename = "data")]
            _data: Vec<Inner>,
        }
        #[derive(Debug, Deserialize)]
        struct Inner {
            #[serde(rename = "zo\"ne")]
            _zone: String,
        }
        let cases = [
            ("{}", "data"),
            (r#"{"data":{}}"#, "data"),
            (r#"{"other":[{"data":1}],"data":1}"#, "data"),
            (r#"{"data":[{}]}"#, "data[0].zo\"ne"),
            (r#"{"data":[{"x":"],\\\"{"}]}"#, "data[0].zo\"ne"),
            ("{\"data\":\n\n[{\"zo\\\"ne\":\"a\"},\n {\"zo\\\"ne\" : 1}]}", "data[1].zo\"ne"),
            (r#"{"data":[{"zo\u0022ne":{"a":1}}]}"#, "data[0].zo\"ne"),
            (r#"{"data":[{"zo\"ne":"cut"#, "data[0].zo\"ne"),
            (r#"{"data":[],"#, "."),
            ("1", "."),
            ("", "."),
        ];
        for (json, expected) in cases {
            let mismatch = serde_json::from_str::<Outer>(json).unwrap_err();
            assert_eq!(of(&mismatch, json.as_bytes()), expected, "{json}");
        }
    }

    /// As a data type of the API: what is not known is kept.
    #[derive(Debug, Deserialize)]
    struct Node {
        #[serde(rename = "na\"me")]
        _name: String,
        #[serde(rename = "list", default)]
        _list: Vec<Node>,
        #[serde(rename = "child")]
        _child: Option<Box<Node>>,
        #[serde(flatten)]
        _extra: Extra,
    }

    fn node() -> impl Strategy<Value = Value> {
        let text = "[\"\\\\\n{}\\[\\]:,é]{0,6}";
        let leaf = text.prop_map(|name| json!({"na\"me": name}));
        leaf.prop_recursive(4, 16, 3, move |inner| {
            (text, vec(inner.clone(), 0..4), proptest::option::of(inner), text).prop_map(
                |(name, list, child, other)| json!({"other": [other], "list": list, "na\"me": name, "child": child}),
            )
        })
    }

    /// Puts a value of another kind somewhere.
    fn spoil(value: &mut Value, way: &mut impl Iterator<Item = Index>) {
        let places: Vec<&mut Value> = match value {
            Value::Object(fields) => fields.values_mut().collect(),
            Value::Array(items) => items.iter_mut().collect(),
            _ => Vec::new(),
        };
        match way.next() {
            Some(index) if !places.is_empty() => {
                let count = places.len();
                spoil(places.into_iter().nth(index.index(count)).unwrap(), way);
            }
            _ => *value = json!({"a": [value.is_string()]}),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn the_path_is_the_one_that_a_decoder_followed(mut value in node(), way in vec(any::<Index>(), 1..8), pretty: bool) {
            spoil(&mut value, &mut way.into_iter());
            let json = if pretty { format!("{value:#}") } else { value.to_string() };
            let mut deserializer = serde_json::Deserializer::from_str(&json);
            if let Err(mismatch) = serde_path_to_error::deserialize::<_, Node>(&mut deserializer) {
                let (ours, theirs) = (of(mismatch.inner(), json.as_bytes()), mismatch.path().to_string());
                let missing = mismatch.inner().to_string().starts_with("missing field").then_some("na\"me");
                let expected = match missing {
                    Some(field) if theirs == "." => field.to_owned(),
                    Some(field) => format!("{theirs}.{field}"),
                    None => theirs,
                };
                prop_assert_eq!(ours, expected, "{}", json);
            }
        }
    }
}
