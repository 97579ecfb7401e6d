//! The data types of the API: generated from `openapi.yaml` under their vendor's names, with hand-written scalar types inside.
#![cfg_attr(
    feature = "schemars",
    doc = r##"
# JSON Schemas

With the feature `schemars` each type implements [`JsonSchema`](schemars::JsonSchema), for validators, forms and tools of
language models. The schemas say what `OPENAPI_YAML` says: objects and enums are open, and a secret is a
write-only password. The other serializable types, such as `OperationResult`, implement it for the form in
which they serialize.

```
let schema = schemars::schema_for!(eloq_sdk::schema::DescClusterDto);
assert_eq!(schema.pointer("/properties/elb_port/maximum"), Some(&65535.into()));
assert_eq!(schema.pointer("/$defs/Secret/writeOnly"), Some(&true.into()));
```
"##
)]

pub use crate::raw::types::{
    ClusterList, ClusterListItem, CreateClusterRequest, DashboardType, DataBaseAndOveragePlan, DescClusterDto,
    EloqShelfOveragePricing, EloqShelfPricePlan, ErrorResponse, OpClusterBody, OrgInfo, SimpleProjectInfo, SkuInfo,
    SubscribePlanBody, UserOrgInfoDto,
};
pub use crate::types::cluster_name::{ClusterName, InvalidClusterName};
pub use crate::types::envelope::Envelope;
pub use crate::types::extra::Extra;
pub use crate::types::open_enum::{
    CloudProvider, ClusterStatus, ElbState, EloqModule, ModuleType, SkuType, UnknownValue,
};
pub use crate::types::org::SimpleOrgInfo;
pub use crate::types::secret::Secret;
pub use crate::types::timestamp::Timestamp;

impl From<OrgInfo> for SimpleOrgInfo {
    fn from(org: OrgInfo) -> Self {
        Self { org_create_at: org.org_create_at, org_id: org.org_id, org_name: org.org_name }
    }
}

impl DescClusterDto {
    /// Returns true if the cluster's database accepts connections: its [status](ClusterStatus::is_connectable) allows it, and
    /// its load balancer is active and has an address. From the vendor's REST pages.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let cluster = client.cluster("my-cluster").await?;
    /// if !cluster.is_connectable() {
    ///     println!("not yet: {}, load balancer {}", cluster.status, cluster.elb_state);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_connectable(&self) -> bool {
        let has_address = !self.elb_addr.is_empty() && self.elb_port != 0;
        self.status.is_connectable() && self.elb_state == ElbState::Active && has_address
    }
}
