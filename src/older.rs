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
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.start_cluster("my-cluster").await.into_result()?;
    /// client.wait_for_cluster("my-cluster").connectable().await?;
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.stop_cluster("my-cluster").await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.restart_cluster("my-cluster").await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let history = client.cluster_config_history("my-cluster").await?;
    /// println!("{history:#}");
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.cluster_apply_config("my-cluster", 2).await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let plan = client.user_subscription().await?;
    /// println!("{plan:?}");
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// for plan in client.list_pricing_plans().await? {
    ///     println!("{plan:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.subscribe_plan(2).await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn subscribe_plan(&self, plan_id: i64) -> OperationResult {
        let result = call(self.untimed(), Operation::write("subscribe_plan"), |raw| {
            raw.subscribe_plan().body(SubscribePlanBody { plan_id }).send()
        });
        OperationResult::new(attempts_of(result).await, "Plan subscribed successfully")
    }

    /// The dashboards, of one product or of all; possibly none.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// use eloq_sdk::schema::ModuleType;
    ///
    /// for dashboard in client.dashboard_info(Some(ModuleType::EloqKv)).await? {
    ///     println!("{}", dashboard.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
