//! Helpers of the transforms: they replace token sequences before syn parses the code, and find items afterwards.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;

/// Receives the remaining tokens of a group. If they begin with a match, returns its length and its replacement.
type Rewrite = dyn Fn(&[TokenTree]) -> Option<(usize, TokenStream)>;

/// A transform of token sequences that counts its replacements.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) count: usize,
    rewrite: Box<Rewrite>,
}

impl Rule {
    pub(crate) fn new(
        name: &'static str,
        rewrite: impl Fn(&[TokenTree]) -> Option<(usize, TokenStream)> + 'static,
    ) -> Self {
        Self { name, count: 0, rewrite: Box::new(rewrite) }
    }

    /// Replaces every `from` with `to`.
    pub(crate) fn replace(name: &'static str, from: TokenStream, to: TokenStream) -> Self {
        let from: Vec<TokenTree> = from.into_iter().collect();
        Self::new(name, move |rest| {
            let found = rest.get(..from.len())?.iter().zip(&from).all(|(one, other)| same(one, other));
            found.then(|| (from.len(), to.clone()))
        })
    }
}

/// Whether two tokens have the same text, regardless of the spacing after them.
fn same(one: &TokenTree, other: &TokenTree) -> bool {
    match (one, other) {
        (TokenTree::Ident(one), TokenTree::Ident(other)) => one == other,
        (TokenTree::Punct(one), TokenTree::Punct(other)) => one.as_char() == other.as_char(),
        (TokenTree::Group(_), TokenTree::Group(_)) | (TokenTree::Literal(_), TokenTree::Literal(_)) => {
            one.to_string() == other.to_string()
        }
        _ => false,
    }
}

/// Tries the rules at every token, also inside groups; the first that matches applies.
pub(crate) fn rewrite(code: TokenStream, rules: &mut [Rule]) -> TokenStream {
    let trees: Vec<TokenTree> = code.into_iter().collect();
    let mut rest = &trees[..];
    let mut rewritten = TokenStream::new();
    while let [tree, after @ ..] = rest {
        let replacement = rules.iter_mut().find_map(|rule| {
            let replacement = (rule.rewrite)(rest)?;
            rule.count += 1;
            Some(replacement)
        });
        rest = match (replacement, tree) {
            (Some((length, tokens)), _) => {
                rewritten.extend(tokens);
                &rest[length..]
            }
            (None, TokenTree::Group(group)) => {
                let inner = rewrite(group.stream(), rules);
                rewritten.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
                after
            }
            (None, token) => {
                rewritten.extend([token.clone()]);
                after
            }
        };
    }
    rewritten
}

/// The items of a module.
pub(crate) fn module<'a>(items: &'a mut [syn::Item], name: &str) -> Result<&'a mut Vec<syn::Item>, String> {
    let found = items.iter_mut().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == name => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    });
    found.ok_or_else(|| format!("progenitor's output has no `mod {name}`, which build.rs transforms"))
}

pub(crate) fn structs(items: &mut [syn::Item]) -> impl Iterator<Item = &mut syn::ItemStruct> {
    items.iter_mut().filter_map(|item| if let syn::Item::Struct(item) = item { Some(item) } else { None })
}

/// The text of a piece of code, without spaces.
pub(crate) fn text(code: &dyn ToTokens) -> String {
    code.to_token_stream().to_string().replace(' ', "")
}
