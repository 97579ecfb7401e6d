//! `ClusterSpec`: the desired cluster, and how an existing one differs from it.

use std::fmt;

use serde::Serialize;
use tokio::time::Instant;

use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::facade::operations;
use crate::schema::{ClusterListItem, ClusterName, CreateClusterRequest, DescClusterDto, EloqModule, SkuInfo, SkuType};
use crate::types::text;

/// The desired cluster, for [`EloqApi::ensure_cluster`](crate::EloqApi::ensure_cluster).
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
    /// A cluster with this name, region and SKU, in any zone.
    pub fn new(cluster_name: impl Into<String>, region: impl Into<String>, sku_id: i64) -> Self {
        Self { cluster_name: cluster_name.into(), region: region.into(), sku_id, zone: None }
    }

    /// Sets the zone, as in `us-west-1a`.
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// Returns the name of the cluster.
    pub fn cluster_name(&self) -> &str {
        &self.cluster_name
    }

    /// The body of the create request.
    pub(super) fn to_request(&self) -> Result<CreateClusterRequest> {
        if self.sku_id < 0 {
            return Err(Error::invalid_input("sku_id", "must not be negative"));
        }
        Ok(CreateClusterRequest {
            cluster_name: ClusterName::try_from(self.cluster_name.as_str())?,
            region: self.region.as_str().try_into().map_err(|_| Error::invalid_input("region", "must not be empty"))?,
            required_zone: self
                .zone
                .as_deref()
                .map(|zone| zone.try_into().map_err(|_| Error::invalid_input("zone", "must not be empty")))
                .transpose()?,
            sku_id: self.sku_id,
        })
    }
}

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
#[cfg_attr(
    feature = "schemars",
    schemars(description = "A property in which an existing cluster differs from the spec.")
)]
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
    pub(super) fn new(field: &'static str, expected: impl ToString, actual: impl ToString) -> Self {
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

/// Whether a cluster has the SKU of a create request.
pub(super) enum SkuMatch {
    Same,
    Differs(Vec<Difference>),
    /// The service shows too little.
    Unknown,
}

/// Compares the SKU of a cluster with that of a create request.
///
/// A cluster shows the name of its SKU, if at all, and a create request has the id: the catalogue relates them, and several SKUs can
/// have one name. Without a name the sizes are compared, unless the cluster is idle and shows none.
pub(super) async fn compare_sku(
    session: &Session,
    request: &CreateClusterRequest,
    found: &ClusterListItem,
    deadline: Instant,
) -> Result<SkuMatch> {
    let module = EloqModule::from(found.module_type.clone());
    let mut skus = Vec::new();
    for sku_type in [SkuType::Serverless, SkuType::Dedicated] {
        let filters = (sku_type, module.clone(), found.cloud_provider.clone());
        skus.extend(operations::list_skus(session, deadline, filters).await?);
        let fits = |sku: &SkuInfo| sku.sku_id == request.sku_id && Some(&sku.sku_name) == found.sku_name.as_ref();
        if skus.iter().any(fits) {
            return Ok(SkuMatch::Same);
        }
    }
    let expected = skus.iter().find(|sku| sku.sku_id == request.sku_id);
    let Some(name) = &found.sku_name else {
        let Some(expected) = expected else { return Ok(SkuMatch::Unknown) };
        let cluster = ClusterName::try_from(found.cluster_name.as_str())?;
        return Ok(
            match size_differences(expected, &operations::describe_cluster(session, deadline, &cluster).await?) {
                None => SkuMatch::Unknown,
                Some(differences) if differences.is_empty() => SkuMatch::Same,
                Some(differences) => SkuMatch::Differs(differences),
            },
        );
    };
    let actual = skus.iter().find(|sku| sku.sku_name == *name);
    Ok(match (expected, actual) {
        (_, Some(actual)) => SkuMatch::Differs(vec![Difference::new("sku", request.sku_id, actual.sku_id)]),
        (Some(expected), None) => SkuMatch::Differs(vec![Difference::new("sku", &expected.sku_name, name)]),
        (None, None) => SkuMatch::Unknown,
    })
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
