//! `SimpleOrgInfo`: the organization without what hangs on it.

use serde::{Deserialize, Serialize};

use super::{OrgInfo, Timestamp};

/// The organization of a user, by name and number.
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
#[cfg_attr(feature = "schemars", schemars(description = "The organization of a user, by name and number."))]
#[non_exhaustive]
pub struct SimpleOrgInfo {
    /// When the organization was created.
    pub org_create_at: Timestamp,
    /// The organization's number.
    pub org_id: i64,
    /// The organization's name.
    pub org_name: String,
}

impl From<OrgInfo> for SimpleOrgInfo {
    fn from(org: OrgInfo) -> Self {
        Self { org_create_at: org.org_create_at, org_id: org.org_id, org_name: org.org_name }
    }
}
