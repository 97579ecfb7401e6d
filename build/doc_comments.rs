//! Doc comments of generated items.

use proc_macro2::{Literal, TokenTree};

use super::rewrite::Rule;

/// Marks progenitor's example fragments as text: rustdoc would list them as ignored tests.
pub(crate) fn mark_examples_as_text() -> Rule {
    Rule::new("mark_examples_as_text", |rest| {
        let text = rest.first().filter(|token| matches!(token, TokenTree::Literal(_)))?.to_string();
        let marked: Literal = text.contains("```ignore").then(|| text.replace("```ignore", "```text"))?.parse().ok()?;
        Some((1, TokenTree::Literal(marked).into()))
    })
}

/// Documents the items that progenitor leaves undocumented.
pub(crate) fn document_items(items: &mut [syn::Item]) -> usize {
    let mut count = 0;
    for item in items {
        match item {
            syn::Item::Mod(module) => {
                let text = match module.ident.to_string().as_str() {
                    "builder" => "Builders of the data types, for tests and fixtures.",
                    _ => "Errors of conversions into the data types.",
                };
                count += describe(&module.vis, &mut module.attrs, text);
                count += module.content.as_mut().map_or(0, |(_, items)| document_items(items));
            }
            syn::Item::Struct(item) => {
                let text = format!("Builder for [`{0}`](super::{0}).", item.ident);
                count += describe(&item.vis, &mut item.attrs, &text);
            }
            syn::Item::Impl(item) => {
                for member in &mut item.items {
                    let syn::ImplItem::Fn(method) = member else { continue };
                    let text = match method.sig.ident.to_string().as_str() {
                        "new" => "Creates the request; prefer the client's method.".to_owned(),
                        "builder" => "Returns an empty builder.".to_owned(),
                        "body_map" => "Modifies the current body.".to_owned(),
                        name => format!("Sets `{}`.", name.trim_end_matches('_')),
                    };
                    count += describe(&method.vis, &mut method.attrs, &text);
                }
            }
            _ => {}
        }
    }
    count
}

fn describe(vis: &syn::Visibility, attrs: &mut Vec<syn::Attribute>, text: &str) -> usize {
    let documented = attrs.iter().any(|attr| attr.path().is_ident("doc"));
    if documented || !matches!(vis, syn::Visibility::Public(_)) {
        return 0;
    }
    attrs.push(syn::parse_quote!(#[doc = #text]));
    1
}
