//! Transforms of the generated data types.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::rewrite::{module, structs, text};

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

/// Reads `null` as an empty list, since a Go backend encodes an empty list as `null`, and writes an empty list as such, where
/// progenitor would leave an optional one out.
pub(crate) fn tolerate_null_lists(types: &mut [syn::Item]) -> usize {
    let mut tolerant = 0;
    for item in structs(types) {
        let derives = |attr: &syn::Attribute| attr.path().is_ident("derive") && text(attr).contains("Deserialize");
        if !item.attrs.iter().any(derives) {
            continue;
        }
        for field in item.fields.iter_mut().filter(|field| text(&field.ty).starts_with("::std::vec::Vec<")) {
            for attr in field.attrs.iter_mut().filter(|attr| text(attr).contains("skip_serializing_if")) {
                *attr = syn::parse_quote!(#[serde(default)]);
            }
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

/// Gives maps of unknown fields the type `Extra`, and implements `Object`, which reads them, and `Inspect`, which reports them.
pub(crate) fn read_extra(types: &mut Vec<syn::Item>) -> Result<usize, String> {
    let mut impls = Vec::new();
    let mut count = 0;
    for item in structs(types) {
        if let Some(extra) = item.fields.iter_mut().find(|field| is_extra(field)) {
            extra.ty = syn::parse_quote!(crate::types::extra::Extra);
            extra.attrs = vec![
                syn::parse_quote!(#[doc = "Fields that this version does not know, unchanged."]),
                syn::parse_quote!(#[serde(skip)]),
            ];
            impls.extend(reader(item)?);
            impls.push(inspection(item));
            count += 1;
        }
    }
    types.extend(impls);
    Ok(count)
}

fn is_extra(field: &syn::Field) -> bool {
    field.ident.as_ref().is_some_and(|name| name == "extra")
}

/// `Deserialize` by `Object`. A copy of the struct derives how the known fields are read.
fn reader(item: &mut syn::ItemStruct) -> Result<Vec<syn::Item>, String> {
    let name = item.ident.clone();
    let derive = item.attrs.iter_mut().find(|attr| text(attr).contains("::serde::Deserialize,"));
    let derive = derive.ok_or_else(|| format!("{name} derives no Deserialize"))?;
    let others = text(&derive.meta).replace("::serde::Deserialize,", "");
    derive.meta = syn::parse_str(&others).map_err(|error| error.to_string())?;

    let known = quote::format_ident!("{name}Known");
    let fields = item.fields.iter().map(|field| {
        let mut field = field.clone();
        field.attrs.retain(|attr| attr.path().is_ident("serde"));
        field
    });
    let names = item.fields.iter().filter(|field| !is_extra(field)).filter_map(wire_name);
    let remote = name.to_string();
    let items: syn::File = syn::parse_quote! {
        #[derive(::serde::Deserialize)]
        #[serde(remote = #remote)]
        #[allow(dead_code)]
        struct #known { #(#fields),* }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::types::object::read(deserializer)
            }
        }

        impl<'de> crate::types::object::Object<'de> for #name {
            const FIELDS: &'static [&'static str] = &[#(#names),*];

            fn read_known<D: ::serde::Deserializer<'de>>(known: D) -> ::std::result::Result<Self, D::Error> {
                #known::deserialize(known)
            }

            fn extra(&mut self) -> &mut crate::types::extra::Extra {
                &mut self.extra
            }
        }
    };
    Ok(items.items)
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
