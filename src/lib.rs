// The README links to files; in rustdoc these definitions come first, and the first definition of a label wins.
#![cfg_attr(not(doctest), doc = include_str!("../examples/links.md"))]
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

#[cfg(feature = "blocking")]
pub mod blocking;
mod connection;
mod engine;
mod error;
mod facade;
#[cfg(any(doc, doctest))]
pub mod guide;
pub mod raw;
pub mod schema;
#[cfg(feature = "simulator")]
pub mod simulator;
mod types;

pub use connection::auth::Credential;
pub use engine::account::{ProjectPolicy, Scope};
pub use engine::{options::CallOptions, recording::record_attempts, retry::RetryPolicy, version::VersionCheck};
pub use error::wait_info::{ClusterState, WaitInfo};
pub use error::{Error, Result, api_error::ApiError, attempt::Attempt, failure::Failure, kind::ErrorKind};
pub use facade::clusters::paginator::{ClusterPages, ClusterStream};
pub use facade::clusters::sku::{Sku, SkuDescription};
pub use facade::clusters::temporary::TemporaryCluster;
pub use facade::clusters::wait::{Wait, WaitForCluster};
pub use facade::clusters::{bulk::ClusterResult, bulk::ForEachCluster, ensure::EnsureOutcome};
pub use facade::clusters::{compare::Difference, spec::ClusterSpec};
pub use facade::fleet::all_projects::{AllProjects, ProjectResult};
pub use facade::fleet::change::{ClusterChange, ClusterSnapshot};
pub use facade::fleet::{
    desired::{DesiredState, ProjectRef},
    outcome::{AppliedCluster, ApplyOutcome},
    plan::{ClusterLimit, Plan, PlannedAction, PlannedCluster},
};
pub use facade::fleet::{waits::WaitForClusters, waits::WaitResult, waits::Waits, watch::ClusterWatch};
pub use facade::{
    builder::EloqApiBuilder, client::EloqApi, credentials::ClusterCredentials, operation_result::OperationResult,
};
pub use types::{drift::Drift, operation::Operation, secret::Secret, text::printable};

/// Requests with options: what `clusters()`, `cluster_create()`, `cluster_delete()`, `temporary_cluster()`, `plan()` and
/// `Plan::apply()` return.
pub mod request {
    pub use crate::facade::clusters::temporary::CreateTemporary;
    pub use crate::facade::clusters::{create::ClusterCreate, delete::ClusterDelete, list::Clusters};
    pub use crate::facade::fleet::{apply::ApplyPlan, make_plan::MakePlan};
}

/// The OpenAPI 3.0.3 document that this crate is generated from, as YAML.
///
/// ```
/// assert!(eloq_sdk::OPENAPI_YAML.starts_with("openapi: 3.0.3"));
/// ```
pub const OPENAPI_YAML: &str = include_str!("../openapi.yaml");

/// The version of this crate.
///
/// ```
/// println!("eloq-sdk {}", eloq_sdk::VERSION);
/// ```
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
