//! `ensure_cluster`: creates a cluster if it does not exist, otherwise compares it.

use serde::Serialize;

use super::catalogue::{Catalogue, CatalogueReader};
use super::compare::{self, Difference};
use super::{create, find, observed::CallStart, spec::ClusterSpec};
use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::schema::CreateClusterRequest;

/// The result of [`EloqApi::ensure_cluster`](crate::EloqApi::ensure_cluster).
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use eloq_sdk::{ClusterSpec, EnsureOutcome};
///
/// let spec = ClusterSpec::new("my-cluster", "us-west-1", 101);
/// if client.ensure_cluster(spec).await? == EnsureOutcome::Created {
///     client.wait_for_cluster("my-cluster").connectable().await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// It serializes as `{"outcome": "created"}`, `{"outcome": "adopted"}` or `{"outcome": "mismatch", "differences": […]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "differences", rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The result of ensuring that a cluster exists."))]
#[must_use = "a mismatch is no error"]
#[non_exhaustive]
pub enum EnsureOutcome {
    /// The cluster did not exist; the service accepted the create request.
    Created,
    /// The cluster exists, possibly created by another client at the same time, and matches the spec.
    Adopted,
    /// The cluster exists and differs from the spec, or its status is `error` or `unavailable`: a cluster that is being deleted is
    /// unavailable. Nothing was changed.
    Mismatch(Vec<Difference>),
}

/// All within one deadline.
pub(crate) async fn ensure(session: &Session, spec: ClusterSpec) -> Result<EnsureOutcome> {
    let catalogue = Catalogue::default();
    let reader = catalogue.within(session, session.deadline());
    let request = spec.resolve(reader).await?;
    match find_and_compare(reader, &request).await? {
        Some(found) => Ok(found),
        None => create_or_compare(reader, &request).await,
    }
}

/// Creates a cluster of which the list showed that it does not exist; compares it if the service refuses since it exists by now.
pub(crate) async fn create_or_compare(
    reader: CatalogueReader<'_>,
    request: &CreateClusterRequest,
) -> Result<EnsureOutcome> {
    match create::create(reader.session, request, reader.deadline).await {
        Ok(_) => Ok(EnsureOutcome::Created),
        // It is not known that the service always responds with 409 to a name that exists.
        Err(
            refused
            @ (Error::Conflict { .. } | Error::Validation { .. } | Error::Permission { .. } | Error::Api { .. }),
        ) => find_and_compare(reader, request).await?.ok_or(refused),
        Err(error) => Err(error),
    }
}

async fn find_and_compare(
    reader: CatalogueReader<'_>,
    request: &CreateClusterRequest,
) -> Result<Option<EnsureOutcome>> {
    let CatalogueReader { session, deadline, .. } = reader;
    let found = find::find_in_list(session, &request.cluster_name, &mut CallStart::now(), deadline).await?;
    let Some(found) = found else { return Ok(None) };
    let differences = compare::compare(reader, request, &found.cluster).await?;
    Ok(Some(if differences.is_empty() { EnsureOutcome::Adopted } else { EnsureOutcome::Mismatch(differences) }))
}
