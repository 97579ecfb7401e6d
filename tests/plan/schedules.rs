//! Schedules of plans and applications in random worlds: lost responses, refusals, a full account, a second applier, cancellation.
//!
//! Time is virtual, so that a schedule takes as long as its requests. `SCHEDULES=10000` runs more of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use eloq_sdk::simulator::{Fault, Operation, SeededCluster, SimulatedCluster, Simulator};
use eloq_sdk::{ApplyOutcome, ClusterSpec, DesiredState, EloqApi, Plan, PlannedAction, RetryPolicy};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestCaseResult, TestRunner};
use tokio::runtime::Builder;
use tokio::time::timeout;

const TOKEN: &str = "of-the-second-applier";
const PROJECTS: [(i64, &str); 2] = [(147, "project1"), (2, "other")];
const REGIONS: [&str; 2] = ["us-west-1", "us-east-1"];
/// Only clusters whose names begin so may be pruned.
const PREFIX: &str = "n";

/// The project, an index of `PROJECTS`, and the number in the name.
type Place = (usize, usize);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    Available,
    Provisioning,
    Failed,
    /// Somebody deleted it just before.
    Deleting,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Status(u16),
    Throttled,
    DropBefore,
    DropAfter,
    Applied(u16),
    Late,
}

#[derive(Clone, Copy, Debug)]
struct Disruption {
    operation: Operation,
    kind: Kind,
    after: u32,
    times: u32,
}

impl Disruption {
    fn fault(self) -> Fault {
        let fault = Fault::on(self.operation).after(self.after).times(self.times);
        match self.kind {
            Kind::Status(status) => fault.status(status),
            Kind::Throttled => fault.status(429).header("Retry-After", "1"),
            Kind::DropBefore => fault.drop_before(),
            Kind::DropAfter => fault.drop_after(),
            Kind::Applied(status) => fault.applied().status(status),
            Kind::Late => fault.latency(Duration::from_secs(50)),
        }
    }
}

/// A plan and its application.
#[derive(Clone, Debug)]
struct Round {
    disruptions: Vec<Disruption>,
    second_applier: bool,
    /// The application is dropped after this time.
    cancelled: Option<Duration>,
    /// Somebody deletes one of the first clusters between plan and application, and creates it again.
    replaced: Option<Index>,
    concurrency: usize,
    connectable: bool,
}

#[derive(Clone, Debug)]
struct World {
    existing: BTreeMap<Place, (Start, usize)>,
    desired: BTreeMap<Place, usize>,
    others: BTreeSet<Place>,
    prune: bool,
    /// How many more clusters than needed the account may have; `None` for any number.
    room: Option<usize>,
    provisioning: Duration,
    deleting: Duration,
    rounds: Vec<Round>,
}

fn worlds() -> impl Strategy<Value = World> {
    let place = || (0..2usize, 0..6usize);
    let start = prop_oneof![
        6 => Just(Start::Available), 2 => Just(Start::Provisioning), 1 => Just(Start::Failed), 2 => Just(Start::Deleting)
    ];
    let existing = btree_map(place(), (start, 0..2usize), 0..6);
    let desired = btree_map(place(), prop_oneof![4 => Just(0usize), 1 => Just(1)], 0..6);
    let operation = select(vec![
        Operation::CreateCluster,
        Operation::CreateCluster,
        Operation::DeleteCluster,
        Operation::DeleteCluster,
        Operation::DescribeCluster,
        Operation::ListClusters,
        Operation::ListSkus,
        Operation::OrgInfo,
    ]);
    let kind = prop_oneof![
        select(vec![400, 403, 404, 500, 503]).prop_map(Kind::Status),
        Just(Kind::Throttled),
        Just(Kind::DropBefore),
        Just(Kind::DropAfter),
        select(vec![500, 502]).prop_map(Kind::Applied),
        Just(Kind::Late),
    ];
    let disruption = (operation, kind, 0..4u32, 1..4u32).prop_map(|(operation, kind, after, times)| Disruption {
        operation,
        kind,
        after,
        times,
    });
    let cancelled = proptest::option::weighted(0.3, (0..20_000u64).prop_map(Duration::from_millis));
    let replaced = proptest::option::weighted(0.3, any::<Index>());
    let round = (vec(disruption, 0..4), proptest::bool::weighted(0.3), cancelled, replaced, 1..4usize, any::<bool>());
    let round = round.prop_map(|(disruptions, second_applier, cancelled, replaced, concurrency, connectable)| Round {
        disruptions,
        second_applier,
        cancelled,
        replaced,
        concurrency,
        connectable,
    });
    let durations = || select(vec![Duration::ZERO, Duration::from_secs(4), Duration::from_secs(60)]);
    let rounds = vec(round, 0..3);
    let sets = (existing, desired, btree_set(place(), 0..3));
    (sets, any::<bool>(), proptest::option::of(0..3usize), durations(), durations(), rounds).prop_map(
        |((existing, desired, others), prune, room, provisioning, deleting, rounds)| World {
            existing,
            desired,
            others,
            prune,
            room,
            provisioning,
            deleting,
            rounds,
        },
    )
}

impl World {
    /// Whether clusters of the project that are not desired go: projects that no desired cluster names are not a plan's business.
    fn prunes(&self, project: usize) -> bool {
        let is_concerned = self.desired.keys().any(|place| place.0 == project);
        self.prune && (is_concerned || (self.desired.is_empty() && project == 0))
    }

    /// Whether a cluster is to go.
    fn is_pruned(&self, project_id: i64, cluster: &str) -> bool {
        let project = PROJECTS.iter().position(|(id, _)| *id == project_id).unwrap();
        let is_desired = self.desired.keys().any(|&place| place.0 == project && name(place) == cluster);
        self.prunes(project) && cluster.starts_with(PREFIX) && !is_desired
    }
}

fn name((_, number): Place) -> String {
    format!("{PREFIX}{number}")
}

/// The clusters of the account, by project and name.
fn clusters(simulator: &Simulator) -> BTreeMap<(i64, String), SimulatedCluster> {
    simulator.clusters().into_iter().map(|cluster| ((cluster.project_id, cluster.name.clone()), cluster)).collect()
}

type Instances = BTreeSet<(i64, String, SystemTime)>;

/// The clusters that are not being deleted.
fn instances(simulator: &Simulator) -> Instances {
    let existing = simulator.clusters().into_iter().filter(|cluster| cluster.status != "unavailable");
    existing.map(|cluster| (cluster.project_id, cluster.name, seconds(cluster.created))).collect()
}

/// The service tells times in whole seconds.
fn seconds(time: SystemTime) -> SystemTime {
    let fraction = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
    time - Duration::from_nanos(fraction.into())
}

struct Running<'a> {
    world: &'a World,
    simulator: Simulator,
    desired: DesiredState,
    client: EloqApi,
    second: EloqApi,
}

impl<'a> Running<'a> {
    async fn start(world: &'a World) -> Self {
        let age = Duration::from_secs(3600);
        let mut builder = Simulator::builder().project(PROJECTS[1].0, PROJECTS[1].1).token(TOKEN);
        builder = builder.provisioning(world.provisioning).deleting(world.deleting);
        let seeded = world.existing.iter().filter(|(_, (start, _))| *start != Start::Provisioning);
        for (&(project, number), &(start, region)) in seeded {
            let status = if start == Start::Failed { "error" } else { "available" };
            let cluster =
                SeededCluster::new(name((project, number))).project(PROJECTS[project].0).region(REGIONS[region]);
            builder = builder.cluster(cluster.status(status).age(age));
        }
        for &(project, number) in &world.others {
            builder = builder.cluster(SeededCluster::new(format!("x{number}")).project(PROJECTS[project].0).age(age));
        }
        // Room for all clusters that exist or are to, but those that are pruned.
        let stays = |(place, (start, _)): &(&Place, &(Start, usize))| {
            world.desired.contains_key(*place) || !world.prunes(place.0) || *start == Start::Failed
        };
        let kept = world.existing.iter().filter(stays).count() + world.others.len();
        let created = world.desired.keys().filter(|place| !world.existing.contains_key(place)).count();
        let needed = (kept + created).max(world.existing.len() + world.others.len());
        builder = builder.cluster_limit(world.room.map(|room| needed + room));
        let simulator = builder.start().await.unwrap();

        let quick = RetryPolicy::default().backoff(Duration::from_millis(1)).max_backoff(Duration::from_millis(5));
        let client = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url()).retry(quick);
        let client = client.timeout(Duration::from_secs(5)).deadline(Duration::from_secs(30));
        let second = EloqApi::builder().token(TOKEN).base_url(simulator.base_url()).project_id(147);
        let (client, second) = (client.build().unwrap(), second.build().unwrap());
        for (&(project, number), (start, region)) in &world.existing {
            let (owner, name) = (second.with_project(PROJECTS[project].0), name((project, number)));
            let prepared = match start {
                Start::Deleting => owner.cluster_delete(name).await,
                Start::Provisioning => owner.cluster_create(name, REGIONS[*region], 101).await,
                _ => continue,
            };
            prepared.into_result().unwrap();
        }
        let mut desired = DesiredState::default();
        for (&(project, number), &region) in &world.desired {
            let spec = ClusterSpec::new(name((project, number)), REGIONS[region], 101);
            desired = if number % 2 == 0 {
                desired.cluster_in(PROJECTS[project].0, spec)
            } else {
                desired.cluster_in(PROJECTS[project].1, spec)
            };
        }
        Self { world, simulator, desired, client, second }
    }

    async fn plan(&self, client: &EloqApi) -> eloq_sdk::Result<Plan> {
        client.plan(self.desired.clone()).prune(self.world.prune).prune_prefix(PREFIX).await
    }

    /// A cluster of the name is deleted and created again a while later.
    async fn replace(&self, place: Place) -> Instances {
        let client = self.second.with_project(PROJECTS[place.0].0);
        let before = instances(&self.simulator);
        let exists = clusters(&self.simulator).contains_key(&(PROJECTS[place.0].0, name(place)));
        if exists && client.cluster_delete(name(place)).wait().await.is_ok() {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let _ = client.cluster_create(name(place), REGIONS[0], 101).await;
        }
        before.difference(&instances(&self.simulator)).cloned().collect()
    }

    async fn round(&self, round: &Round) -> TestCaseResult {
        let disrupt = || round.disruptions.iter().for_each(|disruption| self.simulator.inject(disruption.fault()));
        disrupt();
        let plan = self.plan(&self.client).await;
        self.simulator.clear_faults();
        let Ok(plan) = plan else { return Ok(()) };
        let replaced = match round.replaced {
            Some(index) if !self.world.existing.is_empty() => {
                let places: Vec<&Place> = self.world.existing.keys().collect();
                self.replace(**index.get(&places)).await
            }
            _ => Instances::new(),
        };
        let before = instances(&self.simulator);
        self.simulator.clear_requests();
        disrupt();
        let applying = plan.apply().concurrency(round.concurrency).wait_until_connectable(round.connectable);
        let applying = timeout(round.cancelled.unwrap_or(Duration::from_secs(7200)), applying.send());
        let second = async {
            let plan = if round.second_applier { self.plan(&self.second).await.ok() } else { None };
            if let Some(plan) = &plan {
                let _ = plan.apply().await;
            }
            plan
        };
        let (applied, second) = tokio::join!(applying, second);
        self.simulator.clear_faults();
        let after = instances(&self.simulator);
        let text = format!("{plan:?}\n{applied:?}\nbefore {before:?}\nafter {after:?}");

        let shown: Instances = [Some(&plan), second.as_ref()].into_iter().flatten().flat_map(deleted_by).collect();
        for gone in before.difference(&after) {
            prop_assert!(shown.contains(gone) && !replaced.contains(gone), "{:?} was deleted: {}", gone, text);
        }
        let wanted: BTreeSet<_> = self
            .world
            .desired
            .keys()
            .map(|&(project, number)| (PROJECTS[project].0, name((project, number))))
            .collect();
        for (project, name, created) in after.difference(&before) {
            prop_assert!(wanted.contains(&(*project, name.clone())), "{name} was created at {created:?}: {}", text);
        }
        let throttled =
            round.disruptions.iter().any(|each| each.kind == Kind::Throttled || each.kind == Kind::Status(503));
        if !round.second_applier && !throttled && self.world.room.is_none() {
            let posts = self.simulator.requests().into_iter().filter(|request| request.method() == "POST");
            let creates = posts.filter(|request| request.operation() == Some(Operation::CreateCluster));
            let mut once = BTreeSet::new();
            for create in creates {
                let body = String::from_utf8_lossy(create.body()).into_owned();
                prop_assert!(once.insert((create.path().to_owned(), body)), "created twice: {}", text);
            }
        }
        let Ok(Ok(results)) = applied else { return Ok(()) };
        prop_assert_eq!(results.len(), plan.clusters.len());
        let exists = clusters(&self.simulator);
        for (result, planned) in results.iter().zip(&plan.clusters) {
            prop_assert_eq!(&result.cluster_name, &planned.cluster_name);
            let found = exists.get(&(result.project_id, result.cluster_name.clone()));
            match &result.outcome {
                ApplyOutcome::Created | ApplyOutcome::Adopted | ApplyOutcome::Unchanged => {
                    prop_assert!(found.is_some_and(|found| found.status != "unavailable"), "{}: {}", result, text);
                }
                ApplyOutcome::Deleted => {
                    let created = planned.created_at.as_ref().unwrap().to_system_time().unwrap();
                    prop_assert!(found.is_none_or(|found| seconds(found.created) != created), "{}: {}", result, text);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Without faults, the state is the desired one after a few applications.
    async fn converge(&self) -> TestCaseResult {
        let before = instances(&self.simulator);
        let mut lines = Vec::new();
        for _ in 0..3 {
            let plan = self.plan(&self.client).await.unwrap();
            if !plan.has_changes() {
                break;
            }
            let results = plan.apply().wait_until_connectable(true).await.unwrap();
            lines.extend(results.iter().map(ToString::to_string));
        }
        let (exists, after) = (clusters(&self.simulator), instances(&self.simulator));
        let text = format!("{lines:#?}\nbefore {before:?}\nafter {after:?}");
        for &place in self.world.desired.keys() {
            let found = exists.get(&(PROJECTS[place.0].0, name(place)));
            prop_assert!(found.is_some_and(|found| found.status != "unavailable"), "{:?} is missing: {}", place, text);
        }
        let stuck = |status: &str| status == "error";
        for ((project, name), cluster) in &exists {
            let is_left = self.world.is_pruned(*project, name) && !stuck(&cluster.status);
            prop_assert!(!is_left, "{} is left: {}", name, text);
        }
        for (project, name, _) in before.difference(&after) {
            prop_assert!(self.world.is_pruned(*project, name), "{} was deleted: {}", name, text);
        }
        let left = self.plan(&self.client).await.unwrap();
        let only_stuck = left.clusters.iter().all(|cluster| match cluster.action {
            PlannedAction::Create => false,
            PlannedAction::Delete => cluster.status.as_ref().is_some_and(|status| stuck(status.as_str())),
            _ => true,
        });
        prop_assert!(only_stuck, "not as desired:\n{}{}", left, text);
        Ok(())
    }
}

/// What a plan shows as clusters to delete.
fn deleted_by(plan: &Plan) -> Instances {
    let deleted = plan.clusters.iter().filter(|cluster| cluster.action == PlannedAction::Delete);
    deleted
        .map(|cluster| {
            let created = cluster.created_at.as_ref().unwrap().to_system_time().unwrap();
            (cluster.project_id, cluster.cluster_name.clone(), created)
        })
        .collect()
}

async fn check_world(world: &World) -> TestCaseResult {
    let running = Running::start(world).await;
    for round in &world.rounds {
        running.round(round).await?;
    }
    running.converge().await
}

#[test]
fn after_any_failures_the_state_is_the_desired_one_and_nothing_else_changed() {
    let cases = std::env::var("SCHEDULES").ok().map_or(150, |count| count.parse().unwrap());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let checked = TestRunner::new(config).run(&worlds(), |world| {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(check_world(&world))
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
}
