//! `ClusterSpec`: the desired cluster.

use serde::{Deserialize, Serialize};

use super::{catalogue::CatalogueReader, sku::Sku};
use crate::error::{Error, Result};
use crate::schema::{ClusterName, CreateClusterRequest};

/// The desired cluster, for [`EloqApi::ensure_cluster`](crate::EloqApi::ensure_cluster) and [`EloqApi::plan`](crate::EloqApi::plan).
///
/// ```
/// let spec = eloq_sdk::ClusterSpec::new("my-cluster", "us-west-1", 101).zone("us-west-1a");
/// assert_eq!(spec.cluster_name(), "my-cluster");
/// assert_eq!(spec.required_zone(), Some("us-west-1a"));
/// ```
///
/// It serializes as `{"name", "region", "sku", "zone"}`, without a zone that is not set, and reads that form without other fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The desired cluster."))]
#[must_use]
pub struct ClusterSpec {
    /// The name of the cluster.
    #[serde(rename = "name")]
    #[cfg_attr(feature = "schemars", schemars(with = "ClusterName"))]
    cluster_name: String,
    /// The region, as in `us-west-1`.
    region: String,
    /// The SKU.
    sku: Sku,
    /// The zone, as in `us-west-1a`; any if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
}

impl ClusterSpec {
    /// A cluster with this name, region and SKU, in any zone. The SKU is an id or a [`SkuDescription`](crate::SkuDescription).
    pub fn new(cluster_name: impl Into<String>, region: impl Into<String>, sku: impl Into<Sku>) -> Self {
        Self { cluster_name: cluster_name.into(), region: region.into(), sku: sku.into(), zone: None }
    }

    /// Sets the zone, as in `us-west-1a`.
    pub fn zone(self, zone: impl Into<String>) -> Self {
        Self { zone: Some(zone.into()), ..self }
    }

    /// Returns the name of the cluster.
    pub fn cluster_name(&self) -> &str {
        &self.cluster_name
    }

    /// Returns the region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the SKU.
    pub fn sku(&self) -> &Sku {
        &self.sku
    }

    /// Returns the zone; `None` for any.
    pub fn required_zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// The body of the create request. A described SKU is looked up in the catalogue.
    pub(crate) async fn resolve(&self, reader: CatalogueReader<'_>) -> Result<CreateClusterRequest> {
        let mut request = self.check()?;
        if let Sku::Described(described) = &self.sku {
            request.sku_id = reader.resolve(described).await?.sku_id;
        }
        Ok(request)
    }

    /// The body of the create request, without the id of a described SKU.
    pub(crate) fn check(&self) -> Result<CreateClusterRequest> {
        let sku_id = if let Sku::Id(id) = self.sku { id } else { 0 };
        if sku_id < 0 {
            return Err(Error::invalid_input("sku_id", "must not be negative"));
        }
        let empty = |parameter| Error::invalid_input(parameter, "must not be empty");
        Ok(CreateClusterRequest {
            cluster_name: ClusterName::try_from(self.cluster_name.as_str())?,
            region: self.region.as_str().try_into().map_err(|_| empty("region"))?,
            required_zone: self.zone.as_deref().map(TryInto::try_into).transpose().map_err(|_| empty("zone"))?,
            sku_id,
        })
    }
}
