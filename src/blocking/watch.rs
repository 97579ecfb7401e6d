//! The blocking watch of the list, and waits for many clusters.

use super::{client::EloqApi, request::Request};
use crate::facade::fleet::{waits::WaitForClusters, watch::ClusterWatch};

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

    /// The blocking [`crate::EloqApi::wait_for_clusters`]; iterating returns results as they come, [`send`](Request::send) all in
    /// the order of the names.
    ///
    /// ```no_run
    /// # fn example(client: eloq_sdk::blocking::EloqApi) -> eloq_sdk::Result<()> {
    /// for each in client.wait_for_clusters(["orders", "sessions"]).connectable() {
    ///     let each = each?;
    ///     println!("{}: {:?}", each.cluster_name, each.result.map(|credentials| credentials.host));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_clusters(
        &self,
        cluster_names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Request<WaitForClusters> {
        self.request(self.inner().wait_for_clusters(cluster_names))
    }
}
