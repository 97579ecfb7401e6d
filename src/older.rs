//! The operations of the vendor's SDKs 0.1.0 to 0.1.3 that today's pages no longer show.

use crate::classify::required;
use crate::context::Scope;
use crate::schema::{ClusterName, DashboardType, DataBaseAndOveragePlan, ModuleType, OpClusterBody, SubscribePlanBody};
use crate::transport::{Operation, call};
use crate::{EloqApi, OperationResult, Result, attempts_of};

/// # Older operations
///
/// Known only from the vendor's SDKs 0.1.0 to 0.1.3; the service may have dropped them.
impl EloqApi {
    /// Starts a cluster.
    pub async fn start_cluster(&self, cluster_name: impl AsRef<str>) -> OperationResult {
        let result = async {
            let name = ClusterName::try_from(cluster_name.as_ref())?;
            self.call_in_scope(Operation::write("start_cluster"), |raw, Scope { org_id, project_id }| {
                let start = raw.start_cluster().org_id(org_id).project_id(project_id).cluster_name(name.clone());
                start.body(OpClusterBody(Default::default())).send()
            })
            .await
        };
        OperationResult::new(attempts_of(result).await, "Cluster started successfully")
    }

    /// Shuts a cluster down. The operation is called `shutdown` on the wire.
    #[doc(alias = "shutdown_cluster")]
    pub async fn stop_cluster(&self, cluster_name: impl AsRef<str>) -> OperationResult {
        let result = async {
            let name = ClusterName::try_from(cluster_name.as_ref())?;
            self.call_in_scope(Operation::write("shutdown_cluster"), |raw, Scope { org_id, project_id }| {
                let stop = raw.shutdown_cluster().org_id(org_id).project_id(project_id).cluster_name(name.clone());
                stop.body(OpClusterBody(Default::default())).send()
            })
            .await
        };
        OperationResult::new(attempts_of(result).await, "Cluster stopped successfully")
    }

    /// Restarts a cluster.
    pub async fn restart_cluster(&self, cluster_name: impl AsRef<str>) -> OperationResult {
        let result = async {
            let name = ClusterName::try_from(cluster_name.as_ref())?;
            self.call_in_scope(Operation::write("restart_cluster"), |raw, Scope { org_id, project_id }| {
                let restart = raw.restart_cluster().org_id(org_id).project_id(project_id).cluster_name(name.clone());
                restart.body(OpClusterBody(Default::default())).send()
            })
            .await
        };
        OperationResult::new(attempts_of(result).await, "Cluster restarted successfully")
    }

    /// The configurations that a cluster had. Their form was never documented, so they come as JSON.
    ///
    /// # Errors
    ///
    /// See [the type](Self#errors).
    pub async fn cluster_config_history(&self, cluster_name: impl AsRef<str>) -> Result<serde_json::Value> {
        let name = ClusterName::try_from(cluster_name.as_ref())?;
        let envelope = self.call_in_scope(Operation::list("config_history"), |raw, Scope { org_id, project_id }| {
            raw.config_history().org_id(org_id).project_id(project_id).cluster_name(name.clone()).send()
        });
        Ok(envelope.await?.data.unwrap_or_default())
    }

    /// Applies a configuration of the history, and restarts the cluster.
    pub async fn cluster_apply_config(&self, cluster_name: impl AsRef<str>, config_id: i64) -> OperationResult {
        let result = async {
            let name = ClusterName::try_from(cluster_name.as_ref())?;
            self.call_in_scope(Operation::write("apply_config"), |raw, Scope { org_id, project_id }| {
                let apply = raw.apply_config().org_id(org_id).project_id(project_id).cluster_name(name.clone());
                apply.config_id(config_id).send()
            })
            .await
        };
        OperationResult::new(attempts_of(result).await, "Configuration applied successfully")
    }

    /// The plan that the user is subscribed to.
    ///
    /// # Errors
    ///
    /// See [the type](Self#errors).
    pub async fn user_subscription(&self) -> Result<DataBaseAndOveragePlan> {
        const OPERATION: Operation = Operation::read("user_subscription");
        required(OPERATION.id, call(self.untimed(), OPERATION, |raw| raw.user_subscription().send()).await?)
    }

    /// The plans on offer, possibly none.
    ///
    /// # Errors
    ///
    /// See [the type](Self#errors).
    pub async fn list_pricing_plans(&self) -> Result<Vec<DataBaseAndOveragePlan>> {
        let envelope =
            call(self.untimed(), Operation::list("list_pricing_plans"), |raw| raw.list_pricing_plans().send()).await?;
        Ok(envelope.data.unwrap_or_default())
    }

    /// Subscribes to a plan. It can cost money.
    pub async fn subscribe_plan(&self, plan_id: i64) -> OperationResult {
        let result = call(self.untimed(), Operation::write("subscribe_plan"), |raw| {
            raw.subscribe_plan().body(SubscribePlanBody { plan_id }).send()
        });
        OperationResult::new(attempts_of(result).await, "Plan subscribed successfully")
    }

    /// The dashboards, of one product or of all; possibly none.
    ///
    /// # Errors
    ///
    /// See [the type](Self#errors).
    pub async fn dashboard_info(&self, product_type: Option<ModuleType>) -> Result<Vec<DashboardType>> {
        let envelope = call(self.untimed(), Operation::list("dashboard_info"), |raw| {
            let dashboards = raw.dashboard_info();
            match product_type.clone() {
                Some(product) => dashboards.product_type(product).send(),
                None => dashboards.send(),
            }
        });
        Ok(envelope.await?.data.unwrap_or_default())
    }
}
