//! Paging: the clusters of a project across all pages, as a stream of clusters or of pages.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;
use std::{fmt, vec};

use futures_core::Stream;
use tokio::time::Instant;

use crate::classify::required;
use crate::context::Scope;
use crate::schema::{ClusterList, ClusterListItem};
use crate::transport::{self, Operation};
use crate::{EloqApi, Result, attempts_of};

/// What the service takes at most.
pub(crate) const MOST_PER_PAGE: u32 = 50;
/// How often a list that changes is read before what was seen has to do.
const MOST_PASSES: u32 = 4;

/// Asks for one page.
pub(crate) async fn page(client: &EloqApi, page: u32, per_page: u32, deadline: Instant) -> Result<ClusterList> {
    const OPERATION: Operation = Operation::read("list_clusters");
    let listing = client.call_in_scope_until(deadline, OPERATION, |raw, Scope { org_id, project_id }| {
        raw.list_clusters().org_id(org_id).project_id(project_id).page(page).per_page(per_page).send()
    });
    required(OPERATION.id, listing.await?)
}

/// Pages that belong to a call with a deadline, each with the service's own time as it answered, if it told.
pub(crate) fn pages(client: EloqApi, per_page: u32, deadline: Instant) -> Pages<ClusterList> {
    Pages::new(fetch(client, per_page, Some(deadline)), 1, per_page)
}

fn fetch(client: EloqApi, per_page: u32, deadline: Option<Instant>) -> Fetch<ClusterList> {
    Box::new(move |number| {
        let client = client.clone();
        Box::pin(async move {
            let deadline = deadline.unwrap_or_else(|| transport::deadline(client.raw()));
            let (list, attempts) = attempts_of(page(&client, number, per_page, deadline)).await;
            Ok((list?, attempts.last().and_then(|attempt| attempt.date)))
        })
    })
}

/// The clusters of all pages, one by one; see [`Clusters::stream`](crate::request::Clusters::stream).
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let mut clusters = client.clusters().stream();
/// let first = clusters.next().await.transpose()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent until it is asked for the next cluster"]
pub struct ClusterStream {
    pages: ClusterPages,
    page: vec::IntoIter<ClusterListItem>,
}

impl ClusterStream {
    pub(crate) fn new(pages: ClusterPages) -> Self {
        Self { pages, page: Vec::new().into_iter() }
    }

    /// The next cluster; none after the last, and after an error.
    pub async fn next(&mut self) -> Option<Result<ClusterListItem>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for ClusterStream {
    type Item = Result<ClusterListItem>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(cluster) = self.page.next() {
                return Poll::Ready(Some(Ok(cluster)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.page = page.cluster_list.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// The pages that hold clusters; see [`Clusters::pages`](crate::request::Clusters::pages).
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let mut pages = client.clusters().pages();
/// let first = pages.next().await.transpose()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent until it is asked for the next page"]
pub struct ClusterPages(Pages<ClusterList>);

impl ClusterPages {
    pub(crate) fn new(client: EloqApi, first: u32, per_page: u32, prefetch: bool) -> Self {
        Self(Pages { prefetch, ..Pages::new(fetch(client, per_page, None), first, per_page) })
    }

    /// A stream that fails at once.
    pub(crate) fn failed(error: crate::Error) -> Self {
        let fetch: Fetch<ClusterList> = Box::new(move |_| Box::pin(std::future::ready(Err(error.clone()))));
        Self(Pages::new(fetch, 1, MOST_PER_PAGE))
    }

    /// The next page; none after the last, and after an error.
    pub async fn next(&mut self) -> Option<Result<ClusterList>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for ClusterPages {
    type Item = Result<ClusterList>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(context).map_ok(|(page, _)| page)
    }
}

/// A page of a list.
pub(crate) trait Page: Send + 'static {
    type Item: Listed;

    fn items(&mut self) -> &mut Vec<Self::Item>;

    /// How many items all pages have.
    fn total(&self) -> i64;
}

/// What is in a list.
pub(crate) trait Listed {
    fn name(&self) -> &str;

    fn created(&self) -> Option<SystemTime>;
}

impl Page for ClusterList {
    type Item = ClusterListItem;

    fn items(&mut self) -> &mut Vec<ClusterListItem> {
        &mut self.cluster_list
    }

    fn total(&self) -> i64 {
        self.total
    }
}

impl Listed for ClusterListItem {
    fn name(&self) -> &str {
        &self.cluster_name
    }

    fn created(&self) -> Option<SystemTime> {
        self.create_at.to_system_time()
    }
}

/// A page under way, with the service's time as it answered.
type Fetching<P> = Pin<Box<dyn Future<Output = Result<(P, Option<SystemTime>)>> + Send>>;
type Fetch<P> = Box<dyn Fn(u32) -> Fetching<P> + Send + Sync>;

/// Reads a list page by page, and hands over each item once.
///
/// The list can change meanwhile. What moves to a later page is met twice, and known by its name. What moves to an earlier
/// one is missed; then fewer items were met than there were when the reading began, and the list is read once more.
pub(crate) struct Pages<P> {
    fetch: Fetch<P>,
    first: u32,
    per_page: u32,
    prefetch: bool,
    /// The page to ask for next; none when there is none.
    next: Option<u32>,
    under_way: Option<Fetching<P>>,
    pass: Pass,
    /// In which pass an item was met last, by the hash of its name: a list can be long.
    met: HashMap<u64, u32>,
    hasher: RandomState,
}

/// One reading of the list from its beginning.
#[derive(Debug, Default)]
struct Pass {
    number: u32,
    /// When it began by the service's clock, and how many items there were then.
    began: Option<(Option<SystemTime>, i64)>,
    met: i64,
    /// How many of those that were met existed when it began.
    old: i64,
    /// Whether it met anything that passes before did not.
    found: bool,
}

impl<P: Page> Pages<P> {
    fn new(fetch: Fetch<P>, first: u32, per_page: u32) -> Self {
        Self {
            fetch,
            first,
            per_page,
            prefetch: false,
            next: Some(first),
            under_way: None,
            pass: Pass { number: 1, ..Pass::default() },
            met: HashMap::new(),
            hasher: RandomState::new(),
        }
    }

    /// The next page with anything new; none after the last, and after an error.
    pub(crate) async fn next(&mut self) -> Option<Result<(P, Option<SystemTime>)>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Keeps what is new in a page, and decides which page is next.
    fn take_in(&mut self, number: u32, page: &mut P, date: Option<SystemTime>) {
        let before = i64::from(self.first - 1) * i64::from(self.per_page);
        let total = page.total() - before;
        let (began, _) = *self.pass.began.get_or_insert((date, total));
        let size = page.items().len();
        let met_before = self.pass.met;
        page.items().retain(|item| {
            let met = self.met.insert(self.hasher.hash_one(item.name()), self.pass.number);
            if met == Some(self.pass.number) {
                return false;
            }
            let new = began.zip(item.created()).is_some_and(|(began, created)| created > began);
            self.pass.met += 1;
            self.pass.old += i64::from(!new);
            self.pass.found |= met.is_none();
            met.is_none()
        });
        let last = size < self.per_page as usize && self.pass.met >= total;
        self.next = match self.pass.met == met_before || last {
            false => number.checked_add(1),
            true => self.next_pass(),
        };
    }

    fn next_pass(&mut self) -> Option<u32> {
        let Pass { number, began, old, found, .. } = self.pass;
        let complete = began.is_none_or(|(_, total)| old >= total);
        if complete || !found || number == MOST_PASSES {
            return None;
        }
        self.pass = Pass { number: number + 1, ..Pass::default() };
        Some(self.first)
    }

    fn begin(&mut self, number: u32) -> Fetching<P> {
        let fetching = (self.fetch)(number);
        if !self.prefetch {
            return fetching;
        }
        let mut task = AbortOnDrop(tokio::spawn(fetching));
        Box::pin(async move {
            match (&mut task.0).await {
                Ok(result) => result,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => Err(crate::Error::Closed),
                },
            }
        })
    }
}

struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<P: Page> Stream for Pages<P> {
    type Item = Result<(P, Option<SystemTime>)>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while let Some(number) = this.next {
            let fetching = match &mut this.under_way {
                Some(fetching) => fetching,
                None => {
                    let fetching = this.begin(number);
                    this.under_way.insert(fetching)
                }
            };
            let fetched = ready!(fetching.as_mut().poll(context));
            this.under_way = None;
            let (mut page, date) = match fetched {
                Ok(fetched) => fetched,
                Err(error) => {
                    this.next = None;
                    return Poll::Ready(Some(Err(error)));
                }
            };
            this.take_in(number, &mut page, date);
            if let (true, Some(next)) = (this.prefetch, this.next) {
                this.under_way = Some(this.begin(next));
            }
            if !page.items().is_empty() {
                return Poll::Ready(Some(Ok((page, date))));
            }
        }
        Poll::Ready(None)
    }
}

impl<P> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("next", &self.next).field("pass", &self.pass).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
