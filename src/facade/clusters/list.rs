//! `Clusters`: a request for one page of clusters, or a stream of all.

use super::paginator::{ClusterPages, ClusterStream, MAX_PER_PAGE};
use crate::engine::{future::awaitable, session::Session};
use crate::error::{Error, Result};
use crate::facade::{fleet::all_projects::AllProjects, operations};
use crate::schema::{ClusterList, ClusterListItem};
use crate::types::{operation::Operation, setters::setters};

/// A request for a page of clusters.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let second = client.clusters().page(2).per_page(50).await?;
/// println!("{} of {} clusters", second.cluster_list.len(), second.total);
///
/// // All clusters, with the next page requested in the background.
/// let mut all = client.clusters().prefetch().stream();
/// while let Some(cluster) = all.next().await.transpose()? {
///     println!("{}", cluster.cluster_name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Clusters {
    session: Session,
    page: u32,
    per_page: Option<u32>,
    prefetch: bool,
}

setters! {
    Clusters;

    /// Sets the page, counted from 1; the default is 1. A stream begins with it.
    page(page: u32) => page;

    /// Sets the number of clusters on a page, 1 to 50; the default is 20 for one page, and 50 for a stream.
    per_page(per_page: u32) => Some(per_page);
}

impl Clusters {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, page: 1, per_page: None, prefetch: false }
    }

    /// Makes a stream request the next page in a background task.
    pub fn prefetch(self) -> Self {
        Self { prefetch: true, ..self }
    }

    /// Returns all clusters, page by page as needed.
    ///
    /// The list can change in between: no cluster comes twice, and each cluster that exists from beginning to end comes once. If
    /// one was missed, the list is read again, up to four times. An error ends the stream.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let mut clusters = client.clusters().stream();
    /// while let Some(cluster) = clusters.next().await.transpose()? {
    ///     println!("{}: {}", cluster.cluster_name, cluster.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> ClusterStream {
        ClusterStream::new(self.pages())
    }

    /// Returns all clusters as pages. A page lacks the clusters of earlier pages, and does not come if it has no others.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let mut pages = client.clusters().per_page(50).pages();
    /// while let Some(page) = pages.next().await.transpose()? {
    ///     println!("{} more of {}", page.cluster_list.len(), page.total);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(self) -> ClusterPages {
        match self.page_size(MAX_PER_PAGE) {
            Ok(per_page) => ClusterPages::new(self.session, self.page, per_page, self.prefetch),
            Err(error) => ClusterPages::failed(error),
        }
    }

    /// Returns the clusters of every project of the account, each with its project.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let mut clusters = client.clusters().all_projects();
    /// while let Some(each) = clusters.next().await.transpose()? {
    ///     let project = each.project.project_name;
    ///     match each.result {
    ///         Ok(cluster) => println!("{project}: {}", cluster.cluster_name),
    ///         Err(error) => eprintln!("{project}: {error:#}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn all_projects(self) -> AllProjects<ClusterListItem> {
        let (session, checked) = (self.session.clone(), self.page_size(MAX_PER_PAGE).map(drop));
        AllProjects::new(session, checked, move |session| Self { session, ..self.clone() }.stream(), |_| 0)
    }

    /// Sends the request; the same as awaiting it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] for a page of 0 or a page size outside 1 to 50; see [`EloqApi`](crate::EloqApi#errors) for the
    /// rest.
    pub async fn send(self) -> Result<ClusterList> {
        let per_page = self.page_size(20)?;
        let deadline = self.session.deadline();
        let response = operations::list_clusters(&self.session, deadline, self.page, per_page).await?;
        response.into_data(Operation::ListClusters)
    }

    fn page_size(&self, default: u32) -> Result<u32> {
        let per_page = self.per_page.unwrap_or(default);
        if self.page == 0 {
            return Err(Error::invalid_input("page", "is counted from 1"));
        }
        if !(1..=MAX_PER_PAGE).contains(&per_page) {
            return Err(Error::invalid_input("per_page", "must be 1 to 50"));
        }
        Ok(per_page)
    }
}

awaitable! { Clusters => Result<ClusterList> }
