//! Generates the raw client from openapi.yaml: read, transform the document, run progenitor, transform its output.
//!
//! Every transform names itself and fails the build when it changed nothing, so that none can rot unseen.

use std::error::Error;
use std::{env, fs, path::Path};

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;
use serde_json::Value;
use syn::visit_mut::VisitMut;

#[path = "build/document.rs"]
mod document;
#[path = "build/documented.rs"]
mod documented;
#[path = "build/requests.rs"]
mod requests;
#[path = "build/types.rs"]
mod types;

use document::{
    component, drop_error_responses, drop_nullable_of_lists, envelopes, keep_unknown_fields, pascal, properties,
};
use documented::Documented;
use requests::{JoinedUrls, NoOwnTransport, NoVersionHeader, OwnDecoder};
use types::{GrowingStructs, Inspected, JsonSchemas, RequestBuilders, TolerantLists};

const SPEC: &str = "openapi.yaml";

/// Component schemas that hand-written types of `src/schema/` stand for.
///
/// Filters and replies spell some values differently; the document keeps them apart, Rust does not where it need not.
const LEAVES: &[(&str, &str)] = &[
    ("ClusterName", "ClusterName"),
    ("Secret", "Secret"),
    ("Timestamp", "Timestamp"),
    ("ClusterStatus", "ClusterStatus"),
    ("ElbState", "ElbState"),
    ("ModuleType", "ModuleType"),
    ("EloqModule", "EloqModule"),
    ("CloudProvider", "CloudProvider"),
    ("CloudProviderName", "CloudProvider"),
    ("SKUType", "SkuType"),
    ("SKUTypeName", "SkuType"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed={SPEC}");

    let mut spec: Value = yaml_serde::from_str(&fs::read_to_string(SPEC)?)?;
    let properties = properties(&spec)?;
    changed("drop_error_responses", drop_error_responses(&mut spec)?)?;
    changed("drop_nullable_of_lists", drop_nullable_of_lists(&mut spec))?;
    changed("keep_unknown_fields", keep_unknown_fields(&mut spec)?)?;

    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::raw::State))
        .with_derive("PartialEq");
    for (schema, leaf) in LEAVES {
        component(&spec, schema)?;
        settings.with_replacement(pascal(schema), format!("crate::schema::{leaf}"), [].into_iter());
    }
    let envelopes = envelopes(&spec)?;
    changed("envelopes", envelopes.len())?;
    for (schema, data) in envelopes {
        settings.with_replacement(pascal(&schema), format!("crate::schema::Envelope<{data}>"), [].into_iter());
    }

    let tokens = Generator::new(&settings).generate_tokens(&serde_json::from_value(spec)?)?;
    let mut code: syn::File = syn::parse2(tokens)?;
    apply("RequestBuilders", &mut code, RequestBuilders::default())?;
    apply("TolerantLists", &mut code, TolerantLists::default())?;
    apply("JsonSchemas", &mut code, JsonSchemas { properties, derived: 0 })?;
    apply("GrowingStructs", &mut code, GrowingStructs::default())?;
    apply("Inspected", &mut code, Inspected::default())?;
    apply("OwnDecoder", &mut code, OwnDecoder::default())?;
    apply("JoinedUrls", &mut code, JoinedUrls::default())?;
    apply("NoVersionHeader", &mut code, NoVersionHeader::default())?;
    apply("NoOwnTransport", &mut code, NoOwnTransport::default())?;
    apply("Documented", &mut code, Documented::default())?;

    let out = Path::new(&env::var("OUT_DIR")?).join("raw.rs");
    fs::write(out, prettyplease::unparse(&code))?;
    Ok(())
}
/// A pass over the generated code that counts what it changed.
trait Pass: VisitMut {
    fn count(&self) -> usize;
}

fn apply(name: &str, code: &mut syn::File, mut pass: impl Pass) -> Result<(), Box<dyn Error>> {
    pass.visit_file_mut(code);
    changed(name, pass.count())
}

fn changed(transform: &str, count: usize) -> Result<(), Box<dyn Error>> {
    if count > 0 {
        return Ok(());
    }
    Err(format!(
        "the transform `{transform}` of build.rs changed nothing: {SPEC} or progenitor's output has another form now; adapt the transform or delete it"
    )
    .into())
}
