//! `SimpleOrgInfo`: the organization without projects and roles.

use serde::{Deserialize, Serialize};

use super::timestamp::Timestamp;

/// The organization of a user, by name and id.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let org = client.org().await?;
/// println!("{} since {}", org.org_name, org.org_create_at);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The organization of a user, by name and id."))]
#[non_exhaustive]
pub struct SimpleOrgInfo {
    /// Creation time of the organization.
    pub org_create_at: Timestamp,
    /// ID of the organization.
    pub org_id: i64,
    /// Name of the organization.
    pub org_name: String,
}
