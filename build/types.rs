//! Transforms of the generated data types.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::rewrite::{Rule, module, structs, text};

/// Drops the builders of response types, which would be two fifths of the generated code, and keeps those of request bodies.
pub(crate) fn drop_builders_of_received(items: &mut [syn::Item]) -> Result<usize, String> {
    // A request has a field for the builder of its body.
    let sent: BTreeSet<String> = structs(module(items, "builder")?)
        .flat_map(|request| &request.fields)
        .filter_map(|field| {
            text(&field.ty).split("types::builder::").nth(1)?.split([',', '>']).next().map(str::to_owned)
        })
        .collect();
    let types = module(items, "types")?;
    let dropped = drop_except(types, &sent, |item| matches!(item, syn::Item::Impl(item) if has_only_builder(item)));
    Ok(dropped + drop_except(module(types, "builder")?, &sent, |_| true))
}

/// Drops the items of this kind, except those of the given types.
fn drop_except(items: &mut Vec<syn::Item>, types: &BTreeSet<String>, kind: fn(&syn::Item) -> bool) -> usize {
    let before = items.len();
    items.retain(|item| {
        let name = match item {
            syn::Item::Struct(item) => item.ident.to_string(),
            syn::Item::Impl(item) => text(&item.self_ty).trim_start_matches("super::").to_owned(),
            _ => return true,
        };
        !kind(item) || types.contains(&name)
    });
    before - items.len()
}

/// Whether an `impl` block contains only `T::builder()`.
fn has_only_builder(item: &syn::ItemImpl) -> bool {
    item.trait_.is_none() && matches!(&item.items[..], [syn::ImplItem::Fn(method)] if method.sig.ident == "builder")
}

/// Reads `null` as an empty list, since a Go backend encodes an empty list as `null`.
pub(crate) fn tolerate_null_lists(types: &mut [syn::Item]) -> usize {
    let mut tolerant = 0;
    for item in structs(types) {
        let derives = |attr: &syn::Attribute| attr.path().is_ident("derive") && text(attr).contains("Deserialize");
        if !item.attrs.iter().any(derives) {
            continue;
        }
        for field in item.fields.iter_mut().filter(|field| text(&field.ty).starts_with("::std::vec::Vec<")) {
            field.attrs.push(syn::parse_quote!(#[serde(deserialize_with = "crate::types::list::null_as_empty")]));
            tolerant += 1;
        }
    }
    tolerant
}

/// Derives `JsonSchema` for the data types, behind the feature `schemars`, and adds what Rust types lack: limits, nullable
/// lists, and optional values that cannot be null.
pub(crate) fn derive_json_schemas(types: &mut [syn::Item], properties: &BTreeMap<(String, String), Value>) -> usize {
    let mut structs: Vec<&mut syn::ItemStruct> = structs(types).collect();
    let newtypes: BTreeSet<String> = structs
        .iter()
        .filter(|item| matches!(item.fields, syn::Fields::Unnamed(_)))
        .map(|item| item.ident.to_string())
        .collect();
    let mut limits_of_newtypes = BTreeMap::new();
    for item in &mut structs {
        let name = item.ident.to_string();
        item.attrs.push(syn::parse_quote!(#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]));
        for field in item.fields.iter_mut() {
            let Some(property) = wire_name(field).and_then(|wire| properties.get(&(name.clone(), wire))) else {
                continue;
            };
            let ty = text(&field.ty);
            let inner = ty.trim_end_matches('>').rsplit([':', '<']).next().unwrap_or_default();
            let nullable = property["nullable"] == true;
            if nullable && ty.starts_with("::std::vec::Vec<") {
                field.attrs.push(schemars(&quote!(transform = crate::types::json_schema::or_null)));
            } else if !nullable && property["type"].is_string() && ty.starts_with("::std::option::Option<") {
                field.attrs.push(schemars(&quote!(transform = crate::types::json_schema::not_null)));
            }
            if newtypes.contains(inner) {
                limits_of_newtypes.insert(inner.to_owned(), limits(property));
            } else if ["i32", "i64", "f64", "String"].contains(&inner) {
                field.attrs.extend(limits(property));
            }
        }
    }
    for item in &mut structs {
        if let Some(limits) = limits_of_newtypes.remove(&item.ident.to_string()) {
            item.attrs.push(schemars(&quote!(inline)));
            item.attrs.extend(limits);
        }
    }
    structs.len()
}

fn schemars(setting: &TokenStream) -> syn::Attribute {
    syn::parse_quote!(#[cfg_attr(feature = "schemars", schemars(#setting))])
}

/// Returns the limits of a field. The schemas of types such as `u16` already contain theirs.
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
pub(crate) fn mark_non_exhaustive(types: &mut [syn::Item]) -> usize {
    structs(types).map(|item| item.attrs.push(syn::parse_quote!(#[non_exhaustive]))).count()
}

/// Replaces the type of the maps of unknown fields with this crate's `Extra`.
pub(crate) fn name_extra_maps() -> Rule {
    let map = quote!(::serde_json::Map<::std::string::String, ::serde_json::Value>);
    Rule::replace("name_extra_maps", map, quote!(crate::types::extra::Extra))
}

/// Implements `Inspect`, which reports unknown fields and values, for every struct with a map of unknown fields.
pub(crate) fn inspect_extra(types: &mut Vec<syn::Item>) -> usize {
    let mut inspections = Vec::new();
    for item in structs(types) {
        if let Some(extra) = item.fields.iter_mut().find(|field| is_extra(field)) {
            extra.attrs.push(syn::parse_quote!(#[doc = "Fields that this version does not know, unchanged."]));
            inspections.push(inspection(item));
        }
    }
    let count = inspections.len();
    types.extend(inspections);
    count
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
        quote!(crate::types::drift::Inspect::find_drift(&self.#ident, (#schema, #name), report);)
    });
    syn::parse_quote! {
        impl crate::types::drift::Inspect for #name {
            fn find_drift(&self, _: crate::types::drift::Place, report: &mut dyn FnMut(crate::types::drift::Drift)) {
                #(#fields)*
            }
        }
    }
}
