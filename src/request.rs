//! Requests with options: what `clusters()`, `cluster_create()` and `cluster_delete()` return, to be awaited.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::classify::required;
use crate::context::Scope;
use crate::reconcile::{self, Began};
use crate::schema::{ClusterList, ClusterName, CreateClusterRequest, Envelope};
use crate::transport::{CREATE, Operation};
use crate::{EloqApi, Error, OperationResult, Result, attempts_of};

/// What a change brought, and whether looking told so.
type Outcome = Result<(Envelope<serde_json::Value>, bool)>;

async fn finish(sending: impl Future<Output = Outcome>, done: &str) -> OperationResult {
    let (outcome, attempts) = attempts_of(sending).await;
    let reconciled = matches!(outcome, Ok((_, true)));
    OperationResult::new((outcome.map(|(envelope, _)| envelope), attempts), done).reconciled_if(reconciled)
}

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
        const OPERATION: Operation = Operation::read("list_clusters");
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
        required(OPERATION.id, envelope.await?)
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

    /// What goes on the wire.
    fn order(self) -> Result<CreateClusterRequest> {
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

    async fn send(self) -> Outcome {
        let client = self.client.clone();
        let order = self.order()?;
        let began = Began::now(&client);
        let create = client.call_in_scope_until(began.deadline, CREATE, |raw, Scope { org_id, project_id }| {
            raw.create_cluster().org_id(org_id).project_id(project_id).body(order.clone()).send()
        });
        let outcome = match create.await {
            Ok(envelope) => Ok((envelope, false)),
            Err(failed) => {
                let settled = Box::pin(reconcile::create(&client, &order, began, failed)).await;
                settled.map(|envelope| (envelope, true))
            }
        };
        if matches!(outcome, Ok(_) | Err(Error::OutcomeUnknown(_))) {
            client.note_created(order.cluster_name.as_str());
        }
        outcome
    }
}

impl IntoFuture for ClusterCreate {
    type Output = OperationResult;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { finish(self.send(), "Cluster created successfully").await })
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

    async fn send(self) -> Outcome {
        let name = ClusterName::try_from(self.cluster_name)?;
        let began = Began::now(&self.client);
        match self.client.send_delete(&name, began.deadline).await {
            Ok(envelope) => Ok((envelope, false)),
            Err(failed) => Ok((Box::pin(reconcile::delete(&self.client, &name, began, failed)).await?, true)),
        }
    }
}

impl IntoFuture for ClusterDelete {
    type Output = OperationResult;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { finish(self.send(), "Cluster deleted successfully").await })
    }
}
