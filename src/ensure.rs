//! Ensure: a cluster is there afterwards, whether or not it was before.

use crate::find;
use crate::schema::CreateClusterRequest;
use crate::spec::{self, ClusterSpec, Difference};
use crate::{EloqApi, Error, Result, transport};

/// What [`EloqApi::ensure_cluster`] did or found.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use eloq_sdk::{ClusterSpec, Ensured};
///
/// let spec = ClusterSpec::new("my-cluster", "us-west-1", 101);
/// if client.ensure_cluster(spec).await? == Ensured::Created {
///     client.wait_for_cluster("my-cluster").connectable().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a cluster that is not what it should be is no error"]
#[non_exhaustive]
pub enum Ensured {
    /// There was none; it was ordered.
    Created,
    /// It is there already, or somebody else ordered it at the same time, and it is what it should be.
    Adopted,
    /// It is there and differs from what it should be. Nothing was changed.
    Mismatch(Vec<Difference>),
}

pub(crate) async fn ensure(client: &EloqApi, spec: ClusterSpec) -> Result<Ensured> {
    let order = spec.clone().order()?;
    if let Some(found) = look(client, &order).await? {
        return Ok(found);
    }
    match client.create(spec).await.into_result() {
        Ok(_) => Ok(Ensured::Created),
        // What the service says of a name that is taken is not known to be 409 alone.
        Err(refused @ (Error::Conflict(_) | Error::Validation(_) | Error::Permission(_) | Error::Api(_))) => {
            look(client, &order).await?.ok_or(refused)
        }
        Err(error) => Err(error),
    }
}

/// Looks whether the cluster is there, and compares it.
async fn look(client: &EloqApi, order: &CreateClusterRequest) -> Result<Option<Ensured>> {
    let deadline = transport::deadline(client.raw());
    let Some((found, _)) = find::listed(client, &order.cluster_name, deadline).await? else { return Ok(None) };
    let mut differences = spec::of_place(order, &found);
    differences.extend(spec::of_sku(client, order, &found, deadline).await?);
    Ok(Some(if differences.is_empty() { Ensured::Adopted } else { Ensured::Mismatch(differences) }))
}
