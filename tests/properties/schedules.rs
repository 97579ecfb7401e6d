//! Schedules of writes in random worlds: clocks that differ, several pages and projects, lost responses, another client.
//!
//! Time is virtual, so that a schedule takes as long as its requests. `SCHEDULES=100000` runs more of them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use eloq_sdk::simulator::{DateHeader, Fault, Operation, SeededCluster, SimulatedCluster, Simulator};
use eloq_sdk::{ClusterSpec, EloqApi, EnsureOutcome, Error, RetryPolicy};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;
use tokio::runtime::Builder;

use crate::for_all;

const ATTEMPT: Duration = Duration::from_secs(5);
const DEADLINE: Duration = Duration::from_secs(30);
/// The project that the client works in.
const PINNED: i64 = 147;
const OTHER: i64 = 2;

/// What happens to a request or its response.
#[derive(Clone, Copy, Debug)]
enum Disruption {
    None,
    DropBefore,
    DropAfter,
    Status(u16),
    AppliedStatus(u16),
    Truncated(usize),
    WrongSchema,
    AppliedWrongSchema,
    Late,
}

impl Disruption {
    fn any() -> impl Strategy<Value = Self> {
        let statuses = || select(vec![500, 502, 503, 504]);
        prop_oneof![
            Just(Self::None),
            Just(Self::DropBefore),
            Just(Self::DropAfter),
            statuses().prop_map(Self::Status),
            statuses().prop_map(Self::AppliedStatus),
            (0..20usize).prop_map(Self::Truncated),
            Just(Self::WrongSchema),
            Just(Self::AppliedWrongSchema),
            Just(Self::Late),
        ]
    }

    fn fault(self, operation: Operation) -> Option<Fault> {
        let fault = Fault::on(operation);
        Some(match self {
            Self::None => return None,
            Self::DropBefore => fault.drop_before(),
            Self::DropAfter => fault.drop_after(),
            Self::Status(status) => fault.status(status),
            Self::AppliedStatus(status) => fault.applied().status(status),
            Self::Truncated(bytes) => fault.truncate(bytes),
            Self::WrongSchema => fault.wrong_schema(),
            Self::AppliedWrongSchema => fault.applied().wrong_schema(),
            Self::Late => fault.latency(ATTEMPT * 10),
        })
    }
}

/// What happens to the lists that tell an outcome.
#[derive(Clone, Copy, Debug)]
enum ListDisruption {
    None,
    Drop,
    Status(u16),
    /// The cluster is missing, although `total` counts it.
    Hidden {
        always: bool,
    },
}

impl ListDisruption {
    fn fault(self, name: &str) -> Option<Fault> {
        let fault = Fault::on(Operation::ListClusters);
        Some(match self {
            Self::None => return None,
            Self::Drop => fault.drop_before(),
            Self::Status(status) => fault.status(status),
            Self::Hidden { always: false } => fault.hide_cluster(name),
            Self::Hidden { always: true } => fault.hide_cluster(name).always(),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Write {
    Create,
    Ensure,
    Delete,
}

/// What the account looks like during a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Projects {
    Same,
    Reversed,
    Added,
    /// The client's project is gone.
    Gone,
}

#[derive(Clone, Debug)]
struct Step {
    name: usize,
    write: Write,
    disruption: Disruption,
    list: ListDisruption,
    projects: Projects,
    /// Another client does this with the same name, so long after the step began.
    other: Option<(Write, Duration)>,
    pause: Duration,
}

#[derive(Clone, Debug)]
struct World {
    /// How far the service's clock is from this machine's.
    clock_seconds: i64,
    clock_millis: u64,
    date: DateHeader,
    /// Seeded clusters of other names.
    clusters: usize,
    deleting: Duration,
    steps: Vec<Step>,
}

fn worlds() -> impl Strategy<Value = World> {
    let write = || select(vec![Write::Create, Write::Ensure, Write::Delete]);
    let list = prop_oneof![
        4 => Just(ListDisruption::None),
        1 => Just(ListDisruption::Drop),
        1 => select(vec![400, 500, 503]).prop_map(ListDisruption::Status),
        2 => any::<bool>().prop_map(|always| ListDisruption::Hidden { always }),
    ];
    let projects = select(vec![Projects::Same, Projects::Same, Projects::Reversed, Projects::Added, Projects::Gone]);
    let other = proptest::option::weighted(0.3, (write(), (0..8000u64).prop_map(Duration::from_millis)));
    let pause = (0..2500u64).prop_map(Duration::from_millis);
    let step = (0..3usize, write(), Disruption::any(), list, projects, other, pause);
    let step = step.prop_map(|(name, write, disruption, list, projects, other, pause)| Step {
        name,
        write,
        disruption,
        list,
        projects,
        other,
        pause,
    });
    let date = prop_oneof![
        3 => Just(DateHeader::Clock),
        1 => Just(DateHeader::Absent),
        1 => (0..4000u64).prop_map(|by| DateHeader::Fast(Duration::from_millis(by))),
        1 => (0..4000u64).prop_map(|by| DateHeader::Slow(Duration::from_millis(by))),
    ];
    let clock = select(vec![0, -90_000, 7, -7, 315_360_000]);
    let deleting = select(vec![Duration::ZERO, Duration::from_secs(4), Duration::from_secs(3600)]);
    (clock, 0..1000u64, date, select(vec![0, 48, 49, 50, 60]), deleting, vec(step, 1..4)).prop_map(
        |(clock_seconds, clock_millis, date, clusters, deleting, steps)| World {
            clock_seconds,
            clock_millis,
            date,
            clusters,
            deleting,
            steps,
        },
    )
}

const NAMES: [&str; 3] = ["old", "a", "b"];

async fn start(world: &World) -> Simulator {
    let now = SystemTime::now() + Duration::from_millis(world.clock_millis);
    let by = Duration::from_secs(world.clock_seconds.unsigned_abs());
    let clock = if world.clock_seconds < 0 { now - by } else { now + by };
    let age = Duration::from_secs(3600);
    let mut builder = Simulator::builder()
        .token(&OTHER_KEY["Bearer ".len()..])
        .project(OTHER, "other")
        .clock(clock)
        .cluster_limit(None);
    builder = builder.provisioning(Duration::ZERO).deleting(world.deleting);
    for n in 0..world.clusters {
        builder = builder.cluster(SeededCluster::new(format!("seeded-{n}")).age(age));
    }
    // The same names exist in the other project.
    for name in NAMES {
        builder = builder.cluster(SeededCluster::new(name).project(OTHER).age(age));
    }
    let simulator = builder.cluster(SeededCluster::new(NAMES[0]).age(age)).start().await.unwrap();
    simulator.set_date_header(world.date);
    simulator
}

/// What a step reported, without the text.
#[derive(Clone, Debug, PartialEq)]
enum Reported {
    Created,
    Adopted,
    Deleted,
    /// Nothing was done.
    Failed,
    Unknown,
}

async fn run(client: &EloqApi, write: Write, name: &str) -> (Reported, String) {
    let (success, outcome) = match write {
        Write::Create => {
            let result = client.cluster_create(name, "us-west-1", 101).await;
            (Reported::Created, result.into_result())
        }
        Write::Delete => (Reported::Deleted, client.cluster_delete(name).await.into_result()),
        Write::Ensure => match client.ensure_cluster(ClusterSpec::new(name, "us-west-1", 101)).await {
            Ok(EnsureOutcome::Created) => (Reported::Created, Ok("created".to_owned())),
            Ok(EnsureOutcome::Adopted) => (Reported::Adopted, Ok("adopted".to_owned())),
            Ok(other) => (Reported::Failed, Ok(format!("{other:?}"))),
            Err(error) => (Reported::Failed, Err(error)),
        },
    };
    match outcome {
        Ok(text) => (success, text),
        Err(error @ Error::OutcomeUnknown { .. }) => (Reported::Unknown, error.to_string()),
        Err(error) => (Reported::Failed, error.to_string()),
    }
}

fn is_there(cluster: &SimulatedCluster, name: &str) -> bool {
    (cluster.project_id, cluster.name.as_str()) == (PINNED, name) && cluster.status != "unavailable"
}

async fn check_step(
    date: DateHeader,
    simulator: &Simulator,
    client: &EloqApi,
    observer: &EloqApi,
    step: &Step,
) -> TestCaseResult {
    let name = NAMES[step.name];
    tokio::time::sleep(step.pause).await;
    let before = simulator.clusters();
    let began = simulator.now();
    simulator.clear_requests();
    match step.projects {
        Projects::Same => simulator.set_projects([(PINNED, "p"), (OTHER, "other")]),
        Projects::Reversed => simulator.set_projects([(OTHER, "other"), (PINNED, "p")]),
        Projects::Added => simulator.set_projects([(1, "first"), (OTHER, "other"), (PINNED, "p")]),
        Projects::Gone => simulator.set_projects([(OTHER, "other")]),
    }
    let operation = if step.write == Write::Delete { Operation::DeleteCluster } else { Operation::CreateCluster };
    let faults = [step.disruption.fault(operation), step.list.fault(name)];
    faults.into_iter().flatten().for_each(|fault| simulator.inject(fault));
    let other = async {
        if let Some((write, after)) = step.other {
            tokio::time::sleep(after).await;
            let _ = match write {
                Write::Delete => observer.cluster_delete(name).await,
                _ => observer.cluster_create(name, "us-west-1", 101).await,
            };
        }
    };
    let other_began = tokio::time::Instant::now();
    let ((reported, text), ()) = tokio::join!(run(client, step.write, name), other);
    let took = other_began.elapsed();
    simulator.clear_faults();
    // The other client's requests carry another key.
    let ours = simulator.requests().into_iter().filter(|request| request.header("authorization") != Some(OTHER_KEY));
    let writes: Vec<_> = ours.filter(|request| matches!(request.method(), "POST" | "DELETE")).collect();
    let after = simulator.clusters();
    let text = format!("{step:?}: {reported:?}, {text}\nbefore {before:?}\nafter {after:?}");

    let pinned = format!("/projects/{PINNED}/");
    prop_assert!(writes.iter().all(|write| write.path().contains(&pinned)), "another project: {}", text);
    let creates = writes.iter().filter(|write| write.method() == "POST").count();
    prop_assert!(creates <= 1, "{} creates: {}", creates, text);
    let elsewhere = |clusters: &[SimulatedCluster]| -> Vec<SimulatedCluster> {
        clusters.iter().filter(|cluster| !(cluster.project_id == PINNED && cluster.name == name)).cloned().collect()
    };
    // Clusters that were being deleted can be gone meanwhile.
    let lasting = |clusters| -> Vec<_> {
        elsewhere(clusters).into_iter().filter(|cluster| cluster.status != "unavailable").collect()
    };
    prop_assert_eq!(lasting(&before), lasting(&after), "another cluster changed: {}", text);
    prop_assert!(took <= Duration::from_secs(70), "{:?}: {}", took, text);

    let existed = before.iter().find(|cluster| is_there(cluster, name));
    let exists = after.iter().find(|cluster| is_there(cluster, name));
    // With two clocks of the service that differ, the age of a cluster looks another than it is, which no client can tell.
    let misdated = matches!(date, DateHeader::Fast(_) | DateHeader::Slow(_));
    let others_delete = matches!(step.other, Some((Write::Delete, _)));
    match reported {
        Reported::Created => {
            // The service tells times in whole seconds.
            let second = began - Duration::from_nanos(began.duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into());
            let is_new = exists.is_some_and(|cluster| cluster.created >= second);
            prop_assert!(is_new || others_delete || misdated, "not created: {}", text);
        }
        Reported::Adopted => prop_assert!(exists.is_some() || existed.is_some() || others_delete, "{}", text),
        Reported::Deleted => {
            let survived = existed.zip(exists).is_some_and(|(old, new)| old.created == new.created);
            prop_assert!(!survived || misdated, "not deleted: {}", text);
        }
        Reported::Failed if step.other.is_none() && !misdated => {
            prop_assert_eq!(existed.map(|cluster| cluster.created), exists.map(|cluster| cluster.created), "{}", text);
        }
        Reported::Failed | Reported::Unknown => {}
    }
    if step.projects == Projects::Gone {
        prop_assert!(matches!(reported, Reported::Failed | Reported::Unknown), "{}", text);
    }
    Ok(())
}

const OTHER_KEY: &str = "Bearer of-the-other-client";

async fn check_world(world: &World) -> TestCaseResult {
    let simulator = start(world).await;
    let quick = RetryPolicy::default().backoff(Duration::from_millis(1)).max_backoff(Duration::from_millis(5));
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url()).project_id(PINNED);
    let client = builder.timeout(ATTEMPT).deadline(DEADLINE).retry(quick).build().unwrap();
    let builder = EloqApi::builder().token(&OTHER_KEY["Bearer ".len()..]).base_url(simulator.base_url());
    let observer = builder.project_id(PINNED).retry(RetryPolicy::none()).build().unwrap();
    client.scope().await.unwrap();
    observer.scope().await.unwrap();
    for step in &world.steps {
        check_step(world.date, &simulator, &client, &observer, step).await?;
    }
    Ok(())
}

#[test]
fn what_is_reported_of_a_write_is_so_in_the_project_of_the_client() {
    let schedules = std::env::var("SCHEDULES").ok().map_or(500, |count| count.parse().unwrap());
    for_all(schedules, worlds(), |world| {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(check_world(&world))
    });
}
