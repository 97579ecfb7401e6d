//! Operations of the vendor's SDKs 0.1.0 to 0.1.3, absent from the vendor's current pages.

use super::client::EloqApi;
use super::operation_result::{OperationResult, finish};
use super::operations;
use crate::engine::call::call;
use crate::error::Result;
use crate::schema::{ClusterName, DashboardType, DataBaseAndOveragePlan, ModuleType, SubscribePlanBody};
use crate::types::operation::Operation;

/// Sends a write on a cluster.
macro_rules! send_write {
    ($client:expr, $operation:ident, $cluster_name:expr, $method:ident($($argument:expr)?)) => {{
        let write = async {
            let (session, name) = ($client.session(), ClusterName::try_from($cluster_name.as_ref())?);
            let response = operations::$method(session, session.deadline(), &name $(, $argument)?).await?;
            Ok(response.envelope.into())
        };
        finish(Operation::$operation, write).await
    }};
}

/// # Legacy operations
///
/// Known only from the vendor's SDKs 0.1.0 to 0.1.3; the service may no longer have them.
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
        send_write!(self, StartCluster, cluster_name, start_cluster())
    }

    /// Stops a cluster. The operation is `shutdown` on the wire.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.stop_cluster("my-cluster").await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "shutdown_cluster")]
    pub async fn stop_cluster(&self, cluster_name: impl AsRef<str>) -> OperationResult {
        send_write!(self, ShutdownCluster, cluster_name, shutdown_cluster())
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
        send_write!(self, RestartCluster, cluster_name, restart_cluster())
    }

    /// Returns the configuration history of a cluster as JSON; the vendor never documented its form.
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
        let session = self.session();
        let response = operations::config_history(session, session.deadline(), &name);
        Ok(response.await?.envelope.data.unwrap_or_default())
    }

    /// Applies a configuration of the history and restarts the cluster.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.cluster_apply_config("my-cluster", 2).await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cluster_apply_config(&self, cluster_name: impl AsRef<str>, config_id: i64) -> OperationResult {
        send_write!(self, ApplyConfig, cluster_name, apply_config(config_id))
    }

    /// Returns the plan that the user is subscribed to.
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
        let (session, operation) = (self.session(), Operation::UserSubscription);
        let response = call(session, operation, session.deadline(), |raw| raw.user_subscription().build());
        response.await?.into_data(operation)
    }

    /// Returns the available plans; can be empty.
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
        let (session, operation) = (self.session(), Operation::ListPricingPlans);
        let response = call(session, operation, session.deadline(), |raw| raw.list_pricing_plans().build());
        Ok(response.await?.into_list())
    }

    /// Subscribes to a plan. This can cost money.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let message = client.subscribe_plan(2).await.into_result()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn subscribe_plan(&self, plan_id: i64) -> OperationResult {
        let session = self.session();
        let response = call(session, Operation::SubscribePlan, session.deadline(), |raw| {
            raw.subscribe_plan().body(SubscribePlanBody { plan_id }).build()
        });
        finish(Operation::SubscribePlan, async { Ok(response.await?.envelope.into()) }).await
    }

    /// Returns the dashboards of one product or of all; can be empty.
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
        let session = self.session();
        let response = call(session, Operation::DashboardInfo, session.deadline(), |raw| {
            let dashboards = raw.dashboard_info();
            match product_type.clone() {
                Some(product) => dashboards.product_type(product).build(),
                None => dashboards.build(),
            }
        });
        Ok(response.await?.into_list())
    }
}
