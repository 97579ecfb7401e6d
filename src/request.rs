//! Requests with options: what `clusters()`, `cluster_create()` and `cluster_delete()` return, to be awaited.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::context::Scope;
use crate::paging::{self, ClusterPages, ClusterStream, MOST_PER_PAGE};
use crate::reconcile::{self, Began};
use crate::schema::{ClusterList, ClusterName, Envelope};
use crate::spec::ClusterSpec;
use crate::transport::{self, CREATE, boxed};
use crate::{ClusterCredentials, EloqApi, Error, OperationResult, Result, Wait, attempts_of};

/// What a change brought, and whether looking told so.
type Outcome = Result<(Envelope<serde_json::Value>, bool)>;

async fn finish(sending: impl Future<Output = Outcome>, done: &str) -> OperationResult {
    let (outcome, attempts) = attempts_of(sending).await;
    let reconciled = matches!(outcome, Ok((_, true)));
    OperationResult::new((outcome.map(|(envelope, _)| envelope), attempts), done).reconciled_if(reconciled)
}

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A page of clusters, to be awaited.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let second = client.clusters().page(2).per_page(50).await?;
/// println!("{} of {} clusters", second.cluster_list.len(), second.total);
///
/// // Those of all pages, the next page asked for while one is worked on.
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
    client: EloqApi,
    page: u32,
    per_page: Option<u32>,
    prefetch: bool,
}

impl Clusters {
    pub(crate) fn new(client: EloqApi) -> Self {
        Self { client, page: 1, per_page: None, prefetch: false }
    }

    /// The page, counted from 1; the default is 1. A stream begins with it.
    pub fn page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// How many clusters a page holds, 1 to 50; the default is 20 for one page, and 50 for a stream.
    pub fn per_page(mut self, per_page: u32) -> Self {
        self.per_page = Some(per_page);
        self
    }

    /// Lets a stream ask for the next page, in a task of its own, while the one before is worked on.
    pub fn prefetch(mut self) -> Self {
        self.prefetch = true;
        self
    }

    /// All clusters, one by one, each page asked for when it is needed.
    ///
    /// The list can change meanwhile: no cluster comes twice, and none is left out that is there from beginning to end. Where
    /// one was missed the list is read again, up to four times in all. An error ends the stream.
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

    /// The same page by page. A page lacks the clusters that came before, and is left out if that is all of them.
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
        match self.size(MOST_PER_PAGE) {
            Ok(per_page) => ClusterPages::new(self.client, self.page, per_page, self.prefetch),
            Err(error) => ClusterPages::failed(error),
        }
    }

    async fn send(self) -> Result<ClusterList> {
        let per_page = self.size(20)?;
        let deadline = transport::deadline(self.client.raw());
        paging::page(&self.client, self.page, per_page, deadline).await
    }

    /// The size of a page, if everything asked for is possible.
    fn size(&self, default: u32) -> Result<u32> {
        let per_page = self.per_page.unwrap_or(default);
        if self.page == 0 {
            return Err(Error::invalid_input("page", "is counted from 1"));
        }
        if !(1..=MOST_PER_PAGE).contains(&per_page) {
            return Err(Error::invalid_input("per_page", "must be 1 to 50"));
        }
        Ok(per_page)
    }
}

impl IntoFuture for Clusters {
    type Output = Result<ClusterList>;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The order of a cluster, to be awaited.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// let ordered = client.cluster_create("my-cluster", "us-west-1", 101).zone("us-west-1a").await;
/// println!("{}", ordered.message);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ClusterCreate {
    client: EloqApi,
    spec: ClusterSpec,
}

impl ClusterCreate {
    pub(crate) fn new(client: EloqApi, spec: ClusterSpec) -> Self {
        Self { client, spec }
    }

    /// The zone of the region, as in `us-west-1a`. Without it the service chooses one. The vendor's Python SDK always asks for
    /// `us-west-1a`.
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.spec = self.spec.zone(zone);
        self
    }

    /// Waits until the cluster can be connected to: orders it, and [waits](Wait) if the order was accepted.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// let credentials = client.cluster_create("my-cluster", "us-west-1", 101).wait().await?;
    /// println!("{}:{}", credentials.host, credentials.port);
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(self) -> Wait<ClusterCredentials> {
        let wait = self.client.wait_for_cluster(self.spec.cluster_name()).connectable();
        wait.after(async { self.await.into_result().map(drop) })
    }

    async fn send(self) -> Outcome {
        let client = self.client.clone();
        let order = self.spec.order()?;
        let began = Began::now(&client);
        let create = client.call_in_scope_until(began.deadline, CREATE, |raw, Scope { org_id, project_id }| {
            raw.create_cluster().org_id(org_id).project_id(project_id).body(order.clone()).send()
        });
        let outcome = match create.await {
            Ok(envelope) => Ok((envelope, false)),
            Err(failed) => {
                let settled = boxed(|| reconcile::create(&client, &order, began, failed)).await;
                settled.map(|envelope| (envelope, true))
            }
        };
        if matches!(outcome, Ok(_) | Err(Error::OutcomeUnknown(_))) {
            client.note_created(order.cluster_name.as_str());
        }
        outcome
    }
}

impl IntoFuture for ClusterCreate {
    type Output = OperationResult;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { finish(self.send(), "Cluster created successfully").await })
    }
}

/// The deletion of a cluster, to be awaited.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let message = client.cluster_delete("my-cluster").await.into_result()?;
/// println!("{message}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ClusterDelete {
    client: EloqApi,
    cluster_name: String,
}

impl ClusterDelete {
    pub(crate) fn new(client: EloqApi, cluster_name: String) -> Self {
        Self { client, cluster_name }
    }

    async fn send(self) -> Outcome {
        let name = ClusterName::try_from(self.cluster_name)?;
        let began = Began::now(&self.client);
        match self.client.send_delete(&name, began.deadline).await {
            Ok(envelope) => Ok((envelope, false)),
            Err(failed) => Ok((boxed(|| reconcile::delete(&self.client, &name, began, failed)).await?, true)),
        }
    }
}

impl ClusterDelete {
    /// Waits until the cluster is gone: orders its deletion, and [waits](Wait) if the order was accepted.
    ///
    /// ```no_run
    /// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
    /// client.cluster_delete("my-cluster").wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(self) -> Wait<()> {
        let wait = self.client.wait_for_cluster(&self.cluster_name).deleted();
        wait.after(async { self.await.into_result().map(drop) })
    }
}

impl IntoFuture for ClusterDelete {
    type Output = OperationResult;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { finish(self.send(), "Cluster deleted successfully").await })
    }
}
