//! What a cluster should be: `ClusterSpec`, and in what one that is there differs from it.

use std::fmt;

use tokio::time::Instant;

use crate::schema::{ClusterListItem, ClusterName, CreateClusterRequest, DescClusterDto, EloqModule, SkuInfo, SkuType};
use crate::{EloqApi, Error, Result, text};

/// What a cluster should be, for [`EloqApi::ensure_cluster`].
///
/// ```
/// let spec = eloq_sdk::ClusterSpec::new("my-cluster", "us-west-1", 101).zone("us-west-1a");
/// assert_eq!(spec.cluster_name(), "my-cluster");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ClusterSpec {
    cluster_name: String,
    region: String,
    sku_id: i64,
    zone: Option<String>,
}

impl ClusterSpec {
    /// A cluster of this name, in this region, of this SKU; any zone will do.
    pub fn new(cluster_name: impl Into<String>, region: impl Into<String>, sku_id: i64) -> Self {
        Self { cluster_name: cluster_name.into(), region: region.into(), sku_id, zone: None }
    }

    /// The zone of the region, as in `us-west-1a`.
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// The name of the cluster, to wait for it.
    pub fn cluster_name(&self) -> &str {
        &self.cluster_name
    }

    /// What goes on the wire.
    pub(crate) fn order(self) -> Result<CreateClusterRequest> {
        if self.sku_id < 0 {
            return Err(Error::invalid_input("sku_id", "must not be negative"));
        }
        Ok(CreateClusterRequest {
            cluster_name: ClusterName::try_from(self.cluster_name)?,
            region: self.region.try_into().map_err(|_| Error::invalid_input("region", "must not be empty"))?,
            required_zone: self
                .zone
                .map(|zone| zone.try_into().map_err(|_| Error::invalid_input("zone", "must not be empty")))
                .transpose()?,
            sku_id: self.sku_id,
        })
    }
}

/// In what a cluster that is there is not what it should be.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use eloq_sdk::{ClusterSpec, Ensured};
///
/// let spec = ClusterSpec::new("my-cluster", "us-west-1", 101);
/// if let Ensured::Mismatch(differences) = client.ensure_cluster(spec).await? {
///     for difference in differences {
///         eprintln!("{}: {} instead of {}", difference.field, difference.found, difference.wanted);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The property: `region`, `zone`, `sku`, or one of the sizes of [`DescClusterDto`].
    pub field: &'static str,
    /// What it should be.
    pub wanted: String,
    /// What it is.
    pub found: String,
}

impl Difference {
    fn new(field: &'static str, wanted: impl ToString, found: impl ToString) -> Self {
        Self { field, wanted: wanted.to_string(), found: found.to_string() }
    }
}

impl fmt::Display for Difference {
    /// As in `region is us-west-1 and not ap-northeast-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wanted, found) = (text::line(&self.wanted, 100), text::line(&self.found, 100));
        write!(f, "{} is {found} and not {wanted}", self.field)
    }
}

/// In what a cluster is not where it was ordered.
pub(crate) fn of_place(order: &CreateClusterRequest, found: &ClusterListItem) -> Vec<Difference> {
    let mut differences = Vec::new();
    if *order.region != found.region {
        differences.push(Difference::new("region", &*order.region, &found.region));
    }
    if let Some(zone) = order.required_zone.as_ref().filter(|zone| ***zone != found.zone) {
        differences.push(Difference::new("zone", &**zone, &found.zone));
    }
    differences
}

/// In what a cluster is not of the SKU that was ordered, as far as it shows.
///
/// Clusters show the name of their SKU, where they show it, and orders its number: the catalogue tells which is which. Where it
/// is not shown the sizes tell.
pub(crate) async fn of_sku(
    client: &EloqApi,
    order: &CreateClusterRequest,
    found: &ClusterListItem,
    deadline: Instant,
) -> Result<Vec<Difference>> {
    let module = EloqModule::from(found.module_type.clone());
    let mut wanted = None;
    for kind in [SkuType::Serverless, SkuType::Dedicated] {
        for sku in client.skus_until(deadline, kind, module.clone(), found.cloud_provider.clone()).await? {
            if found.sku_name.as_ref() == Some(&sku.sku_name) {
                let another = sku.sku_id != order.sku_id;
                return Ok(another.then(|| Difference::new("sku", order.sku_id, sku.sku_id)).into_iter().collect());
            }
            if sku.sku_id == order.sku_id {
                wanted = Some(sku);
            }
        }
    }
    let Some(wanted) = wanted else { return Ok(Vec::new()) };
    if let Some(name) = &found.sku_name {
        return Ok(vec![Difference::new("sku", &wanted.sku_name, name)]);
    }
    let name = ClusterName::try_from(found.cluster_name.as_str())?;
    Ok(of_size(&wanted, &client.describe(&name, deadline).await?))
}

fn of_size(wanted: &SkuInfo, found: &DescClusterDto) -> Vec<Difference> {
    let sizes = [
        ("tx_cpu_limit", wanted.tx_cpu_limit, found.tx_cpu_limit),
        ("tx_memory_mi_limit", wanted.tx_memory_mi_limit, found.tx_memory_mi_limit),
        ("tx_replica", wanted.tx_replica.into(), found.tx_replica.into()),
        ("log_cpu_limit", wanted.log_cpu_limit, found.log_cpu_limit),
        ("log_memory_mi_limit", wanted.log_memory_mi_limit, found.log_memory_mi_limit),
        ("log_replica", wanted.log_replica.into(), found.log_replica.into()),
    ];
    let differ = sizes.into_iter().filter(|(_, wanted, found)| wanted != found);
    differ.map(|(field, wanted, found)| Difference::new(field, wanted, found)).collect()
}
