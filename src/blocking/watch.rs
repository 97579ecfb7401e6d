//! The blocking watch of the list.

use super::{client::EloqApi, request::Request};
use crate::facade::fleet::watch::ClusterWatch;

impl EloqApi {
    /// The blocking [`crate::EloqApi::watch_clusters`]; iterating returns the changes.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
    /// for each in client.watch_clusters().all_projects() {
    ///     let each = each?;
    ///     match each.result {
    ///         Ok(change) => println!("{}: {change}", each.project.project_name),
    ///         Err(error) => eprintln!("{}: {error:#}", each.project.project_name),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch_clusters(&self) -> Request<ClusterWatch> {
        self.request(self.inner().watch_clusters())
    }
}
