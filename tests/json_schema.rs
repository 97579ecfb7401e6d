//! The JSON Schemas of the data types and `openapi.yaml` say the same.

use std::collections::BTreeMap;

use eloq_sdk::schema::*;
use eloq_sdk::{ClusterCredentials, OPENAPI_YAML, OperationResult};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A type that stands for a component: its name, and its schema with references to others.
struct Rust {
    name: String,
    schema: Value,
}

fn rust<T: JsonSchema>() -> Rust {
    Rust { name: T::schema_name().into_owned(), schema: T::json_schema(&mut SchemaGenerator::default()).to_value() }
}

/// Every component, with the type that stands for it. None is without one.
fn types() -> BTreeMap<&'static str, Rust> {
    BTreeMap::from([
        ("CloudProvider", rust::<CloudProvider>()),
        ("CloudProviderName", rust::<CloudProvider>()),
        ("ClusterList", rust::<ClusterList>()),
        ("ClusterListItem", rust::<ClusterListItem>()),
        ("ClusterListResponse", rust::<Envelope<ClusterList>>()),
        ("ClusterName", rust::<ClusterName>()),
        ("ClusterStatus", rust::<ClusterStatus>()),
        ("ConfigHistoryResponse", rust::<Envelope<Value>>()),
        ("CreateClusterRequest", rust::<CreateClusterRequest>()),
        ("DashboardListResponse", rust::<Envelope<Vec<DashboardType>>>()),
        ("DashboardType", rust::<DashboardType>()),
        ("DataBaseAndOveragePlan", rust::<DataBaseAndOveragePlan>()),
        ("DescClusterDTO", rust::<DescClusterDto>()),
        ("DescClusterResponse", rust::<Envelope<DescClusterDto>>()),
        ("ElbState", rust::<ElbState>()),
        ("EloqModule", rust::<EloqModule>()),
        ("EloqShelfOveragePricing", rust::<EloqShelfOveragePricing>()),
        ("EloqShelfPricePlan", rust::<EloqShelfPricePlan>()),
        ("ErrorResponse", rust::<ErrorResponse>()),
        ("ModuleType", rust::<ModuleType>()),
        ("OpClusterBody", rust::<OpClusterBody>()),
        ("OperationResponse", rust::<Envelope<Value>>()),
        ("OrgInfo", rust::<OrgInfo>()),
        ("PricingPlanListResponse", rust::<Envelope<Vec<DataBaseAndOveragePlan>>>()),
        ("SKUInfo", rust::<SkuInfo>()),
        ("SKUListResponse", rust::<Envelope<Vec<SkuInfo>>>()),
        ("SKUType", rust::<SkuType>()),
        ("SKUTypeName", rust::<SkuType>()),
        ("Secret", rust::<Secret>()),
        ("SimpleProjectInfo", rust::<SimpleProjectInfo>()),
        ("SubscribePlanBody", rust::<SubscribePlanBody>()),
        ("SubscriptionResponse", rust::<Envelope<DataBaseAndOveragePlan>>()),
        ("Timestamp", rust::<Timestamp>()),
        ("UserOrgInfoDTO", rust::<UserOrgInfoDto>()),
        ("UserOrgInfoResponse", rust::<Envelope<UserOrgInfoDto>>()),
    ])
}

fn components() -> Map<String, Value> {
    let document: Value = yaml_serde::from_str(OPENAPI_YAML).unwrap();
    let mut components = document["components"]["schemas"].as_object().unwrap().clone();
    // A title is what generators of other languages call a type.
    components.values_mut().for_each(|schema| drop(schema.as_object_mut().unwrap().remove("title")));
    components
}

/// One type serves all envelopes, and filters share theirs with replies: only one of the texts can be Rust's.
fn has_its_own_text(component: &str) -> bool {
    let envelope = component.ends_with("Response") && component != "ErrorResponse";
    !envelope && !["CloudProvider", "CloudProviderName", "SKUType", "SKUTypeName"].contains(&component)
}

/// A schema in the form that both dialects are brought to. A keyword that is not known here stays, and so counts.
fn normal(schema: &Value, texts: bool, name: &dyn Fn(&str) -> String) -> Value {
    let normal = |schema: &Value| normal(schema, texts, name);
    let Some(keywords) = schema.as_object() else {
        return if *schema == true { json!({}) } else { schema.clone() };
    };
    let mut out = Map::new();
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            // An example that the document gives of a value; Rust has none.
            ("example", _) => {}
            ("description", Value::String(text)) => {
                if texts {
                    out.insert(keyword.clone(), text.split_whitespace().collect::<Vec<_>>().join(" ").into());
                }
            }
            ("$ref", Value::String(reference)) => {
                out.insert("$ref".to_owned(), name(reference).into());
            }
            ("allOf", Value::Array(all)) if all.len() == 1 && all[0]["$ref"].is_string() => {
                out.extend(normal(&all[0]).as_object().unwrap().clone());
            }
            // OpenAPI 3.0 allows `nullable` only beside a `type`.
            ("type", Value::String(_)) if keywords.contains_key("allOf") => {}
            ("anyOf", Value::Array(any)) if any.len() == 2 && any[1] == json!({ "type": "null" }) => {
                out.extend(normal(&any[0]).as_object().unwrap().clone());
                out.insert("nullable".to_owned(), true.into());
            }
            ("type", Value::Array(types)) if types.len() == 2 && types[1] == "null" => {
                out.insert("type".to_owned(), types[0].clone());
                out.insert("nullable".to_owned(), true.into());
            }
            // What is not forbidden is allowed.
            ("nullable", Value::Bool(false)) | ("additionalProperties", Value::Bool(true)) => {}
            ("examples", known) => {
                out.insert("x-extensible-enum".to_owned(), known.clone());
            }
            ("required", Value::Array(names)) => {
                let mut names = names.clone();
                names.sort_by_key(Value::to_string);
                out.insert(keyword.clone(), names.into());
            }
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter().map(|(name, schema)| (name.clone(), normal(schema)));
                out.insert(keyword.clone(), Value::Object(properties.collect()));
            }
            ("items", items) => {
                out.insert(keyword.clone(), normal(items));
            }
            _ => {
                out.insert(keyword.clone(), value.clone());
            }
        }
    }
    // OpenAPI has no name for this format.
    if out.get("minimum") == Some(&json!(0)) && out.get("maximum") == Some(&json!(65535)) {
        out.entry("format").or_insert("uint16".into());
    }
    Value::Object(out)
}

/// What Rust should say of a component: the document's words, but for what differs on purpose.
fn expected(component: &str, schema: &Value, types: &BTreeMap<&str, Rust>) -> Value {
    let mut schema = normal(schema, has_its_own_text(component), &|reference| {
        let component = reference.trim_start_matches("#/components/schemas/");
        types.get(component).map_or(reference.to_owned(), |rust| rust.name.clone())
    });
    let known = |values: &Value, more: &[&str]| {
        let values = values.as_array().cloned().unwrap_or_default();
        values.into_iter().chain(more.iter().map(|&value| value.into())).collect::<Value>()
    };
    match component {
        // The service reads and writes the password; whoever holds a type of this crate writes `[redacted]`.
        "Secret" => schema["writeOnly"] = true.into(),
        // Filters are closed in the document; in Rust they are open, and have what only replies or the future have.
        "CloudProvider" | "SKUType" | "EloqModule" => {
            let more: &[&str] = match component {
                "SKUType" => &["unspecified"],
                "EloqModule" => &["eloqsql"],
                _ => &[],
            };
            let closed = schema.as_object_mut().unwrap().remove("enum").unwrap_or_default();
            schema["x-extensible-enum"] = known(&closed, more);
        }
        // Rust does not tell the letter case of this one.
        "CloudProviderName" if schema["x-extensible-enum"] == json!(["AWS", "aws", "GCP", "gcp"]) => {
            schema["x-extensible-enum"] = json!(["aws", "gcp"]);
        }
        _ => {}
    }
    schema
}

/// Where a component and its type say something different.
fn differences(component: &str, schema: &Value, rust: &Value, types: &BTreeMap<&str, Rust>) -> Vec<String> {
    let expected = expected(component, schema, types);
    let rust =
        normal(rust, has_its_own_text(component), &|reference| reference.trim_start_matches("#/$defs/").to_owned());
    let mut found = Vec::new();
    compare(component, &expected, &rust, &mut found);
    found
}

fn compare(place: &str, document: &Value, rust: &Value, found: &mut Vec<String>) {
    match (document, rust) {
        (Value::Object(left), Value::Object(right)) => {
            let more = right.keys().filter(|key| !left.contains_key(*key));
            for key in left.keys().chain(more) {
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => compare(&format!("{place}.{key}"), left, right, found),
                    (Some(left), None) => found.push(format!("{place}.{key} is in openapi.yaml alone: {left}")),
                    (_, right) => found.push(format!("{place}.{key} is in Rust alone: {right:?}")),
                }
            }
        }
        _ if document == rust => {}
        _ => found.push(format!("{place}: openapi.yaml says {document}, Rust says {rust}")),
    }
}

#[test]
fn every_component_has_a_type_that_says_the_same() {
    let types = types();
    let components = components();
    assert_eq!(
        components.keys().map(String::as_str).collect::<Vec<_>>(),
        types.keys().copied().collect::<Vec<_>>(),
        "a component came or went: adapt `types`"
    );
    let found: Vec<String> = components
        .iter()
        .flat_map(|(name, schema)| differences(name, schema, &types[name.as_str()].schema, &types))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every form of a schema in which one thing is missing, changed or more, with the name of the change.
fn broken(schema: &Value, place: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut with = |change: String, value: Value| found.push((change, value));
    match schema {
        Value::Object(members) => {
            for (key, member) in members {
                let mut less = members.clone();
                less.remove(key);
                with(format!("without {place}/{key}"), less.into());
                for (change, member) in broken(member, &format!("{place}/{key}")) {
                    let mut changed = members.clone();
                    changed.insert(key.clone(), member);
                    with(change, changed.into());
                }
            }
            let mut more = members.clone();
            more.insert("added".to_owned(), json!({ "type": "string" }));
            with(format!("more in {place}"), more.into());
        }
        Value::Array(members) => {
            for (index, member) in members.iter().enumerate() {
                let mut less = members.clone();
                less.remove(index);
                with(format!("without {place}/{index}"), less.into());
                for (change, member) in broken(member, &format!("{place}/{index}")) {
                    let mut changed = members.clone();
                    changed[index] = member;
                    with(change, changed.into());
                }
            }
            with(format!("more in {place}"), members.iter().cloned().chain(["added".into()]).collect());
        }
        Value::String(text) => with(format!("changed {place}"), format!("{text}x").into()),
        Value::Bool(flag) => with(format!("changed {place}"), (!flag).into()),
        Value::Number(number) => with(format!("changed {place}"), json!(number.as_f64().unwrap() + 1.0)),
        Value::Null => {}
    }
    found
}

/// Changes after which both still mean the same: all that `normal` passes over, spelled out.
fn means_the_same(component: &str, change: &str) -> bool {
    change.contains("/example/")
        || change.ends_with("/example")
        || change == "without /additionalProperties"
        || change == "without /properties/elb_port/format"
        || (change.ends_with("/description") && !has_its_own_text(component))
        || (change.ends_with("/properties/data/type") && component.ends_with("Response"))
}

#[test]
fn nothing_can_be_added_removed_or_changed_on_one_side_alone() {
    let types = types();
    let mut changes = 0;
    for (name, schema) in &components() {
        let rust = &types[name.as_str()].schema;
        let document = broken(schema, "").into_iter().map(|(change, schema)| (change, schema, rust.clone()));
        let of_rust = broken(rust, "").into_iter().map(|(change, rust)| (change, schema.clone(), rust));
        for (change, schema, rust) in document.chain(of_rust).filter(|(change, ..)| !means_the_same(name, change)) {
            assert!(!differences(name, &schema, &rust, &types).is_empty(), "{name} {change} went unnoticed");
            changes += 1;
        }
    }
    assert!(changes > 1000, "{changes}");
}

#[test]
fn types_without_a_component_agree_with_those_that_they_are_made_of() {
    let properties = |rust: Rust| rust.schema["properties"].as_object().unwrap().clone();
    let org = properties(rust::<OrgInfo>());
    for (name, schema) in properties(rust::<SimpleOrgInfo>()) {
        assert_eq!(schema, org[&name], "{name}");
    }
    let credentials = properties(rust::<ClusterCredentials>());
    let cluster = properties(rust::<DescClusterDto>());
    for (name, of_cluster) in [
        ("host", "elb_addr"),
        ("port", "elb_port"),
        ("password", "admin_password"),
        ("username", "admin_user"),
        ("status", "status"),
        ("module_type", "module_type"),
        ("elb_state", "elb_state"),
    ] {
        for keyword in ["type", "$ref", "minimum", "maximum"] {
            assert_eq!(credentials[name].get(keyword), cluster[of_cluster].get(keyword), "{name} {keyword}");
        }
    }
    assert_eq!(credentials.len(), 7);
    let result = properties(rust::<OperationResult>());
    assert_eq!(result.keys().collect::<Vec<_>>(), ["message", "success"]);
}
