// On docs.rs the files that the README links to are in the source view; of two definitions of a link the first counts.
#![cfg_attr(docsrs, doc = include_str!("../examples/links.md"))]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs, missing_debug_implementations, unreachable_pub, rustdoc::broken_intra_doc_links)]
#![deny(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod attempt;
mod base_url;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod bulk;
mod classify;
mod client;
mod context;
mod credential;
mod credentials;
mod drift;
mod ensure;
mod environ;
mod error;
mod find;
#[cfg(any(doc, doctest))]
pub mod guide;
mod http_client;
mod json_path;
mod older;
mod operation;
mod paging;
mod proxy;
pub mod raw;
mod recent;
mod reconcile;
pub mod request;
mod retry;
pub mod schema;
#[cfg(feature = "simulator")]
pub mod simulator;
mod spec;
mod text;
mod tls;
mod trace;
mod transport;
mod version;
mod wait;

pub use attempt::{Attempt, attempts_of};
pub use builder::EloqApiBuilder;
pub use bulk::{ForAll, ForCluster};
pub use client::EloqApi;
pub use context::ProjectPolicy;
pub use credentials::ClusterCredentials;
pub use drift::Drift;
pub use ensure::Ensured;
pub use error::{ApiError, Error, Failure, Result};
pub use operation::OperationResult;
pub use paging::{ClusterPages, ClusterStream};
pub use retry::RetryPolicy;
pub use schema::Secret;
pub use spec::{ClusterSpec, Difference};
pub use version::VersionCheck;
pub use wait::{ClusterState, Wait, WaitForCluster, Waited};

/// The OpenAPI 3.0.3 document that this crate was generated from, as YAML.
///
/// ```
/// assert!(eloq_sdk::OPENAPI_YAML.starts_with("openapi: 3.0.3"));
/// ```
pub const OPENAPI_YAML: &str = include_str!("../openapi.yaml");
