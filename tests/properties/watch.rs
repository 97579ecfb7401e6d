//! Histories of lists under a watch: random changes, faults, ends and resumptions. Time is virtual. `HISTORIES=10000` runs more of them.

use std::collections::BTreeMap;
use std::time::Duration;

use eloq_sdk::schema::ClusterListItem;
use eloq_sdk::simulator::{Fault, Operation, SeededCluster, Simulator};
use eloq_sdk::{ClusterChange, ClusterSnapshot, ClusterWatch, EloqApi, RetryPolicy};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::for_all;

const HOUR: Duration = Duration::from_secs(3600);
const INTERVAL: Duration = Duration::from_secs(10);
/// Longer than the longest delay between two lists.
const QUIET: Duration = Duration::from_secs(13);
const PROJECTS: [i64; 2] = [147, 2];
const NAMES: [&str; 3] = ["a", "b", "z"];

#[derive(Clone, Copy, Debug)]
enum Change {
    Create,
    Delete,
    Recreate,
    Status(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum Disruption {
    None,
    Status(u16),
    Throttled,
    Dropped,
    Truncated,
    /// The list lacks the cluster, although `total` counts it.
    Hidden,
}

#[derive(Clone, Debug)]
struct Step {
    changes: Vec<(Change, usize, usize)>,
    disruption: Disruption,
    /// After how many lists it happens, and how often.
    when: (u32, u32),
    /// Of how many changes the program learns before it stops and resumes.
    stops_after: Option<usize>,
}

#[derive(Clone, Debug)]
struct History {
    clusters: usize,
    all_projects: bool,
    steps: Vec<Step>,
}

fn histories() -> impl Strategy<Value = History> {
    let change = prop_oneof![
        3 => Just(Change::Create),
        2 => Just(Change::Delete),
        1 => Just(Change::Recreate),
        2 => select(vec!["idle", "available", "error", "updating"]).prop_map(Change::Status),
    ];
    let disruption = prop_oneof![
        2 => Just(Disruption::None),
        2 => select(vec![401, 403, 500, 503]).prop_map(Disruption::Status),
        1 => Just(Disruption::Throttled),
        1 => Just(Disruption::Dropped),
        1 => Just(Disruption::Truncated),
        3 => Just(Disruption::Hidden),
    ];
    let step = (
        vec((change, 0..NAMES.len(), 0..PROJECTS.len()), 0..4),
        disruption,
        (0..2u32, 1..5u32),
        proptest::option::weighted(0.3, 0..3usize),
    );
    let step =
        step.prop_map(|(changes, disruption, when, stops_after)| Step { changes, disruption, when, stops_after });
    (select(vec![0, 0, 0, 0, 0, 0, 1, 2, 49, 51]), any::<bool>(), vec(step, 1..5))
        .prop_map(|(clusters, all_projects, steps)| History { clusters, all_projects, steps })
}

struct World {
    simulator: Simulator,
    observer: EloqApi,
    all_projects: bool,
    watch: ClusterWatch,
    /// The changes, applied one after the other.
    replayed: BTreeMap<(i64, String), ClusterListItem>,
}

impl World {
    async fn start(history: &History) -> Self {
        let mut builder = Simulator::builder().project(PROJECTS[1], "other").cluster_limit(None).deleting(HOUR);
        for n in 0..history.clusters {
            builder = builder.cluster(SeededCluster::new(format!("seeded-{n}")).age(HOUR));
        }
        let simulator = builder.provisioning(HOUR).start().await.unwrap();
        let observer = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
        let observer = observer.project_id(PROJECTS[0]).retry(RetryPolicy::none()).build().unwrap();
        let watch = observer.watch_clusters();
        let mut world =
            Self { simulator, observer, all_projects: history.all_projects, watch, replayed: BTreeMap::new() };
        world.resume(ClusterSnapshot::default());
        world
    }

    fn resume(&mut self, known: ClusterSnapshot) {
        let watch = self.observer.watch_clusters().poll_interval(INTERVAL).resume_from(known);
        self.watch = if self.all_projects { watch.all_projects() } else { watch };
    }

    fn resume_from_stored(&mut self) {
        let stored = serde_json::to_string(self.watch.snapshot()).unwrap();
        self.resume(serde_json::from_str(&stored).unwrap());
    }

    async fn change(&self, change: Change, name: &str, project_id: i64) {
        let client = self.observer.with_project(project_id);
        if let Change::Delete | Change::Recreate = change {
            self.simulator.set_cluster_status(name, "available");
            let _ = client.cluster_delete(name).await;
            self.simulator.advance(HOUR);
        }
        if let Change::Create | Change::Recreate = change {
            let _ = client.cluster_create(name, "us-west-1", 101).await;
        }
        if let Change::Status(status) = change {
            self.simulator.set_cluster_status(name, status);
        }
    }

    /// Replays changes until nothing comes between two lists, or until there were so many.
    async fn replay(&mut self, mut limit: usize) -> TestCaseResult {
        while limit > 0 {
            let Ok(next) = timeout(QUIET, self.watch.next()).await else { return Ok(()) };
            match next {
                Some(Ok(each)) => {
                    let project_id = each.project.project_id;
                    if let Ok(change) = &each.result {
                        limit -= 1;
                        self.apply(project_id, change)?;
                    } else if self.all_projects && !each.result.is_err_and(|error| error.is_retryable()) {
                        // The project is not watched any longer.
                        self.resume_from_stored();
                    }
                }
                Some(Err(_)) | None => self.resume_from_stored(),
            }
        }
        Ok(())
    }

    fn apply(&mut self, project_id: i64, change: &ClusterChange) -> TestCaseResult {
        let key = (project_id, change.cluster().cluster_name.clone());
        let known = self.replayed.get(&key);
        match change {
            ClusterChange::Added(_) => prop_assert_eq!(known, None),
            ClusterChange::Changed { from, to } => {
                prop_assert_eq!(known, Some(&**from));
                prop_assert_ne!(from, to);
                prop_assert_eq!(&from.create_at, &to.create_at, "another cluster");
            }
            ClusterChange::Removed(old) => {
                prop_assert_eq!(known, Some(&**old));
                let exists = self.simulator.clusters().iter().any(|cluster| {
                    let listed = old.create_at.to_system_time().unwrap();
                    let age = cluster.created.duration_since(listed).unwrap_or(HOUR);
                    cluster.project_id == project_id && cluster.name == key.1 && age < Duration::from_secs(1)
                });
                prop_assert!(!exists, "it still exists: {:?}", old);
            }
            other => prop_assert!(false, "{:?}", other),
        }
        match change {
            ClusterChange::Removed(_) => self.replayed.remove(&key),
            other => self.replayed.insert(key, other.cluster().clone()),
        };
        Ok(())
    }

    async fn check_step(&mut self, step: &Step) -> TestCaseResult {
        for (change, name, project) in &step.changes {
            self.change(*change, NAMES[*name], PROJECTS[*project]).await;
        }
        let fault = Fault::on(Operation::ListClusters).after(step.when.0).times(step.when.1);
        self.simulator.inject(match step.disruption {
            Disruption::None => fault.times(0),
            Disruption::Status(status) => fault.status(status),
            Disruption::Throttled => fault.status(429).header("Retry-After", "12"),
            Disruption::Dropped => fault.drop_before(),
            Disruption::Truncated => fault.truncate(20),
            Disruption::Hidden => fault.hide_cluster(NAMES[0]),
        });
        if let Some(changes) = step.stops_after {
            self.replay(changes).await?;
            self.resume_from_stored();
        }
        self.replay(usize::MAX).await?;
        self.simulator.clear_faults();
        self.replay(usize::MAX).await?;

        let known = self.watch.snapshot().clusters();
        let known: BTreeMap<_, _> = known.map(|(id, each)| ((id, each.cluster_name.clone()), each.clone())).collect();
        prop_assert_eq!(&known, &self.replayed);
        let mut listed = BTreeMap::new();
        for project_id in &PROJECTS[..if self.all_projects { 2 } else { 1 }] {
            let mut clusters = self.observer.with_project(*project_id).clusters().stream();
            while let Some(cluster) = clusters.next().await.transpose().unwrap() {
                listed.insert((*project_id, cluster.cluster_name.clone()), cluster);
            }
        }
        prop_assert_eq!(&known, &listed);
        Ok(())
    }
}

#[test]
fn the_changes_of_a_watch_lead_to_the_last_list_and_remove_nothing_that_exists() {
    let cases = std::env::var("HISTORIES").ok().map_or(150, |count| count.parse().unwrap());
    for_all(cases, histories(), |history| {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut world = World::start(&history).await;
            for step in &history.steps {
                world.check_step(step).await?;
            }
            Ok(())
        })
    });
}
