//! How an existing cluster differs from the desired one.

use std::fmt;

use serde::Serialize;

use super::catalogue::CatalogueReader;
use crate::error::Result;
use crate::facade::operations;
use crate::schema::{
    ClusterListItem, ClusterName, ClusterStatus, CreateClusterRequest, DescClusterDto, EloqModule, SkuInfo, SkuType,
};
use crate::types::text;

/// A property in which an existing cluster differs from the spec.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// use eloq_sdk::{ClusterSpec, EnsureOutcome};
///
/// let spec = ClusterSpec::new("my-cluster", "us-west-1", 101);
/// if let EnsureOutcome::Mismatch(differences) = client.ensure_cluster(spec).await? {
///     for difference in differences {
///         eprintln!("{}: {} instead of {}", difference.field, difference.actual, difference.expected);
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// It serializes as `{"field", "expected", "actual"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "A property in which a cluster differs from the spec."))]
#[non_exhaustive]
pub struct Difference {
    /// The property: `region`, `zone`, `sku`, `status`, or one of the sizes of [`DescClusterDto`].
    pub field: &'static str,
    /// The value in the spec.
    pub expected: String,
    /// The value of the cluster.
    pub actual: String,
}

impl Difference {
    fn new(field: &'static str, expected: impl ToString, actual: impl ToString) -> Self {
        Self { field, expected: expected.to_string(), actual: actual.to_string() }
    }
}

impl fmt::Display for Difference {
    /// As in `region is us-west-1 and not ap-northeast-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (expected, actual) = (text::line(&self.expected, 100), text::line(&self.actual, 100));
        write!(f, "{} is {actual} and not {expected}", self.field)
    }
}

/// How the region and zone of a cluster differ from a create request.
pub(super) fn place_differences(request: &CreateClusterRequest, found: &ClusterListItem) -> Vec<Difference> {
    let mut differences = Vec::new();
    if *request.region != found.region {
        differences.push(Difference::new("region", &*request.region, &found.region));
    }
    if let Some(zone) = request.required_zone.as_ref().filter(|zone| ***zone != found.zone) {
        differences.push(Difference::new("zone", &**zone, &found.zone));
    }
    differences
}

/// How the SKU of a cluster differs from that of a create request; `None` if the service shows too little.
///
/// A cluster shows the name of its SKU, if at all, and a create request has the id: the catalogue relates them, and several SKUs can
/// have one name. Without a name the sizes are compared, unless the cluster is idle and shows none.
pub(super) async fn sku_differences(
    reader: CatalogueReader<'_>,
    request: &CreateClusterRequest,
    found: &ClusterListItem,
) -> Result<Option<Vec<Difference>>> {
    let module = EloqModule::from(found.module_type.clone());
    let mut lists = Vec::with_capacity(2);
    for sku_type in [SkuType::Serverless, SkuType::Dedicated] {
        let skus = reader.skus(&(sku_type, module.clone(), found.cloud_provider.clone())).await?;
        let fits = |sku: &SkuInfo| sku.sku_id == request.sku_id && Some(&sku.sku_name) == found.sku_name.as_ref();
        if skus.iter().any(fits) {
            return Ok(Some(Vec::new()));
        }
        lists.push(skus);
    }
    let mut skus = lists.iter().flat_map(|skus| skus.iter());
    let expected = skus.clone().find(|sku| sku.sku_id == request.sku_id);
    let Some(name) = &found.sku_name else {
        let Some(expected) = expected else { return Ok(None) };
        let cluster = ClusterName::try_from(found.cluster_name.as_str())?;
        let actual = operations::describe_cluster(reader.session, reader.deadline, &cluster).await?;
        return Ok(size_differences(expected, &actual));
    };
    Ok(match (expected, skus.find(|sku| sku.sku_name == *name)) {
        (_, Some(actual)) => Some(vec![Difference::new("sku", request.sku_id, actual.sku_id)]),
        (Some(expected), None) => Some(vec![Difference::new("sku", &expected.sku_name, name)]),
        (None, None) => None,
    })
}

/// All differences, as far as the service shows them. A status in which the cluster does not work is one.
pub(crate) async fn compare(
    reader: CatalogueReader<'_>,
    request: &CreateClusterRequest,
    found: &ClusterListItem,
) -> Result<Vec<Difference>> {
    let mut differences = place_differences(request, found);
    if let status @ (ClusterStatus::Unavailable | ClusterStatus::Error) = &found.status {
        differences.push(Difference::new("status", ClusterStatus::Available, status));
    }
    let unknown = || vec![Difference::new("sku", request.sku_id, "unknown")];
    differences.extend(sku_differences(reader, request, found).await?.unwrap_or_else(unknown));
    Ok(differences)
}

/// `None` if the cluster shows no sizes, as when it is idle.
fn size_differences(expected: &SkuInfo, actual: &DescClusterDto) -> Option<Vec<Difference>> {
    if actual.tx_cpu_limit == 0.0 && actual.tx_memory_mi_limit == 0.0 {
        return None;
    }
    let sizes = [
        ("tx_cpu_limit", expected.tx_cpu_limit, actual.tx_cpu_limit),
        ("tx_memory_mi_limit", expected.tx_memory_mi_limit, actual.tx_memory_mi_limit),
        ("tx_replica", expected.tx_replica.into(), actual.tx_replica.into()),
        ("log_cpu_limit", expected.log_cpu_limit, actual.log_cpu_limit),
        ("log_memory_mi_limit", expected.log_memory_mi_limit, actual.log_memory_mi_limit),
        ("log_replica", expected.log_replica.into(), actual.log_replica.into()),
    ];
    let differ = sizes.into_iter().filter(|(_, expected, actual)| expected != actual);
    Some(differ.map(|(field, expected, actual)| Difference::new(field, expected, actual)).collect())
}
