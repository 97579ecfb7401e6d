//! The JSON Schemas of the data types match `openapi.yaml`.

use std::collections::BTreeMap;

use eloq_sdk::schema::*;
use eloq_sdk::{ClusterCredentials, OPENAPI_YAML, OperationResult};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The schema of a Rust type, with references to other types, and the type's name in it.
struct TypeSchema {
    name: String,
    schema: Value,
}

fn type_schema<T: JsonSchema>() -> TypeSchema {
    TypeSchema {
        name: T::schema_name().into_owned(),
        schema: T::json_schema(&mut SchemaGenerator::default()).to_value(),
    }
}

/// Every component with its Rust type.
fn types() -> BTreeMap<&'static str, TypeSchema> {
    BTreeMap::from([
        ("CloudProvider", type_schema::<CloudProvider>()),
        ("CloudProviderName", type_schema::<CloudProvider>()),
        ("ClusterList", type_schema::<ClusterList>()),
        ("ClusterListItem", type_schema::<ClusterListItem>()),
        ("ClusterListResponse", type_schema::<Envelope<ClusterList>>()),
        ("ClusterName", type_schema::<ClusterName>()),
        ("ClusterStatus", type_schema::<ClusterStatus>()),
        ("ConfigHistoryResponse", type_schema::<Envelope<Value>>()),
        ("CreateClusterRequest", type_schema::<CreateClusterRequest>()),
        ("DashboardListResponse", type_schema::<Envelope<Vec<DashboardType>>>()),
        ("DashboardType", type_schema::<DashboardType>()),
        ("DataBaseAndOveragePlan", type_schema::<DataBaseAndOveragePlan>()),
        ("DescClusterDTO", type_schema::<DescClusterDto>()),
        ("DescClusterResponse", type_schema::<Envelope<DescClusterDto>>()),
        ("ElbState", type_schema::<ElbState>()),
        ("EloqModule", type_schema::<EloqModule>()),
        ("EloqShelfOveragePricing", type_schema::<EloqShelfOveragePricing>()),
        ("EloqShelfPricePlan", type_schema::<EloqShelfPricePlan>()),
        ("ErrorResponse", type_schema::<ErrorResponse>()),
        ("ModuleType", type_schema::<ModuleType>()),
        ("OpClusterBody", type_schema::<OpClusterBody>()),
        ("OperationResponse", type_schema::<Envelope<Value>>()),
        ("OrgInfo", type_schema::<OrgInfo>()),
        ("PricingPlanListResponse", type_schema::<Envelope<Vec<DataBaseAndOveragePlan>>>()),
        ("SKUInfo", type_schema::<SkuInfo>()),
        ("SKUListResponse", type_schema::<Envelope<Vec<SkuInfo>>>()),
        ("SKUType", type_schema::<SkuType>()),
        ("SKUTypeName", type_schema::<SkuType>()),
        ("Secret", type_schema::<Secret>()),
        ("SimpleProjectInfo", type_schema::<SimpleProjectInfo>()),
        ("SubscribePlanBody", type_schema::<SubscribePlanBody>()),
        ("SubscriptionResponse", type_schema::<Envelope<DataBaseAndOveragePlan>>()),
        ("Timestamp", type_schema::<Timestamp>()),
        ("UserOrgInfoDTO", type_schema::<UserOrgInfoDto>()),
        ("UserOrgInfoResponse", type_schema::<Envelope<UserOrgInfoDto>>()),
    ])
}

fn components() -> Map<String, Value> {
    let document: Value = yaml_serde::from_str(OPENAPI_YAML).unwrap();
    let mut components = document["components"]["schemas"].as_object().unwrap().clone();
    // Titles are type names for generators of other languages.
    components.values_mut().for_each(|schema| drop(schema.as_object_mut().unwrap().remove("title")));
    components
}

/// Whether a component has the description of its Rust type. All envelopes share one type, and filters share types with response
/// fields, so that their descriptions differ.
fn has_own_description(component: &str) -> bool {
    let envelope = component.ends_with("Response") && component != "ErrorResponse";
    !envelope && !["CloudProvider", "CloudProviderName", "SKUType", "SKUTypeName"].contains(&component)
}

/// The components that are `data` of an envelope, which is null on an error: the document says so in the component, since a `$ref`
/// has no other keywords beside it, and Rust in the envelope.
const NULLABLE: [&str; 4] = ["ClusterList", "DataBaseAndOveragePlan", "DescClusterDTO", "UserOrgInfoDTO"];

/// Converts a schema of either dialect to a common form. An unknown keyword stays, so that the comparison includes it.
fn normalize(schema: &Value, descriptions: bool, name: &dyn Fn(&str) -> String) -> Value {
    let normalized = |schema: &Value| normalize(schema, descriptions, name);
    let Some(keywords) = schema.as_object() else {
        return if *schema == true { json!({}) } else { schema.clone() };
    };
    let mut out = Map::new();
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            // Only the document has examples of values.
            ("example", _) => {}
            ("description", Value::String(text)) => {
                if descriptions {
                    out.insert(keyword.clone(), text.split_whitespace().collect::<Vec<_>>().join(" ").into());
                }
            }
            ("$ref", Value::String(reference)) => {
                out.insert("$ref".to_owned(), name(reference).into());
            }
            ("allOf", Value::Array(all)) if all.len() == 1 && all[0]["$ref"].is_string() => {
                out.extend(normalized(&all[0]).as_object().unwrap().clone());
            }
            ("anyOf", Value::Array(any)) if any.len() == 2 && any[1] == json!({ "type": "null" }) => {
                out.extend(normalized(&any[0]).as_object().unwrap().clone());
                out.insert("nullable".to_owned(), true.into());
            }
            ("type", Value::Array(types)) if types.len() == 2 && types[1] == "null" => {
                out.insert("type".to_owned(), types[0].clone());
                out.insert("nullable".to_owned(), true.into());
            }
            // These are the defaults.
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
                let properties = properties.iter().map(|(name, schema)| (name.clone(), normalized(schema)));
                out.insert(keyword.clone(), Value::Object(properties.collect()));
            }
            ("items", items) => {
                out.insert(keyword.clone(), normalized(items));
            }
            _ => {
                out.insert(keyword.clone(), value.clone());
            }
        }
    }
    // OpenAPI has no standard name for this format.
    if out.get("minimum") == Some(&json!(0)) && out.get("maximum") == Some(&json!(65535)) {
        out.entry("format").or_insert("uint16".into());
    }
    Value::Object(out)
}

/// The expected schema of a component's Rust type: the document's, except for intended differences.
fn expected(component: &str, schema: &Value, types: &BTreeMap<&str, TypeSchema>) -> Value {
    let mut schema = normalize(schema, has_own_description(component), &|reference| {
        let component = reference.trim_start_matches("#/components/schemas/");
        types.get(component).map_or(reference.to_owned(), |rust| rust.name.clone())
    });
    let known = |values: &Value, more: &[&str]| {
        let values = values.as_array().cloned().unwrap_or_default();
        values.into_iter().chain(more.iter().map(|&value| value.into())).collect::<Value>()
    };
    if let Some(data) = schema.pointer_mut("/properties/data").and_then(Value::as_object_mut)
        && data.get("$ref").is_some_and(|data| NULLABLE.iter().any(|component| *data == *types[component].name))
    {
        data.insert("nullable".to_owned(), true.into());
    }
    if NULLABLE.contains(&component) && schema["nullable"] == true {
        schema.as_object_mut().unwrap().remove("nullable");
    } else if NULLABLE.contains(&component) {
        schema["nullable"] = "must be true".into();
    }
    match component {
        // The service returns the password, but types of this crate serialize it as `[redacted]`.
        "Secret" => schema["writeOnly"] = true.into(),
        // The document's filters are closed enums. Rust's are open, and include values of responses and of later versions.
        "CloudProvider" | "SKUType" | "EloqModule" => {
            let more: &[&str] = match component {
                "SKUType" => &["unspecified"],
                "EloqModule" => &["eloqsql"],
                _ => &[],
            };
            let closed = schema.as_object_mut().unwrap().remove("enum").unwrap_or_default();
            schema["x-extensible-enum"] = known(&closed, more);
        }
        // Rust ignores the ASCII case of this enum.
        "CloudProviderName" if schema["x-extensible-enum"] == json!(["AWS", "aws", "GCP", "gcp"]) => {
            schema["x-extensible-enum"] = json!(["aws", "gcp"]);
        }
        _ => {}
    }
    schema
}

/// The differences between a component and its Rust type.
fn differences(component: &str, schema: &Value, rust: &Value, types: &BTreeMap<&str, TypeSchema>) -> Vec<String> {
    let expected = expected(component, schema, types);
    let rust = normalize(rust, has_own_description(component), &|reference| {
        reference.trim_start_matches("#/$defs/").to_owned()
    });
    let mut differences = Vec::new();
    compare(component, &expected, &rust, &mut differences);
    differences
}

fn compare(path: &str, document: &Value, rust: &Value, differences: &mut Vec<String>) {
    match (document, rust) {
        (Value::Object(left), Value::Object(right)) => {
            let more = right.keys().filter(|key| !left.contains_key(*key));
            for key in left.keys().chain(more) {
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => compare(&format!("{path}.{key}"), left, right, differences),
                    (Some(left), None) => differences.push(format!("{path}.{key} is in openapi.yaml alone: {left}")),
                    (_, right) => differences.push(format!("{path}.{key} is in Rust alone: {right:?}")),
                }
            }
        }
        _ if document == rust => {}
        _ => differences.push(format!("{path}: openapi.yaml says {document}, Rust says {rust}")),
    }
}

#[test]
fn every_component_matches_its_rust_type() {
    let types = types();
    let components = components();
    assert_eq!(
        components.keys().map(String::as_str).collect::<Vec<_>>(),
        types.keys().copied().collect::<Vec<_>>(),
        "update `types` to the components of openapi.yaml"
    );
    let found: Vec<String> = components
        .iter()
        .flat_map(|(name, schema)| differences(name, schema, &types[name.as_str()].schema, &types))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every mutation of a schema that removes, changes or adds one element, with the name of the change.
fn mutations(schema: &Value, place: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut with = |change: String, value: Value| found.push((change, value));
    match schema {
        Value::Object(members) => {
            for (key, member) in members {
                let mut less = members.clone();
                less.remove(key);
                with(format!("without {place}/{key}"), less.into());
                for (change, member) in mutations(member, &format!("{place}/{key}")) {
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
                for (change, member) in mutations(member, &format!("{place}/{index}")) {
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

/// Whether a change keeps the meaning of a schema. These are exactly the changes that `normalize` ignores.
fn is_equivalent(component: &str, change: &str) -> bool {
    change.contains("/example/")
        || change.ends_with("/example")
        || change == "without /additionalProperties"
        || change == "without /properties/elb_port/format"
        || (change.ends_with("/description") && !has_own_description(component))
}

#[test]
fn a_change_of_only_one_side_is_detected() {
    let types = types();
    let mut changes = 0;
    for (name, schema) in &components() {
        let rust = &types[name.as_str()].schema;
        let document = mutations(schema, "").into_iter().map(|(change, schema)| (change, schema, rust.clone()));
        let of_rust = mutations(rust, "").into_iter().map(|(change, rust)| (change, schema.clone(), rust));
        for (change, schema, rust) in document.chain(of_rust).filter(|(change, ..)| !is_equivalent(name, change)) {
            assert!(!differences(name, &schema, &rust, &types).is_empty(), "{name} {change} went unnoticed");
            changes += 1;
        }
    }
    assert!(changes > 1000, "{changes}");
}

#[test]
fn types_without_a_component_match_the_types_that_they_derive_from() {
    let properties = |rust: TypeSchema| rust.schema["properties"].as_object().unwrap().clone();
    let org = properties(type_schema::<OrgInfo>());
    for (name, schema) in properties(type_schema::<SimpleOrgInfo>()) {
        assert_eq!(schema, org[&name], "{name}");
    }
    let credentials = properties(type_schema::<ClusterCredentials>());
    let cluster = properties(type_schema::<DescClusterDto>());
    for (name, of_cluster) in [
        ("cluster_name", "display_cluster_name"),
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
    assert_eq!(credentials.len(), 8);
    let result = properties(type_schema::<OperationResult>());
    assert_eq!(result.keys().collect::<Vec<_>>(), ["attempts", "error", "message", "reconciled", "success"]);
}
