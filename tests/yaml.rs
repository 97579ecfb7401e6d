//! How the build parses openapi.yaml.

use serde_json::{Value, json};

#[path = "../build/yaml.rs"]
mod yaml;

#[test]
fn the_build_parses_the_document_like_yaml_serde() {
    let text = include_str!("../openapi.yaml");
    assert_eq!(yaml::read(text).unwrap(), yaml_serde::from_str::<Value>(text).unwrap());
}

#[test]
fn scalars_have_the_type_of_their_notation() {
    let text =
        "a: 5\nb: '5'\nc: 2.5\nd: true\ne: null\nf: |\n  x\n  y\ng: >-\n  x\n  y\nh: [on, \"\\n\"]\n'200': {}\ni: a b";
    let expected = json!({
        "a": 5, "b": "5", "c": 2.5, "d": true, "e": null, "f": "x\ny\n", "g": "x y", "h": ["on", "\n"], "200": {}, "i": "a b",
    });
    assert_eq!(yaml::read(text).unwrap(), expected);
}

#[test]
fn unsupported_yaml_is_an_error_with_its_line() {
    let cases = [
        ("a: 1\nb:\n  c: 1\n  c: 2", "line 3"),
        ("200: {}", "line 1"),
        ("a: &x 1\nb: *x", "line 1"),
        ("\na: !!str 5", "line 2"),
        ("a: [1", "line 2"),
        ("", "early"),
    ];
    for (text, expected) in cases {
        let error = yaml::read(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}
