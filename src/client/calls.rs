//! How `EloqApi` makes its calls: within a deadline, and those on clusters in the scope of their project.

use serde_json::Value;
use tokio::time::Instant;

use super::EloqApi;
use crate::classify::{Answer, required};
use crate::context::Scope;
use crate::request::ClusterCreate;
use crate::schema::{CloudProvider, ClusterName, DescClusterDto, EloqModule, Envelope, SkuInfo, SkuType};
use crate::spec::ClusterSpec;
use crate::transport::{self, DELETE, Operation, Sending};
use crate::{Result, raw};

impl EloqApi {
    /// The generated client that calls are made through.
    pub(crate) fn untimed(&self) -> &raw::Client {
        &self.untimed
    }

    /// Makes a call on the clusters of the project.
    pub(crate) async fn call_in_scope<'a, T, F, Fut>(&'a self, operation: Operation, request: F) -> Result<Envelope<T>>
    where
        T: Answer,
        F: Fn(&'a raw::Client, Scope) -> Fut,
        Fut: Sending<T>,
    {
        self.call_in_scope_until(transport::deadline(&self.raw), operation, request).await
    }

    /// The same as a part of something that has a deadline already.
    pub(crate) async fn call_in_scope_until<'a, T, F, Fut>(
        &'a self,
        deadline: Instant,
        operation: Operation,
        request: F,
    ) -> Result<Envelope<T>>
    where
        T: Answer,
        F: Fn(&'a raw::Client, Scope) -> Fut,
        Fut: Sending<T>,
    {
        transport::call_in_scope(&self.untimed, &self.context, operation, deadline, request).await
    }

    /// Describes a cluster as a part of something that has a deadline.
    pub(crate) async fn describe(&self, name: &ClusterName, deadline: Instant) -> Result<DescClusterDto> {
        const OPERATION: Operation = Operation::read("describe_cluster");
        let envelope = self.call_in_scope_until(deadline, OPERATION, |raw, Scope { org_id, project_id }| {
            raw.describe_cluster().org_id(org_id).project_id(project_id).cluster_name(name.clone()).send()
        });
        required(OPERATION.id, envelope.await?)
    }

    pub(crate) fn create(&self, spec: ClusterSpec) -> ClusterCreate {
        ClusterCreate::new(self.clone(), spec)
    }

    /// Sends the deletion of a cluster.
    pub(crate) async fn send_delete(&self, name: &ClusterName, deadline: Instant) -> Result<Envelope<Value>> {
        let delete = self.call_in_scope_until(deadline, DELETE, |raw, Scope { org_id, project_id }| {
            raw.delete_cluster().org_id(org_id).project_id(project_id).cluster_name(name.clone()).send()
        });
        delete.await
    }

    /// Asks for SKUs as a part of something that has a deadline.
    pub(crate) async fn skus_until(
        &self,
        deadline: Instant,
        sku_type: SkuType,
        eloq_module: EloqModule,
        cloud_provider: CloudProvider,
    ) -> Result<Vec<SkuInfo>> {
        let envelope = transport::call_until(&self.untimed, Operation::list("list_skus"), deadline, |raw| {
            let filtered = raw.list_skus().type_(sku_type.clone()).eloq_module(eloq_module.clone());
            filtered.cloud_provider(cloud_provider.clone()).send()
        });
        Ok(envelope.await?.data.unwrap_or_default())
    }

    /// Remembers a cluster that was just created.
    pub(crate) fn note_created(&self, name: &str) {
        self.context.recent().add(name);
    }

    pub(crate) fn was_created_recently(&self, name: &str) -> bool {
        self.context.recent().contains(name)
    }

    /// Makes sure that there is a project to work on.
    pub(crate) async fn resolve(&self) -> Result<Scope> {
        transport::resolve(&self.untimed, &self.context).await
    }

    #[cfg(test)]
    pub(crate) fn choice(&self) -> crate::context::Choice {
        self.context.choice()
    }

    /// The same connections and credential with a context of its own.
    #[cfg(feature = "simulator")]
    pub(crate) fn fresh(&self) -> Self {
        Self { context: self.context.forgotten(), ..self.clone() }
    }
}
