//! Tests of `json_path`.

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
