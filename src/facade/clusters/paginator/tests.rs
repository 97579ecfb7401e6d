//! Lists that change during pagination, and the number of pages in memory.

use std::borrow::Borrow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;

/// The number of pages in memory, and its maximum.
#[derive(Default)]
struct Live {
    now: AtomicUsize,
    peak: AtomicUsize,
}

struct TestPage {
    list: ClusterList,
    live: Arc<Live>,
}

impl Drop for TestPage {
    fn drop(&mut self) {
        self.live.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Borrow<ClusterList> for TestPage {
    fn borrow(&self) -> &ClusterList {
        &self.list
    }
}

impl BorrowMut<ClusterList> for TestPage {
    fn borrow_mut(&mut self) -> &mut ClusterList {
        &mut self.list
    }
}

fn page(items: &[ClusterListItem], total: usize, live: &Arc<Live>) -> TestPage {
    let list = serde_json::json!({ "cluster_list": items, "total": total });
    TestPage { list: serde_json::from_value(list).unwrap(), live: live.clone() }
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn item(name: impl ToString, created: u64) -> ClusterListItem {
    let item = serde_json::json!({
        "cloud_provider": "AWS", "cluster_name": name.to_string(), "module_type": "EloqKV", "region": "r",
        "create_at": humantime::format_rfc3339_seconds(at(created)).to_string(), "status": "idle", "version": "v", "zone": "z",
    });
    serde_json::from_value(item).unwrap()
}

/// A service with its clock at 1000. `change` alters the list before the n-th response.
fn service(
    list: Vec<ClusterListItem>,
    per_page: u32,
    change: impl Fn(usize, &mut Vec<ClusterListItem>) + Send + Sync + 'static,
) -> (Paginator<TestPage>, Arc<Live>, Arc<Mutex<Vec<u32>>>) {
    let (live, requested) = (Arc::new(Live::default()), Arc::new(Mutex::new(Vec::new())));
    let (alive, log, list) = (live.clone(), requested.clone(), Mutex::new(list));
    let fetch: Fetch<TestPage> = Box::new(move |number| {
        let mut log = log.lock().unwrap();
        log.push(number);
        let mut list = list.lock().unwrap();
        change(log.len(), &mut list);
        let start = (number as usize - 1) * per_page as usize;
        let items: Vec<_> = list.iter().skip(start).take(per_page as usize).cloned().collect();
        let page = page(&items, list.len(), &alive);
        let live = alive.now.fetch_add(1, Ordering::SeqCst) + 1;
        alive.peak.fetch_max(live, Ordering::SeqCst);
        let now = tokio::time::Instant::now();
        let time = ServiceTime { date: at(1000), sent: now, received: now };
        Box::pin(std::future::ready(Ok((page, Some(time)))))
    });
    (Paginator::new(fetch, 1, per_page), live, requested)
}

/// The names of all items, in the order of the pages.
async fn read(pages: &mut Paginator<TestPage>) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        names.extend(page.unwrap().0.list.cluster_list.iter().map(|item| item.cluster_name.clone()));
    }
    names
}

fn numbers(range: std::ops::Range<u64>) -> Vec<ClusterListItem> {
    range.map(|number| item(number, 0)).collect()
}

#[tokio::test]
async fn ten_thousand_items_need_one_page_in_memory_and_two_with_prefetching() {
    for (prefetch, most) in [(false, 1), (true, 2)] {
        let (pages, live, requested) = service(numbers(0..10_000), 50, |_, _| {});
        let mut pages = Paginator { prefetch, ..pages };
        assert_eq!(read(&mut pages).await.len(), 10_000);
        assert_eq!(live.peak.load(Ordering::SeqCst), most);
        assert_eq!(live.now.load(Ordering::SeqCst), 0);
        assert_eq!(*requested.lock().unwrap(), (1..=201).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_short_page_that_completes_the_list_ends_it() {
    let (mut pages, _, requested) = service(numbers(0..7), 3, |_, _| {});
    assert_eq!(read(&mut pages).await.len(), 7);
    assert_eq!(*requested.lock().unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn no_item_is_missed_if_an_earlier_one_is_deleted() {
    let (mut pages, _, requested) = service(numbers(0..9), 3, |request, list| {
        if request == 2 {
            list.remove(0);
        }
    });
    let mut names = read(&mut pages).await;
    // The fourth item moved to the first page, which was already read; the second scan finds it.
    assert_eq!(names.pop().as_deref(), Some("3"));
    assert_eq!(names, ["0", "1", "2", "4", "5", "6", "7", "8"]);
    assert_eq!(*requested.lock().unwrap(), [1, 2, 3, 1, 2, 3]);
}

#[tokio::test]
async fn no_item_is_missed_if_another_replaces_a_deleted_one() {
    let (mut pages, _, _) = service(numbers(0..9), 3, |request, list| {
        if request == 2 {
            list.remove(0);
            list.push(item("new", 1001));
        }
    });
    let mut names = read(&mut pages).await;
    names.sort();
    assert_eq!(names, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "new"]);
}

#[tokio::test]
async fn no_item_comes_twice_if_the_list_grows_at_its_beginning() {
    let (mut pages, _, requested) = service(numbers(0..6), 3, |request, list| {
        if request == 2 {
            list.insert(0, item("new", 1001));
        }
    });
    let names = read(&mut pages).await;
    assert_eq!(names, ["0", "1", "2", "3", "4", "5"]);
    // The total is one more than the number of seen items, so that the paginator requests one more page.
    assert_eq!(*requested.lock().unwrap(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_service_that_always_returns_the_same_page_ends() {
    for total in [3, 1000] {
        let count = Arc::new(AtomicUsize::new(0));
        let (counted, live) = (count.clone(), Arc::new(Live::default()));
        let fetch: Fetch<TestPage> = Box::new(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            live.now.fetch_add(1, Ordering::SeqCst);
            let page = page(&numbers(0..3), total, &live);
            Box::pin(std::future::ready(Ok((page, None))))
        });
        assert_eq!(read(&mut Paginator::new(fetch, 1, 3)).await, ["0", "1", "2"]);
        assert!(count.load(Ordering::SeqCst) <= 4);
    }
}

#[tokio::test]
async fn a_list_that_always_changes_ends_after_the_last_scan() {
    let (mut pages, _, requested) = service(numbers(0..9), 3, |request, list| {
        list.remove(0);
        list.push(item(request + 100, 0));
    });
    let mut names = read(&mut pages).await;
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(requested.lock().unwrap().len() <= 4 * MAX_SCANS as usize);
}
