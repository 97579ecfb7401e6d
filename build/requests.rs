//! What is changed in the generated requests and in their client.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};

use super::Pass;

/// Decodes replies with `raw::decode`, which keeps status, headers and body of a reply that it cannot read; progenitor's
/// own decoder keeps the body alone.
#[derive(Default)]
pub(crate) struct OwnDecoder(usize);

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
pub(crate) struct NoOwnTransport(usize);

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

/// Puts the path behind the base URL, which is parsed already, and percent-encodes its segments while it is written. progenitor
/// makes two texts of each segment and one of the whole, which is then parsed anew with every request.
#[derive(Default)]
pub(crate) struct JoinedUrls(usize);

impl JoinedUrls {
    fn joined(&mut self, call: &syn::Macro) -> Option<syn::Expr> {
        let arguments = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        let mut arguments = call.parse_body_with(arguments).ok().filter(|_| call.path.is_ident("format"))?.into_iter();
        let (format, base) = (arguments.next()?, arguments.next()?);
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(format), .. }) = format else { return None };
        let (format, span) = (format.value(), format.span());
        let path = format.strip_prefix("{}").filter(|_| base.to_token_stream().to_string() == "client . baseurl")?;
        let path = syn::LitStr::new(path, span);
        let segments = arguments.map(|argument| self.segment(argument));
        Some(syn::parse_quote!(crate::raw::url(client, format_args!(#path, #(#segments),*))))
    }

    fn segment(&mut self, expr: syn::Expr) -> syn::Expr {
        if let syn::Expr::Call(call) = &expr
            && call.func.to_token_stream().to_string() == "encode_path"
            && let Some(syn::Expr::Reference(text)) = call.args.first()
            && let syn::Expr::MethodCall(to_string) = &*text.expr
            && to_string.method == "to_string"
        {
            let value = &to_string.receiver;
            self.0 += 1;
            return syn::parse_quote!(crate::raw::segment(&#value));
        }
        expr
    }
}

impl VisitMut for JoinedUrls {
    fn visit_expr_mut(&mut self, expr: &mut syn::Expr) {
        if let syn::Expr::Macro(call) = expr
            && let Some(joined) = self.joined(&call.mac)
        {
            *expr = joined;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

impl Pass for JoinedUrls {
    fn count(&self) -> usize {
        self.0
    }
}

/// Drops progenitor's own header `api-version`, which the service does not know, and the map that holds nothing else.
#[derive(Default)]
pub(crate) struct NoVersionHeader(usize);

impl VisitMut for NoVersionHeader {
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        let before = block.stmts.len();
        block.stmts.retain(|statement| {
            let text = statement.to_token_stream().to_string().replace(' ', "");
            let made = text.starts_with("letmutheader_map=");
            let filled = text.starts_with("header_map.append(") && text.contains("\"api-version\"");
            !made && !filled
        });
        self.0 += before - block.stmts.len();
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let syn::Expr::MethodCall(call) = expr
            && call.method == "headers"
            && call.args.to_token_stream().to_string() == "header_map"
        {
            *expr = (*call.receiver).clone();
        }
    }
}

impl Pass for NoVersionHeader {
    fn count(&self) -> usize {
        self.0
    }
}
