//! Transforms of the generated client and its requests.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

use super::rewrite::{Rule, module, structs, text};

/// Drops the hooks, which [`use_own_transport`] does not call.
pub(crate) fn drop_hooks() -> Rule {
    let hooks = quote!(impl ClientHooks<crate::raw::state::State> for &Client {});
    Rule::replace("drop_hooks", hooks, TokenStream::new())
}

/// Exports `raw::error::Error` instead of progenitor's error, whose Debug and Display contain whole bodies, and a
/// `ResponseValue` with separable parts.
pub(crate) fn use_own_results() -> Rule {
    Rule::new("use_own_results", |rest| match rest {
        [
            TokenTree::Ident(first),
            TokenTree::Ident(second),
            TokenTree::Ident(module),
            _,
            _,
            TokenTree::Group(_),
            _,
            ..,
        ] if first == "pub" && second == "use" && module == "progenitor_client" => {
            let ours = quote! {
                pub use progenitor_client::{ByteStream, ClientInfo};
                pub use crate::raw::error::Error;
                pub use crate::raw::response::ResponseValue;
            };
            Some((7, ours))
        }
        _ => None,
    })
}

/// Drops the type parameter of the error, which `raw::error::Error` does not have.
pub(crate) fn use_own_error_type() -> Rule {
    Rule::replace("use_own_error_type", quote!(Error<()>), quote!(Error))
}

/// Keeps the messages for missing parameters as `&'static str`: progenitor allocates each of them for every request.
pub(crate) fn borrow_static_messages() -> Rule {
    const ENDINGS: [&str; 2] = ["was not initialized\"", "failed\""];
    Rule::new("borrow_static_messages", |rest| match rest {
        [TokenTree::Literal(text), TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(_), ..]
            if dot.as_char() == '.'
                && method == "to_string"
                && ENDINGS.iter().any(|ending| text.to_string().ends_with(ending)) =>
        {
            Some((4, quote!(::std::borrow::Cow::Borrowed(#text))))
        }
        [TokenTree::Punct(comma), TokenTree::Ident(string), TokenTree::Punct(close), ..]
            if comma.as_char() == ',' && string == "String" && close.as_char() == '>' =>
        {
            Some((3, quote!(, ::std::borrow::Cow<'static, str>>)))
        }
        [TokenTree::Punct(bar), TokenTree::Ident(s), TokenTree::Punct(_), TokenTree::Ident(name), _, message, ..]
            if bar.as_char() == '|' && s == "s" && name == "format" =>
        {
            Some((6, quote!(|s| format! #message.into())))
        }
        [
            TokenTree::Punct(bar),
            TokenTree::Ident(e),
            _,
            TokenTree::Ident(error),
            _,
            TokenTree::Ident(method),
            _,
            ..,
        ] if bar.as_char() == '|' && e == "e" && error == "e" && method == "to_string" => {
            Some((7, quote!(|e| e.to_string().into())))
        }
        [TokenTree::Ident(error), TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Ident(variant), ..]
            if error == "Error" && variant == "InvalidRequest" =>
        {
            Some((4, quote!(Error::invalid_request)))
        }
        _ => None,
    })
}

/// Drops progenitor's header `api-version`, which the service does not know, and the map that contains only this header.
pub(crate) fn drop_version_header() -> Rule {
    let map = quote! {
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map.append(
            ::reqwest::header::HeaderName::from_static("api-version"),
            ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
        );
    };
    Rule::replace("drop_version_header", map, TokenStream::new())
}

/// Drops the use of the header map, which [`drop_version_header`] removes.
pub(crate) fn send_no_header_map() -> Rule {
    Rule::replace("send_no_header_map", quote!(.headers(header_map)), TokenStream::new())
}

/// Appends the path to the parsed base URL, and percent-encodes its segments without allocating them. progenitor allocates two
/// strings for each segment and one for the URL, and parses the URL for every request.
pub(crate) fn join_urls() -> Rule {
    Rule::new("join_urls", |rest| match rest {
        [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(arguments), ..] if name == "format" => {
            Some((3, joined(arguments.stream())?))
        }
        _ => None,
    })
}

fn joined(arguments: TokenStream) -> Option<TokenStream> {
    let mut arguments = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated.parse2(arguments).ok()?.into_iter();
    let (format, base) = (arguments.next()?, arguments.next()?);
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(format), .. }) = format else { return None };
    let format = format.value();
    let path = format.strip_prefix("{}").filter(|_| text(&base) == "client.baseurl")?;
    let segments = arguments.map(segment).collect::<Option<Vec<_>>>()?;
    Some(quote!(client.inner.base.join(format_args!(#path, #(#segments),*))))
}

/// Turns `encode_path(&id.to_string())` into `crate::raw::codec::segment(&id)`.
fn segment(expr: syn::Expr) -> Option<TokenStream> {
    let name = text(&expr);
    let name: syn::Ident = syn::parse_str(name.strip_prefix("encode_path(&")?.strip_suffix(".to_string())")?).ok()?;
    Some(quote!(crate::raw::codec::segment(&#name)))
}

/// Sends with `raw::transport::send`, and builds the request in a function of its own. progenitor's hooks would hold the request
/// and the response in the future of every operation, and its decoder would keep only the body of an invalid response.
pub(crate) fn use_own_transport(items: &mut [syn::Item]) -> Result<usize, String> {
    let mut replaced = 0;
    for item in module(items, "builder")? {
        let syn::Item::Impl(item) = item else { continue };
        if let Some(build) = item.items.iter_mut().find_map(split_send).transpose()? {
            item.items.push(build);
            replaced += 1;
        }
    }
    Ok(replaced)
}

/// What follows the request in a generated `send`.
const EXCHANGE: &str = "client.pre(&mutrequest,&info).await?;\
    letresult=client.exec(request,&info).await;\
    client.post(&result,&info).await?;\
    letresponse=result?;\
    matchresponse.status().as_u16(){\
    200u16=>{ResponseValue::from_response(response).await}\
    _=>Err(Error::UnexpectedResponse(response)),}";

/// Moves the statements of `send` that build the request to the returned function.
fn split_send(member: &mut syn::ImplItem) -> Option<Result<syn::ImplItem, String>> {
    let syn::ImplItem::Fn(send) = member else { return None };
    let info = send.block.stmts.iter().position(|statement| text(statement).starts_with("letinfo=OperationInfo"))?;
    let rest: String = send.block.stmts.drain(info..).skip(1).map(|statement| text(&statement)).collect();
    if rest != EXCHANGE {
        return Some(Err(format!("progenitor's `send` has a new form: {rest}")));
    }
    let build = std::mem::replace(
        &mut send.block,
        syn::parse_quote!({
            let client = self.client;
            let request = self.build().map_err(|error| *error)?;
            crate::raw::transport::send(&client.inner, request).await
        }),
    );
    let statements = build.stmts;
    Some(Ok(syn::parse_quote! {
        #[inline(never)]
        pub(crate) fn build(self) -> Result<::reqwest::Request, Box<Error>> {
            #(#statements)*
            Ok(request)
        }
    }))
}

/// Drops `Client::new`, which creates an HTTP client without this crate's TLS and limits, and panics on failure.
pub(crate) fn drop_own_transport(items: &mut [syn::Item]) -> usize {
    let mut dropped = 0;
    for item in items {
        if let syn::Item::Impl(item) = item
            && item.trait_.is_none()
            && text(&item.self_ty) == "Client"
        {
            let before = item.items.len();
            item.items.retain(|member| !matches!(member, syn::ImplItem::Fn(method) if method.sig.ident == "new"));
            dropped += before - item.items.len();
        }
    }
    dropped
}

/// Sends an optional body that the caller does not set as its default, such as an empty object. progenitor requires every body
/// that is a map. `optional` contains the builders of the operations whose body is optional.
pub(crate) fn default_optional_bodies(items: &mut [syn::Item], optional: &BTreeSet<String>) -> Result<usize, String> {
    let requests = module(items, "builder")?;
    let mut defaulted = 0;
    for item in requests.iter_mut() {
        let syn::Item::Impl(item) = item else { continue };
        if !optional.contains(builder_name(&item.self_ty).as_str()) {
            continue;
        }
        for field in item.items.iter_mut().filter_map(initial_body) {
            field.expr = syn::parse_quote!(Ok(::std::default::Default::default()));
            defaulted += 1;
        }
    }
    let of_optional = structs(requests).filter(|item| optional.contains(&item.ident.to_string()));
    let bodies: BTreeSet<String> = of_optional
        .flat_map(|item| &item.fields)
        .filter_map(|field| text(&field.ty).strip_prefix("Result<types::")?.split(',').next().map(str::to_owned))
        .collect();
    for body in structs(module(items, "types")?).filter(|item| bodies.contains(&item.ident.to_string())) {
        body.attrs.push(syn::parse_quote!(#[derive(Default)]));
    }
    Ok(defaulted)
}

/// `StartCluster` for `StartCluster<'a>`.
fn builder_name(ty: &syn::Type) -> String {
    text(ty).split('<').next().unwrap_or_default().to_owned()
}

/// The field `body` where `new` initializes it with an error.
fn initial_body(member: &mut syn::ImplItem) -> Option<&mut syn::FieldValue> {
    let syn::ImplItem::Fn(method) = member else { return None };
    let Some(syn::Stmt::Expr(syn::Expr::Struct(initial), _)) = method.block.stmts.last_mut() else { return None };
    let is_missing =
        |field: &&mut syn::FieldValue| text(&field.member) == "body" && text(&field.expr).starts_with("Err(");
    initial.fields.iter_mut().find(is_missing).filter(|_| method.sig.ident == "new")
}
