//! The data types of the API: generated ones by their vendor's names, and the hand-written leaves inside them.

mod cluster_name;
mod envelope;
mod extra;
mod open_enum;
mod org;
mod secret;
mod timestamp;

pub use self::cluster_name::ClusterName;
pub use self::envelope::Envelope;
pub use self::extra::Extra;
pub use self::open_enum::{CloudProvider, ClusterStatus, ElbState, EloqModule, ModuleType, SkuType};
pub use self::org::SimpleOrgInfo;
pub(crate) use self::secret::REDACTED;
pub use self::secret::Secret;
pub use self::timestamp::Timestamp;
pub use crate::raw::types::{
    ClusterList, ClusterListItem, CreateClusterRequest, DashboardType, DataBaseAndOveragePlan, DescClusterDto,
    EloqShelfOveragePricing, EloqShelfPricePlan, ErrorResponse, OpClusterBody, OrgInfo, SimpleProjectInfo, SkuInfo,
    SubscribePlanBody, UserOrgInfoDto,
};

use serde::{Deserialize, Deserializer};

/// Reads `null` as an empty list, which is how a Go backend writes one.
pub(crate) fn null_as_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}
