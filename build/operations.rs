//! Generates `enum Operation` from the document's operations, for the engine, the errors and the simulator.

use std::error::Error;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

/// An operation of the document.
struct Operation {
    deprecated: bool,
    id: String,
    method: String,
    path: String,
    /// Whether a success must have `data`: true for objects only, since a null list is empty and writes return no data.
    needs_data: bool,
}

/// Returns the enum and its methods, documented operations first.
pub(crate) fn operations(spec: &Value) -> Result<TokenStream, Box<dyn Error>> {
    let mut operations = read(spec)?;
    operations.sort_by_key(|operation| (operation.deprecated, operation.path.clone(), operation.method.clone()));
    let variants: Vec<_> = operations.iter().map(|operation| format_ident!("{}", variant(&operation.id))).collect();
    let ids: Vec<_> = operations.iter().map(|operation| &operation.id).collect();
    let methods: Vec<_> = operations.iter().map(|operation| &operation.method).collect();
    let docs = operations.iter().map(|operation| format!(" `{} {}`", operation.method, operation.path));
    let with_data = operations.iter().zip(&variants).filter(|(operation, _)| operation.needs_data);
    let with_data = with_data.map(|(_, variant)| variant);
    Ok(quote! {
        /// An operation of the EloqCloud API.
        ///
        /// ```
        /// use eloq_sdk::Operation;
        ///
        /// assert_eq!(Operation::DescribeCluster.as_str(), "describe_cluster");
        /// assert!(Operation::ALL.contains(&Operation::ListSkus));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            #(#[doc = #docs] #variants,)*
            /// A `GET` by [`EloqApi::send_request`](crate::EloqApi::send_request).
            ReadRequest,
            /// Another method by [`EloqApi::send_request`](crate::EloqApi::send_request).
            WriteRequest,
        }

        impl Operation {
            /// Every operation of the document, those of the vendor's current pages first.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// Returns the operationId in `openapi.yaml`; `request` for `ReadRequest` and `WriteRequest`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    #(Self::#variants => #ids,)*
                    Self::ReadRequest | Self::WriteRequest => "request",
                }
            }

            /// Returns the HTTP method, in uppercase; `POST` for `WriteRequest`, whatever it sends.
            #[must_use]
            pub const fn method(self) -> &'static str {
                match self {
                    #(Self::#variants => #methods,)*
                    Self::ReadRequest => "GET",
                    Self::WriteRequest => "POST",
                }
            }

            /// Whether a success without `data` is incomplete.
            pub(crate) const fn needs_data(self) -> bool {
                matches!(self, #(Self::#with_data)|*)
            }
        }
    })
}

fn read(spec: &Value) -> Result<Vec<Operation>, Box<dyn Error>> {
    let paths = spec["paths"].as_object().ok_or("openapi.yaml has no `paths`")?;
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
            let envelope = schema.as_str().and_then(|schema| schema.rsplit('/').next());
            let envelope = envelope.ok_or_else(|| format!("the 200 response of the operation `{id}` has no `$ref`"))?;
            operations.push(Operation {
                deprecated: operation["deprecated"] == true,
                id: id.to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                needs_data: spec["components"]["schemas"][envelope]["properties"]["data"]["allOf"].is_array(),
            });
        }
    }
    Ok(operations)
}

/// `describe_cluster` → `DescribeCluster`.
pub(crate) fn variant(id: &str) -> String {
    let words = id.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}
