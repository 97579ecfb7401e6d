//! The operations of the API, as faults and recorded requests name them.

use std::fmt;

/// One operation of the EloqCloud API.
///
/// ```
/// use eloq_sdk::simulator::Operation;
///
/// assert_eq!(Operation::DescribeCluster.as_str(), "describe_cluster");
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `GET org-info`
    OrgInfo,
    /// `GET skus-by-args`
    ListSkus,
    /// `GET …/clusters`
    ListClusters,
    /// `GET …/clusters/{clusterName}`
    DescribeCluster,
    /// `POST …/clusters`
    CreateCluster,
    /// `DELETE …/clusters/{clusterName}/delete`
    DeleteCluster,
    /// `POST …/clusters/{clusterName}/start`
    StartCluster,
    /// `POST …/clusters/{clusterName}/shutdown`
    ShutdownCluster,
    /// `POST …/clusters/{clusterName}/restart`
    RestartCluster,
    /// `GET …/clusters/{clusterName}/config-history`
    ConfigHistory,
    /// `POST …/clusters/{clusterName}/configs/{configId}/apply`
    ApplyConfig,
    /// `GET billing/user-subscription`
    UserSubscription,
    /// `GET billing/list-pricing-plans`
    ListPricingPlans,
    /// `POST billing/subscribe-plan`
    SubscribePlan,
    /// `GET dashboard/info`
    DashboardInfo,
}

impl Operation {
    /// Every operation, documented ones first.
    ///
    /// ```
    /// use eloq_sdk::simulator::Operation;
    ///
    /// assert!(Operation::ALL.contains(&Operation::ListSkus));
    /// ```
    pub const ALL: &'static [Self] = &[
        Self::OrgInfo,
        Self::ListSkus,
        Self::ListClusters,
        Self::DescribeCluster,
        Self::CreateCluster,
        Self::DeleteCluster,
        Self::StartCluster,
        Self::ShutdownCluster,
        Self::RestartCluster,
        Self::ConfigHistory,
        Self::ApplyConfig,
        Self::UserSubscription,
        Self::ListPricingPlans,
        Self::SubscribePlan,
        Self::DashboardInfo,
    ];

    /// The operationId: the name in snake case.
    ///
    /// ```
    /// use eloq_sdk::simulator::Operation;
    ///
    /// assert_eq!(Operation::OrgInfo.as_str(), "org_info");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrgInfo => "org_info",
            Self::ListSkus => "list_skus",
            Self::ListClusters => "list_clusters",
            Self::DescribeCluster => "describe_cluster",
            Self::CreateCluster => "create_cluster",
            Self::DeleteCluster => "delete_cluster",
            Self::StartCluster => "start_cluster",
            Self::ShutdownCluster => "shutdown_cluster",
            Self::RestartCluster => "restart_cluster",
            Self::ConfigHistory => "config_history",
            Self::ApplyConfig => "apply_config",
            Self::UserSubscription => "user_subscription",
            Self::ListPricingPlans => "list_pricing_plans",
            Self::SubscribePlan => "subscribe_plan",
            Self::DashboardInfo => "dashboard_info",
        }
    }

    pub(super) const fn is_write(self) -> bool {
        matches!(
            self,
            Self::CreateCluster
                | Self::DeleteCluster
                | Self::StartCluster
                | Self::ShutdownCluster
                | Self::RestartCluster
                | Self::ApplyConfig
                | Self::SubscribePlan
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
