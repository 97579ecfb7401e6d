//! What users can do about an error.

use super::Error;
use crate::types::operation::Operation;

impl Error {
    /// Returns what to do, in one sentence, if there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        const KEY: &str = "check the API key, or create a new one in the dashboard under Settings, API Keys";
        const SERVICE: &str =
            "check that the base URL leads to EloqCloud, and whether there is a newer version of this crate";
        Some(match self {
            error if error.is_cluster_limit() => {
                "the plan allows no more clusters: delete one, or subscribe to a plan that allows more"
            }
            Self::Authentication { .. } => KEY,
            Self::Api { api } if api.code == Some(401) => KEY,
            Self::Api { api } if api.code.is_none() => SERVICE,
            Self::Permission { api } => match api.operation {
                Operation::DeleteCluster => {
                    "only an available cluster can be deleted: check its status and the roles of the key"
                }
                Operation::DescribeCluster => {
                    "the cluster may not exist: check the name, the project and the roles of the key"
                }
                _ => "check the roles of the key and the limits of the plan",
            },
            Self::NotFound { api } => match api.operation {
                Operation::OrgInfo | Operation::ListSkus => "check that the base URL leads to EloqCloud",
                _ => "check the name and the project",
            },
            Self::RateLimit { .. } => "wait before the next call",
            Self::Conflict { .. } => "choose another name, or use the existing resource",
            Self::Server { .. } => "try again later",
            Self::Connect { .. } => "check the base URL, the network, the proxy and the certificate authorities",
            Self::Timeout { failure } if failure.trail.waited.is_some() => "wait again, or raise max_wait",
            Self::Timeout { .. } => "try again, or raise the timeout",
            Self::Decode { .. } => SERVICE,
            Self::Protocol { .. } => "check the base URL, and the gateways and proxies in between",
            Self::ClusterFailed { .. } => "see the cluster in the dashboard, or ask the vendor's support",
            Self::OutcomeUnknown { .. } => "check whether the service processed the request before sending it again",
            Self::NoProject => "create a project in the dashboard",
            _ => return None,
        })
    }
}
