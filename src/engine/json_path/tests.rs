//! Tests of the JSON paths in decode errors.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[test]
fn the_path_leads_to_the_field_that_does_not_match() {
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

/// Like the data types of the API, it keeps unknown fields.
#[derive(Debug, Deserialize)]
struct Node {
    #[serde(rename = "na\"me")]
    _name: String,
    #[serde(rename = "list", default)]
    _list: Vec<Node>,
    #[serde(rename = "child")]
    _child: Option<Box<Node>>,
    #[serde(flatten)]
    _extra: serde_json::Map<String, Value>,
}

fn node() -> impl Strategy<Value = Value> {
    let text = "[\"\\\\\n{}\\[\\]:,é]{0,6}";
    let scalar = text.prop_map(|name| json!({"na\"me": name}));
    scalar.prop_recursive(4, 16, 3, move |inner| {
        (text, vec(inner.clone(), 0..4), proptest::option::of(inner), text).prop_map(
            |(name, list, child, other)| json!({"other": [other], "list": list, "na\"me": name, "child": child}),
        )
    })
}

/// Replaces the value at a random path with a value of another type.
fn corrupt(value: &mut Value, path: &mut impl Iterator<Item = Index>) {
    let children: Vec<&mut Value> = match value {
        Value::Object(fields) => fields.values_mut().collect(),
        Value::Array(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    };
    match path.next() {
        Some(index) if !children.is_empty() => {
            let count = children.len();
            corrupt(children.into_iter().nth(index.index(count)).unwrap(), path);
        }
        _ => *value = json!({"a": [value.is_string()]}),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_path_equals_that_of_serde_path_to_error(mut value in node(), path in vec(any::<Index>(), 1..8), pretty: bool) {
        corrupt(&mut value, &mut path.into_iter());
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
