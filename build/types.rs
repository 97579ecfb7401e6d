//! What is changed in the generated data types.

use std::collections::{BTreeMap, BTreeSet};

use quote::{ToTokens, quote};
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};

use super::Pass;

/// Reads `null` as an empty list, which is how a Go backend writes one.
#[derive(Default)]
pub(crate) struct TolerantLists(usize);

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

/// Keeps the builders of what is sent. What is received is read, and its builders would be two fifths of the generated code.
#[derive(Default)]
pub(crate) struct RequestBuilders {
    sent: BTreeSet<String>,
    dropped: usize,
}

impl RequestBuilders {
    /// Drops the items that belong to a type which is not sent, if they are of this kind.
    fn drop_of_received(&mut self, items: &mut Vec<syn::Item>, kind: impl Fn(&syn::Item) -> bool) {
        let before = items.len();
        items.retain(|item| {
            let name = match item {
                syn::Item::Struct(item) => Some(item.ident.to_string()),
                syn::Item::Impl(item) => last_segment(&item.self_ty),
                _ => None,
            };
            !kind(item) || name.is_none_or(|name| self.sent.contains(&name))
        });
        self.dropped += before - items.len();
    }
}

impl VisitMut for RequestBuilders {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        // The first look finds what is sent, by the builders that requests take.
        visit_mut::visit_file_mut(self, file);
        for types in modules(&mut file.items, "types") {
            self.drop_of_received(types, |item| matches!(item, syn::Item::Impl(item) if makes_builder(item)));
            for builders in modules(types, "builder") {
                self.drop_of_received(builders, |_| true);
            }
        }
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let [types, builder, name] = &names[..]
            && types == "types"
            && builder == "builder"
        {
            self.sent.insert(name.clone());
        }
        visit_mut::visit_path_mut(self, path);
    }
}

impl Pass for RequestBuilders {
    fn count(&self) -> usize {
        self.dropped
    }
}

fn last_segment(ty: &syn::Type) -> Option<String> {
    let syn::Type::Path(ty) = ty else { return None };
    Some(ty.path.segments.last()?.ident.to_string())
}

fn modules<'a>(items: &'a mut [syn::Item], name: &'a str) -> impl Iterator<Item = &'a mut Vec<syn::Item>> {
    items.iter_mut().filter_map(move |item| match item {
        syn::Item::Mod(module) if module.ident == name => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}

/// Whether this is the block that holds `T::builder()` alone.
fn makes_builder(item: &syn::ItemImpl) -> bool {
    item.trait_.is_none() && matches!(&item.items[..], [syn::ImplItem::Fn(method)] if method.sig.ident == "builder")
}

/// Derives `JsonSchema` for the data types, behind the feature `schemars`, and adds what the document says and a Rust type does
/// not: limits, lists that can be null, and absent values that cannot.
pub(crate) struct JsonSchemas {
    pub(crate) properties: BTreeMap<(String, String), Value>,
    pub(crate) derived: usize,
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

pub(crate) fn schemars(setting: &proc_macro2::TokenStream) -> syn::Attribute {
    syn::parse_quote!(#[cfg_attr(feature = "schemars", schemars(#setting))])
}

/// The limits of a field. Types such as `u16` have theirs already.
pub(crate) fn limits(property: &Value) -> Vec<syn::Attribute> {
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

pub(crate) fn wire_name(field: &syn::Field) -> Option<String> {
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
pub(crate) struct GrowingStructs(usize);

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
pub(crate) struct Inspected(usize);

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

pub(crate) fn is_extra(field: &syn::Field) -> bool {
    field.ident.as_ref().is_some_and(|name| name == "extra")
}

pub(crate) fn inspection(item: &syn::ItemStruct) -> syn::Item {
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
