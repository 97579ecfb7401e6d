//! Requests with options: what `clusters()`, `cluster_create()` and `cluster_delete()` return, to be awaited.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::classify::required;
use crate::context::Scope;
use crate::schema::{ClusterList, ClusterName, CreateClusterRequest, Envelope};
use crate::{EloqApi, Error, OperationResult, Result};

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A page of clusters, to be awaited.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Clusters {
    client: EloqApi,
    page: u32,
    per_page: u32,
}

impl Clusters {
    pub(crate) fn new(client: EloqApi) -> Self {
        Self { client, page: 1, per_page: 20 }
    }

    /// The page, counted from 1; the default is 1.
    pub fn page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// How many clusters the page holds, 1 to 50; the default is 20.
    pub fn per_page(mut self, per_page: u32) -> Self {
        self.per_page = per_page;
        self
    }

    async fn send(self) -> Result<ClusterList> {
        const OPERATION: &str = "list_clusters";
        if self.page == 0 {
            return Err(Error::invalid_input("page", "is counted from 1"));
        }
        if !(1..=50).contains(&self.per_page) {
            return Err(Error::invalid_input("per_page", "must be 1 to 50"));
        }
        let envelope = self.client.call_in_scope(OPERATION, |raw, Scope { org_id, project_id }| {
            let list = raw.list_clusters().org_id(org_id).project_id(project_id);
            list.page(self.page).per_page(self.per_page).send()
        });
        required(OPERATION, envelope.await?)
    }
}

impl IntoFuture for Clusters {
    type Output = Result<ClusterList>;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The order of a cluster, to be awaited.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ClusterCreate {
    client: EloqApi,
    cluster_name: String,
    region: String,
    sku_id: i64,
    zone: Option<String>,
}

impl ClusterCreate {
    pub(crate) fn new(client: EloqApi, cluster_name: String, region: String, sku_id: i64) -> Self {
        Self { client, cluster_name, region, sku_id, zone: None }
    }

    /// The zone of the region, as in `us-west-1a`. Without it the service chooses one. The vendor's Python SDK always asks for
    /// `us-west-1a`.
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    async fn send(self) -> Result<Envelope<serde_json::Value>> {
        if self.sku_id < 0 {
            return Err(Error::invalid_input("sku_id", "must not be negative"));
        }
        let order = CreateClusterRequest {
            cluster_name: ClusterName::try_from(self.cluster_name)?,
            region: self.region.try_into().map_err(|_| Error::invalid_input("region", "must not be empty"))?,
            required_zone: self
                .zone
                .map(|zone| zone.try_into().map_err(|_| Error::invalid_input("zone", "must not be empty")))
                .transpose()?,
            sku_id: self.sku_id,
        };
        let create = self.client.call_in_scope("create_cluster", |raw, Scope { org_id, project_id }| {
            raw.create_cluster().org_id(org_id).project_id(project_id).body(order.clone()).send()
        });
        create.await
    }
}

impl IntoFuture for ClusterCreate {
    type Output = OperationResult;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { OperationResult::new(self.send().await, "Cluster created successfully") })
    }
}

/// The deletion of a cluster, to be awaited.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ClusterDelete {
    client: EloqApi,
    cluster_name: String,
}

impl ClusterDelete {
    pub(crate) fn new(client: EloqApi, cluster_name: String) -> Self {
        Self { client, cluster_name }
    }

    async fn send(self) -> Result<Envelope<serde_json::Value>> {
        let name = ClusterName::try_from(self.cluster_name)?;
        let delete = self.client.call_in_scope("delete_cluster", |raw, Scope { org_id, project_id }| {
            raw.delete_cluster().org_id(org_id).project_id(project_id).cluster_name(name.clone()).send()
        });
        delete.await
    }
}

impl IntoFuture for ClusterDelete {
    type Output = OperationResult;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { OperationResult::new(self.send().await, "Cluster deleted successfully") })
    }
}
