//! Generates the raw client from openapi.yaml: read, transform the document, run progenitor, transform its output.
//!
//! Every transform names itself and fails the build when it changed nothing, so that none can rot unseen.

use std::collections::BTreeMap;
use std::error::Error;
use std::{env, fs, path::Path};

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::{ToTokens, quote};
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};

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
    apply("TolerantLists", &mut code, TolerantLists::default())?;
    apply("JsonSchemas", &mut code, JsonSchemas { properties, derived: 0 })?;
    apply("GrowingStructs", &mut code, GrowingStructs::default())?;
    apply("Inspected", &mut code, Inspected::default())?;
    apply("OwnDecoder", &mut code, OwnDecoder::default())?;
    apply("NoOwnTransport", &mut code, NoOwnTransport::default())?;
    apply("Documented", &mut code, Documented::default())?;

    let out = Path::new(&env::var("OUT_DIR")?).join("raw.rs");
    fs::write(out, prettyplease::unparse(&code))?;
    Ok(())
}

/// Leaves only successes in the operations: progenitor then hands every other reply over as `UnexpectedResponse`, with its
/// status, headers and unread body. Otherwise a gateway's page would become a decode error without a status.
fn drop_error_responses(spec: &mut Value) -> Result<usize, Box<dyn Error>> {
    let paths = spec["paths"].as_object_mut().ok_or("openapi.yaml has no `paths`")?;
    let mut dropped = 0;
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        for operation in item.values_mut() {
            if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
                let before = responses.len();
                responses.retain(|status, _| status.starts_with('2'));
                dropped += before - responses.len();
            }
        }
    }
    Ok(dropped)
}

/// Makes nullable lists plain ones: with [`TolerantLists`] `null` reads as empty, which spares users an `Option`.
fn drop_nullable_of_lists(value: &mut Value) -> usize {
    match value {
        Value::Object(object) => {
            let list = object.get("type").is_some_and(|kind| kind == "array");
            let dropped = usize::from(list && object.remove("nullable").is_some());
            dropped + object.values_mut().map(drop_nullable_of_lists).sum::<usize>()
        }
        Value::Array(items) => items.iter_mut().map(drop_nullable_of_lists).sum(),
        _ => 0,
    }
}

/// Gives the schemas of answers a map of the fields that the document does not have. What is sent has none.
fn keep_unknown_fields(spec: &mut Value) -> Result<usize, Box<dyn Error>> {
    let schemas = spec["components"]["schemas"].as_object_mut().ok_or("openapi.yaml has no `components.schemas`")?;
    let mut kept = 0;
    for (name, schema) in schemas {
        let ours = ["Request", "Body", "Response"].iter().any(|ending| name.ends_with(ending));
        if !ours && schema.get("properties").is_some() {
            schema["additionalProperties"] = serde_json::json!({});
            kept += 1;
        }
    }
    Ok(kept)
}

/// What the document says of each field, by the Rust name of its type and its own name on the wire.
fn properties(spec: &Value) -> Result<BTreeMap<(String, String), Value>, Box<dyn Error>> {
    let schemas = spec["components"]["schemas"].as_object().ok_or("openapi.yaml has no `components.schemas`")?;
    let mut found = BTreeMap::new();
    for (name, schema) in schemas {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            found.insert((pascal(name), field.clone()), property.clone());
        }
    }
    Ok(found)
}

/// The schemas that are envelopes, each with the Rust type of its `data`.
fn envelopes(spec: &Value) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let schemas = spec["components"]["schemas"].as_object().ok_or("openapi.yaml has no `components.schemas`")?;
    let mut found = Vec::new();
    for (name, schema) in schemas {
        let data = &schema["properties"]["data"];
        if !name.ends_with("Response") || name == "ErrorResponse" {
            continue;
        }
        let rust = match (data["type"].as_str(), &data["allOf"][0]["$ref"], &data["items"]["$ref"]) {
            (_, Value::String(object), _) => raw_type(object),
            (Some("array"), _, Value::String(item)) => format!("::std::vec::Vec<{}>", raw_type(item)),
            (None, Value::Null, Value::Null) if data.is_object() => "::serde_json::Value".to_owned(),
            _ => {
                return Err(format!(
                    "the envelope `{name}` in {SPEC} needs a `data` that is `allOf: [$ref]`, an array of `$ref`, or untyped"
                )
                .into());
            }
        };
        found.push((name.clone(), rust));
    }
    Ok(found)
}

fn raw_type(reference: &str) -> String {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    format!("crate::raw::types::{}", pascal(name))
}

fn component<'a>(spec: &'a Value, name: &str) -> Result<&'a Value, Box<dyn Error>> {
    spec["components"]["schemas"].get(name).ok_or_else(|| {
        format!("{SPEC} has no schema `{name}`, which build.rs replaces: add it, or drop it from LEAVES").into()
    })
}

/// The name that progenitor gives a schema: `SKUInfo` → `SkuInfo`.
fn pascal(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let inside_run = i > 0 && chars[i - 1].is_uppercase();
        let ends_run = chars.get(i + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && inside_run && !ends_run {
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(*c);
        }
    }
    out
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

/// Reads `null` as an empty list, which is how a Go backend writes one.
#[derive(Default)]
struct TolerantLists(usize);

impl VisitMut for TolerantLists {
    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        let deserialized = item
            .attrs
            .iter()
            .any(|attr| attr.path().is_ident("derive") && attr.to_token_stream().to_string().contains("Deserialize"));
        for field in item.fields.iter_mut().filter(|_| deserialized) {
            let ty = field.ty.to_token_stream().to_string().replace(' ', "");
            if ty.starts_with("::std::vec::Vec<") {
                field.attrs.push(syn::parse_quote!(#[serde(deserialize_with = "crate::schema::null_as_empty")]));
                self.0 += 1;
            }
        }
    }
}

impl Pass for TolerantLists {
    fn count(&self) -> usize {
        self.0
    }
}

/// Derives `JsonSchema` for the data types, behind the feature `schemars`, and adds what the document says and a Rust type does
/// not: limits, lists that can be null, and absent values that cannot.
struct JsonSchemas {
    properties: BTreeMap<(String, String), Value>,
    derived: usize,
}

impl VisitMut for JsonSchemas {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        let Some((_, items)) = module.content.as_mut().filter(|_| module.ident == "types") else { return };
        let mut structs: Vec<&mut syn::ItemStruct> = items
            .iter_mut()
            .filter_map(|item| if let syn::Item::Struct(item) = item { Some(item) } else { None })
            .collect();
        let newtypes: Vec<String> = structs
            .iter()
            .filter(|item| matches!(item.fields, syn::Fields::Unnamed(_)))
            .map(|item| item.ident.to_string())
            .collect();
        let mut limits_of_newtypes = BTreeMap::new();
        for item in &mut structs {
            let name = item.ident.to_string();
            item.attrs.push(syn::parse_quote!(#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]));
            self.derived += 1;
            for field in item.fields.iter_mut() {
                let Some(property) = wire_name(field).and_then(|wire| self.properties.get(&(name.clone(), wire)))
                else {
                    continue;
                };
                let ty = field.ty.to_token_stream().to_string().replace(' ', "");
                let inner = ty.trim_end_matches('>').rsplit([':', '<']).next().unwrap_or_default();
                let nullable = property["nullable"] == true;
                if nullable && ty.starts_with("::std::vec::Vec<") {
                    field.attrs.push(schemars(&quote!(transform = crate::schema::json_schema::or_null)));
                } else if !nullable && property["type"].is_string() && ty.starts_with("::std::option::Option<") {
                    field.attrs.push(schemars(&quote!(transform = crate::schema::json_schema::not_null)));
                }
                if newtypes.iter().any(|newtype| newtype == inner) {
                    limits_of_newtypes.insert(inner.to_owned(), limits(property));
                } else if ["i32", "i64", "f64", "String"].contains(&inner) {
                    field.attrs.extend(limits(property));
                }
            }
        }
        for item in structs {
            if let Some(limits) = limits_of_newtypes.remove(&item.ident.to_string()) {
                item.attrs.push(schemars(&quote!(inline)));
                item.attrs.extend(limits);
            }
        }
    }
}

impl Pass for JsonSchemas {
    fn count(&self) -> usize {
        self.derived
    }
}

fn schemars(setting: &proc_macro2::TokenStream) -> syn::Attribute {
    syn::parse_quote!(#[cfg_attr(feature = "schemars", schemars(#setting))])
}

/// The limits of a field. Types such as `u16` have theirs already.
fn limits(property: &Value) -> Vec<syn::Attribute> {
    ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"]
        .into_iter()
        .filter_map(|keyword| {
            let value: syn::Expr = match property.get(keyword)? {
                Value::String(text) => syn::parse_quote!(#text),
                number => syn::parse_str(&number.to_string()).ok()?,
            };
            Some(schemars(&quote!(extend(#keyword = #value))))
        })
        .collect()
}

fn wire_name(field: &syn::Field) -> Option<String> {
    let mut name = field.ident.as_ref()?.to_string();
    for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        let settings = attr
            .parse_args_with(syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated)
            .unwrap_or_default();
        for setting in settings {
            if let syn::Meta::NameValue(setting) = setting
                && setting.path.is_ident("rename")
                && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(renamed), .. }) = setting.value
            {
                name = renamed.value();
            }
        }
    }
    Some(name)
}

/// Marks the data types `#[non_exhaustive]`: the service adds fields at any time.
#[derive(Default)]
struct GrowingStructs(usize);

impl VisitMut for GrowingStructs {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if module.ident != "types" {
            return;
        }
        for item in module.content.iter_mut().flat_map(|(_, items)| items) {
            if let syn::Item::Struct(item) = item {
                item.attrs.push(syn::parse_quote!(#[non_exhaustive]));
                self.0 += 1;
            }
        }
    }
}

impl Pass for GrowingStructs {
    fn count(&self) -> usize {
        self.0
    }
}

/// Tells of unknown fields and values in the structs that keep them: implements `Inspect` for each, field by field.
#[derive(Default)]
struct Inspected(usize);

impl VisitMut for Inspected {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        visit_mut::visit_item_mod_mut(self, module);
        let Some((_, items)) = module.content.as_mut().filter(|_| module.ident == "types") else { return };
        let mut inspections = Vec::new();
        for item in items.iter_mut() {
            if let syn::Item::Struct(item) = item
                && let Some(extra) = item.fields.iter_mut().find(|field| is_extra(field))
            {
                extra.attrs.push(syn::parse_quote!(#[doc = "Fields that this version does not know, as they came."]));
                inspections.push(inspection(item));
            }
        }
        self.0 += inspections.len();
        items.extend(inspections);
    }

    fn visit_type_path_mut(&mut self, path: &mut syn::TypePath) {
        let map = "::serde_json::Map<::std::string::String,::serde_json::Value>";
        if path.to_token_stream().to_string().replace(' ', "") == map {
            *path = syn::parse_quote!(crate::schema::Extra);
        }
        visit_mut::visit_type_path_mut(self, path);
    }
}

impl Pass for Inspected {
    fn count(&self) -> usize {
        self.0
    }
}

fn is_extra(field: &syn::Field) -> bool {
    field.ident.as_ref().is_some_and(|name| name == "extra")
}

fn inspection(item: &syn::ItemStruct) -> syn::Item {
    let name = &item.ident;
    let schema = name.to_string();
    let fields = item.fields.iter().map(|field| {
        let ident = &field.ident;
        let name = ident.as_ref().map(ToString::to_string);
        quote!(crate::drift::Inspect::drift(&self.#ident, (#schema, #name), found);)
    });
    syn::parse_quote! {
        impl crate::drift::Inspect for #name {
            fn drift(&self, _: crate::drift::Place, found: &mut dyn FnMut(crate::drift::Drift)) {
                #(#fields)*
            }
        }
    }
}

/// Decodes replies with `raw::decode`, which keeps status, headers and body of a reply that it cannot read; progenitor's
/// own decoder keeps the body alone.
#[derive(Default)]
struct OwnDecoder(usize);

impl VisitMut for OwnDecoder {
    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        if path.to_token_stream().to_string().replace(' ', "") == "ResponseValue::from_response" {
            *path = syn::parse_quote!(crate::raw::decode);
            self.0 += 1;
        }
        visit_mut::visit_expr_path_mut(self, path);
    }
}

impl Pass for OwnDecoder {
    fn count(&self) -> usize {
        self.0
    }
}

/// Drops `Client::new`, which would make an HTTP client of its own, without this crate's TLS and limits, and panic on failure.
#[derive(Default)]
struct NoOwnTransport(usize);

impl VisitMut for NoOwnTransport {
    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        let of_client = item.self_ty.to_token_stream().to_string() == "Client" && item.trait_.is_none();
        if of_client {
            let before = item.items.len();
            item.items.retain(|member| !matches!(member, syn::ImplItem::Fn(method) if method.sig.ident == "new"));
            self.0 += before - item.items.len();
        }
    }
}

impl Pass for NoOwnTransport {
    fn count(&self) -> usize {
        self.0
    }
}

/// Documents what progenitor leaves undocumented, and keeps rustdoc from listing its example fragments as ignored tests.
#[derive(Default)]
struct Documented(usize);

impl Documented {
    fn document(&mut self, vis: &syn::Visibility, attrs: &mut Vec<syn::Attribute>, text: String) {
        let documented = attrs.iter().any(|attr| attr.path().is_ident("doc"));
        if !documented && matches!(vis, syn::Visibility::Public(_)) {
            attrs.push(syn::parse_quote!(#[doc = #text]));
            self.0 += 1;
        }
    }
}

impl VisitMut for Documented {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        let text = match module.ident.to_string().as_str() {
            "builder" => "Builders of the data types, for tests and fixtures.",
            _ => "What conversions into the data types fail with.",
        };
        self.document(&module.vis.clone(), &mut module.attrs, text.to_owned());
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        let text = format!("Builder of [`{0}`](super::{0}).", item.ident);
        self.document(&item.vis.clone(), &mut item.attrs, text);
    }

    fn visit_impl_item_fn_mut(&mut self, method: &mut syn::ImplItemFn) {
        let name = method.sig.ident.to_string();
        let text = match name.as_str() {
            "new" => "Starts the request; prefer the method of the client.".to_owned(),
            "builder" => "A builder, with nothing set.".to_owned(),
            "body_map" => "Changes the body that is set so far.".to_owned(),
            _ => format!("Sets `{}`.", name.trim_end_matches('_')),
        };
        self.document(&method.vis.clone(), &mut method.attrs, text);
        visit_mut::visit_impl_item_fn_mut(self, method);
    }

    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        let value = text.value();
        if value.contains("```ignore") {
            *text = syn::LitStr::new(&value.replace("```ignore", "```text"), text.span());
            self.0 += 1;
        }
    }
}

impl Pass for Documented {
    fn count(&self) -> usize {
        self.0
    }
}
