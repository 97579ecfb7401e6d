//! What progenitor leaves undocumented.

use syn::visit_mut::{self, VisitMut};

use super::Pass;

/// Documents what progenitor leaves undocumented, and keeps rustdoc from listing its example fragments as ignored tests.
#[derive(Default)]
pub(crate) struct Documented(usize);

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
