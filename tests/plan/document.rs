//! Documents: three formats, the JSON Schema, and the place of every error.

use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::{ClusterSpec, DesiredState, SkuDescription};
use schemars::schema_for;
use serde_json::Value;

use crate::json_schema::validate;

const YAML: &str = include_str!("../../examples/clusters.yaml");
const SCHEMA: &str = "docs/desired-state.schema.json";

fn schema() -> Value {
    let mut schema = schema_for!(DesiredState).to_value();
    schema["title"] = "Desired state of EloqCloud clusters".into();
    schema
}

#[test]
fn the_schema_in_the_folder_docs_is_that_of_the_type() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(SCHEMA);
    let schema = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, &schema).unwrap();
    }
    let recorded = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(recorded == schema, "{SCHEMA} is out of date: run the tests with UPDATE_SCHEMA=1 and commit it");
}

#[test]
fn three_formats_have_the_same_meaning() {
    let toml = r#"
        [defaults]
        region = "us-west-1"
        sku = { type = "serverless", module = "eloqkv", cloud = "aws" }
        [[clusters]]
        name = "orders"
        [[clusters]]
        name = "planned-sessions"
        region = "ap-northeast-1"
    "#;
    let sku = || SkuDescription::new(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws);
    let expected = DesiredState::new([
        ClusterSpec::new("orders", "us-west-1", sku()),
        ClusterSpec::new("planned-sessions", "ap-northeast-1", sku()),
    ]);
    let from_yaml: DesiredState = yaml_serde::from_str(YAML).unwrap();
    let from_toml: DesiredState = toml::from_str(toml).unwrap();
    let json = serde_json::to_string(&expected).unwrap();
    let from_json: DesiredState = serde_json::from_str(&json).unwrap();
    assert_eq!((&from_yaml, &from_toml, &from_json), (&expected, &expected, &expected));
    for document in [yaml_serde::from_str(YAML).unwrap(), serde_json::from_str::<Value>(&json).unwrap()] {
        assert_eq!(validate(&schema(), &document), Ok(()));
    }
}

#[test]
fn clusters_have_what_defaults_say_unless_they_say_otherwise() {
    let document = r#"{
        "$schema": "docs/desired-state.schema.json",
        "defaults": { "project": 147, "region": "us-west-1", "zone": "us-west-1a", "sku": 101 },
        "clusters": [
            { "name": "a" },
            { "name": "a", "project": "staging", "region": "us-east-1" },
            { "name": "b", "zone": "us-west-1b", "sku": 201 }
        ]
    }"#;
    let expected = DesiredState::default()
        .project(147)
        .cluster(ClusterSpec::new("a", "us-west-1", 101).zone("us-west-1a"))
        .cluster_in("staging", ClusterSpec::new("a", "us-east-1", 101))
        .cluster(ClusterSpec::new("b", "us-west-1", 201).zone("us-west-1b"));
    assert_eq!(serde_json::from_str::<DesiredState>(document).unwrap(), expected);
    let projects: Vec<_> = expected.clusters().map(|(project, _)| project.unwrap().to_string()).collect();
    assert_eq!(projects, ["147", "staging", "147"]);
    let again: DesiredState = serde_json::from_str(&serde_json::to_string(&expected).unwrap()).unwrap();
    assert_eq!(again, expected);
    let one: ClusterSpec = serde_json::from_str(r#"{"name":"a","region":"us-west-1","sku":101}"#).unwrap();
    assert_eq!(one, ClusterSpec::new("a", "us-west-1", 101));
    assert!(serde_json::from_str::<ClusterSpec>(r#"{"name":"a","region":"r","sku":1,"size":2}"#).is_err());
}

/// A broken document, the line and column of its error in YAML, what the error says, and the place by the schema, which cannot tell
/// what depends on other values.
const BROKEN: [(&str, &str, &str, Option<&str>); 12] = [
    (
        "clusters:\n- name: a\n  region: r\n  sku: 1\n  size: 3",
        "line 5 column 3",
        "unknown field `size`",
        Some("/clusters/0: "),
    ),
    ("# c\ncluster: []\nclusters: []", "line 2 column 1", "unknown field `cluster`", Some(": ")),
    ("defaults: { regoin: r }\nclusters: []", "line 1 column 13", "unknown field `regoin`", Some("/defaults: ")),
    ("# c\ndefaults: {}", "line 2 column 1", "missing field `clusters`", Some(": ")),
    (
        "clusters:\n- name: a\n  region: r\n  sku: [1]",
        "line 4 column 8",
        "invalid type: sequence",
        Some("/clusters/0/sku: "),
    ),
    (
        "clusters:\n- name: a\n  region: r\n  sku: -1",
        "line 4 column 8",
        "must not be negative",
        Some("/clusters/0/sku: "),
    ),
    (
        "clusters:\n- name: a\n  region: r\n  sku: { type: serverless, module: eloqkv }",
        "line 4 column 8",
        "missing field `cloud`",
        Some("/clusters/0/sku: "),
    ),
    (
        "clusters:\n- name: a\n  region: r\n  sku: { type: dedicated, module: eloqkv, cloud: aws, cpu: four }",
        "line 4 column 60",
        "invalid type: string",
        Some("/clusters/0/sku/cpu: "),
    ),
    ("clusters:\n- region: r\n  sku: 1", "line 2 column 3", "missing field `name`", Some("/clusters/0: ")),
    ("clusters:\n- name: [a]", "line 2 column 9", "invalid type: sequence", Some("/clusters/0/name: ")),
    (
        "clusters:\n- name: a\n  region: r\n  sku: 1\n- name: a\n  region: r\n  sku: 1",
        "line 2",
        "\"a\" comes twice",
        None,
    ),
    ("# c\nclusters:\n- name: a\n  sku: 1", "line 2 column 1", "\"a\" has no region", None),
];

#[test]
fn broken_documents_are_refused_with_the_place() {
    let schema = schema();
    for (text, place, what, by_schema) in BROKEN {
        let error = yaml_serde::from_str::<DesiredState>(text).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(what), "{text}\n{error}\nnot: {what} at {place}");
        let document: Value = yaml_serde::from_str(text).unwrap();
        match (by_schema, validate(&schema, &document)) {
            (Some(place), Err(error)) => assert!(error.starts_with(place), "{text}\n{error}\nnot {place}"),
            (None, Ok(())) => {}
            (expected, found) => panic!("{text}\n{found:?}, not {expected:?}"),
        }
        let json = serde_json::to_string_pretty(&document).unwrap();
        let error = serde_json::from_str::<DesiredState>(&json).unwrap_err();
        assert!(error.line() > 0 && error.to_string().contains(what), "{json}\n{error}");
    }
    let error =
        toml::from_str::<DesiredState>("[[clusters]]\nname = \"a\"\nregion = \"r\"\nsize = 3\nsku = 1\n").unwrap_err();
    assert!(error.to_string().contains("line 4, column 1"), "{error}");
}
