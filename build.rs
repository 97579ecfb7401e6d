//! Generates the raw client from openapi.yaml: transforms the document, runs progenitor, and transforms its output.
//!
//! The build fails if a transform changes nothing, since progenitor's output has changed then.

use std::error::Error;
use std::{env, fs, path::Path};

use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use quote::quote;
use serde_json::Value;

#[path = "build/doc_comments.rs"]
mod doc_comments;
#[path = "build/operations.rs"]
mod operations;
#[path = "build/requests.rs"]
mod requests;
#[path = "build/rewrite.rs"]
mod rewrite;
#[path = "build/spec.rs"]
mod spec;
#[path = "build/types.rs"]
mod types;
#[path = "build/yaml.rs"]
mod yaml;

use doc_comments::{document_items, mark_examples_as_text};
use operations::operations;
use requests::{
    borrow_static_messages, default_optional_bodies, drop_hooks, drop_own_transport, drop_version_header, join_urls,
    send_no_header_map, use_own_error_type, use_own_results, use_own_transport,
};
use rewrite::{module, rewrite};
use spec::{
    component, drop_error_responses, drop_nullable_of_lists, drop_nullable_of_objects, envelopes, keep_unknown_fields,
    optional_bodies, pascal, properties, scalars,
};
use types::{derive_json_schemas, drop_builders_of_received, mark_non_exhaustive, read_extra, tolerate_null_lists};

const SPEC: &str = "openapi.yaml";

/// Component schemas that hand-written scalar types of `src/types/` replace.
///
/// Two schemas map to one Rust type where filters and responses spell a value differently.
const REPLACED: &[(&str, &str)] = &[
    ("ClusterName", "cluster_name::ClusterName"),
    ("Secret", "secret::Secret"),
    ("Timestamp", "timestamp::Timestamp"),
    ("ClusterStatus", "open_enum::ClusterStatus"),
    ("ElbState", "open_enum::ElbState"),
    ("ModuleType", "open_enum::ModuleType"),
    ("EloqModule", "open_enum::EloqModule"),
    ("CloudProvider", "open_enum::CloudProvider"),
    ("CloudProviderName", "open_enum::CloudProvider"),
    ("SKUType", "open_enum::SkuType"),
    ("SKUTypeName", "open_enum::SkuType"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed={SPEC}");

    let mut spec: Value = yaml::read(&fs::read_to_string(SPEC)?)?;
    let properties = properties(&spec)?;
    let operations = operations(&spec)?;
    let optional_bodies = optional_bodies(&spec);
    let scalars = scalars(&spec, REPLACED);
    changed("drop_error_responses", drop_error_responses(&mut spec)?)?;
    changed("drop_nullable_of_lists", drop_nullable_of_lists(&mut spec))?;
    changed("drop_nullable_of_objects", drop_nullable_of_objects(&mut spec))?;
    changed("keep_unknown_fields", keep_unknown_fields(&mut spec))?;

    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_inner_type(quote!(crate::raw::state::State))
        .with_derive("PartialEq");
    for (schema, scalar) in REPLACED {
        component(&spec, schema)?;
        settings.with_replacement(pascal(schema), format!("crate::types::{scalar}"), [].into_iter());
    }
    let envelopes = envelopes(&spec)?;
    changed("envelopes", envelopes.len())?;
    for (schema, data) in envelopes {
        settings.with_replacement(pascal(&schema), format!("crate::types::envelope::Envelope<{data}>"), [].into_iter());
    }

    let code = Generator::new(&settings).generate_tokens(&serde_json::from_value(spec)?)?;
    let mut rules = [
        use_own_results(),
        use_own_error_type(),
        borrow_static_messages(),
        drop_hooks(),
        join_urls(),
        drop_version_header(),
        send_no_header_map(),
        mark_examples_as_text(),
    ];
    let code = rewrite(code, &mut rules);
    for rule in &rules {
        changed(rule.name, rule.count)?;
    }

    let mut file: syn::File = syn::parse2(code)?;
    changed("use_own_transport", use_own_transport(&mut file.items)?)?;
    changed("drop_own_transport", drop_own_transport(&mut file.items))?;
    changed("default_optional_bodies", default_optional_bodies(&mut file.items, &optional_bodies)?)?;
    changed("drop_builders_of_received", drop_builders_of_received(&mut file.items)?)?;
    changed("document_items", document_items(&mut file.items))?;
    let types = module(&mut file.items, "types")?;
    changed("tolerate_null_lists", tolerate_null_lists(types))?;
    changed("derive_json_schemas", derive_json_schemas(types, &properties))?;
    changed("mark_non_exhaustive", mark_non_exhaustive(types))?;
    changed("read_extra", read_extra(types)?)?;

    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("raw.rs"), prettyplease::unparse(&file))?;
    fs::write(Path::new(&out).join("scalars.json"), scalars.to_string())?;
    fs::write(Path::new(&out).join("operation.rs"), prettyplease::unparse(&syn::parse2(operations)?))?;
    Ok(())
}

fn changed(transform: &str, count: usize) -> Result<(), Box<dyn Error>> {
    if count > 0 {
        return Ok(());
    }
    Err(format!(
        "the transform `{transform}` of build.rs changed nothing: {SPEC} or progenitor's output has a new form; adapt or delete the transform"
    )
    .into())
}
