//! The data types of the API: generated ones by their vendor's names, and the hand-written leaves inside them.
#![cfg_attr(
    feature = "schemars",
    doc = r##"
# JSON Schemas

With the feature `schemars` each of them has a [`JsonSchema`](schemars::JsonSchema), for validators, forms and tools of language
models. It says what [`OPENAPI_YAML`](crate::OPENAPI_YAML) says: objects are open, the sets of the enums are too, and a secret is
a password that is only written.

```
let schema = schemars::schema_for!(eloq_sdk::schema::DescClusterDto);
assert_eq!(schema.pointer("/properties/elb_port/maximum"), Some(&65535.into()));
assert_eq!(schema.pointer("/$defs/Secret/writeOnly"), Some(&true.into()));
```
"##
)]

mod cluster_name;
mod envelope;
mod extra;
#[cfg(feature = "schemars")]
pub(crate) mod json_schema;
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
