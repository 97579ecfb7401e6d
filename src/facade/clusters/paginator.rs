//! `Paginator`: the clusters of a project across all pages, as a stream of clusters or of pages.

use std::borrow::BorrowMut;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use tokio::time::Instant;

use crate::engine::headers::{self, ServiceTime};
use crate::engine::{future::BoxFuture, future::task, session::Session};
use crate::error::{Error, Result};
use crate::facade::operations;
use crate::schema::{ClusterList, ClusterListItem};
use crate::types::{debug::debug, operation::Operation};

/// The largest page of the service.
pub(crate) const MAX_PER_PAGE: u32 = 50;
/// How often a list that changes is read at most.
const MAX_SCANS: u32 = 4;

/// The clusters of all pages; see [`Clusters::stream`](crate::request::Clusters::stream).
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let mut clusters = client.clusters().stream();
/// let first = clusters.next().await.transpose()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until next() is called"]
pub struct ClusterStream(BoxStream<'static, Result<ClusterListItem>>);

impl ClusterStream {
    pub(super) fn new(pages: ClusterPages) -> Self {
        Self(Box::pin(pages.map_ok(|page| stream::iter(page.cluster_list.into_iter().map(Ok))).try_flatten()))
    }

    /// Returns the next cluster; `None` after the last, and after an error.
    pub async fn next(&mut self) -> Option<Result<ClusterListItem>> {
        StreamExt::next(self).await
    }
}

impl Stream for ClusterStream {
    type Item = Result<ClusterListItem>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

debug! { ClusterStream {} }

/// The pages with clusters; see [`Clusters::pages`](crate::request::Clusters::pages).
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) -> eloq_sdk::Result<()> {
/// let mut pages = client.clusters().pages();
/// let first = pages.next().await.transpose()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until next() is called"]
pub struct ClusterPages(BoxStream<'static, Result<ClusterList>>);

impl ClusterPages {
    pub(super) fn new(session: Session, first: u32, per_page: u32, prefetch: bool) -> Self {
        let paginator = Paginator { prefetch, ..Paginator::new(fetch(session, per_page, None), first, per_page) };
        Self(Box::pin(stream::try_unfold(paginator, |mut paginator| async move {
            let page = paginator.next().await.transpose()?;
            Ok(page.map(|(page, _)| (page, paginator)))
        })))
    }

    /// A stream that fails at once.
    pub(super) fn failed(error: Error) -> Self {
        Self(Box::pin(stream::iter([Err(error)])))
    }

    /// Returns the next page; `None` after the last, and after an error.
    pub async fn next(&mut self) -> Option<Result<ClusterList>> {
        StreamExt::next(self).await
    }
}

impl Stream for ClusterPages {
    type Item = Result<ClusterList>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

debug! { ClusterPages {} }

/// A page with the service's clock.
type Fetched<P> = Result<(P, Option<ServiceTime>)>;
type Fetch<P> = Box<dyn Fn(u32) -> BoxFuture<'static, Fetched<P>> + Send + Sync>;

fn fetch(session: Session, per_page: u32, deadline: Option<Instant>) -> Fetch<ClusterList> {
    Box::new(move |number| {
        let session = session.clone();
        Box::pin(async move {
            let deadline = deadline.unwrap_or_else(|| session.deadline());
            let response = operations::list_clusters(&session, deadline, number, per_page).await?;
            let time = headers::service_time(&response.head);
            Ok((response.into_data(Operation::ListClusters)?, time))
        })
    })
}

/// Reads a list page by page, and returns each item once. `P` is a page; tests count theirs.
///
/// The list can change in between. An item that moves to a later page is seen twice, and recognized by its name. An item that
/// moves to an earlier page is missed: then the scan saw fewer items than existed when it began, and the list is scanned again.
pub(crate) struct Paginator<P> {
    fetch: Fetch<P>,
    first: u32,
    per_page: u32,
    prefetch: bool,
    /// Whether the page with the last of `total` clusters is the last, also if it is full.
    trusts_total: bool,
    /// The next page; `None` after the last.
    next: Option<u32>,
    in_flight: Option<BoxFuture<'static, Fetched<P>>>,
    scan: Scan,
    /// The scan that saw an item last, by the hash of the item's name: a list can be long.
    seen: HashMap<u64, u32>,
    hasher: RandomState,
}

/// One reading of the list from its first page.
#[derive(Debug, Default)]
struct Scan {
    number: u32,
    /// The service's clock and the number of items when the scan began.
    began: Option<(Option<SystemTime>, i64)>,
    seen: i64,
    /// How many of the seen items existed when the scan began, as far as their times tell.
    preexisting: i64,
    /// How many certainly did.
    certain: i64,
    /// Whether the first page has as many items as there are.
    is_snapshot: bool,
    /// Whether the scan saw an item that earlier scans did not see.
    found_new: bool,
}

impl Paginator<ClusterList> {
    /// The largest pages, of a call that has a deadline.
    pub(super) fn within(session: Session, deadline: Instant) -> Self {
        Self::new(fetch(session, MAX_PER_PAGE, Some(deadline)), 1, MAX_PER_PAGE)
    }

    /// As few pages as there can be. Each is a call with its own deadline, unless there is one for all.
    pub(super) fn whole(session: Session, deadline: Option<Instant>) -> Self {
        Self { trusts_total: true, ..Self::new(fetch(session, MAX_PER_PAGE, deadline), 1, MAX_PER_PAGE) }
    }
}

impl<P: BorrowMut<ClusterList> + Send + 'static> Paginator<P> {
    fn new(fetch: Fetch<P>, first: u32, per_page: u32) -> Self {
        Self {
            fetch,
            first,
            per_page,
            prefetch: false,
            trusts_total: false,
            next: Some(first),
            in_flight: None,
            scan: Scan { number: 1, ..Scan::default() },
            seen: HashMap::new(),
            hasher: RandomState::new(),
        }
    }

    /// The next page with new items; `None` after the last, and after an error.
    pub(super) async fn next(&mut self) -> Option<Fetched<P>> {
        while let Some(number) = self.next {
            let fetching = self.in_flight.take().unwrap_or_else(|| self.start_fetch(number));
            let (mut page, time) = match fetching.await {
                Ok(fetched) => fetched,
                Err(error) => {
                    self.next = None;
                    return Some(Err(error));
                }
            };
            self.handle_page(number, &mut page, time);
            if let (true, Some(next)) = (self.prefetch, self.next) {
                self.in_flight = Some(self.start_fetch(next));
            }
            if !page.borrow_mut().cluster_list.is_empty() {
                return Some(Ok((page, time)));
            }
        }
        None
    }

    /// Keeps the new items of a page, and decides which page is next.
    fn handle_page(&mut self, number: u32, page: &mut P, time: Option<ServiceTime>) {
        let before = i64::from(self.first - 1) * i64::from(self.per_page);
        let page = page.borrow_mut();
        let total = page.total.saturating_sub(before);
        let (began, _) = *self.scan.began.get_or_insert((time.map(|time| time.date), total));
        let size = page.cluster_list.len();
        let seen_before = self.scan.seen;
        self.scan.is_snapshot |= number == 1 && i64::try_from(size).is_ok_and(|size| size >= total);
        page.cluster_list.retain(|item| {
            let last_seen = self.seen.insert(self.hasher.hash_one(&item.cluster_name), self.scan.number);
            if last_seen == Some(self.scan.number) {
                return false;
            }
            let created_since = began.zip(item.create_at.to_system_time()).map(|(began, created)| created > began);
            self.scan.seen += 1;
            self.scan.preexisting += i64::from(created_since != Some(true));
            self.scan.certain += i64::from(created_since == Some(false));
            self.scan.found_new |= last_seen.is_none();
            last_seen.is_none()
        });
        let is_short = size < self.per_page as usize && self.scan.seen >= total;
        let last = is_short || self.trusts_total && self.is_complete();
        self.next = match self.scan.seen == seen_before || last {
            false => number.checked_add(1),
            true => self.next_scan(),
        };
    }

    /// Whether no item can have been missed: one page was the whole list, or all items were seen that existed when the scan began.
    /// Only then is an item absent that was not seen. A negative total tells nothing.
    pub(super) fn is_complete(&self) -> bool {
        let Scan { began, certain, is_snapshot, .. } = self.scan;
        began.is_some_and(|(_, total)| total >= 0 && (is_snapshot || certain >= total))
    }

    fn next_scan(&mut self) -> Option<u32> {
        let Scan { number, began, preexisting, found_new, .. } = self.scan;
        let complete = began.is_none_or(|(_, total)| preexisting >= total);
        if complete || !found_new || number == MAX_SCANS {
            return None;
        }
        self.scan = Scan { number: number + 1, ..Scan::default() };
        Some(self.first)
    }

    fn start_fetch(&mut self, number: u32) -> BoxFuture<'static, Fetched<P>> {
        let fetching = (self.fetch)(number);
        if !self.prefetch {
            return fetching;
        }
        let fetching = task(fetching);
        Box::pin(async move { fetching.await? })
    }
}

#[cfg(test)]
mod tests;
