//! Schedules of changes whose answers get lost, and what is told of their outcomes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use eloq_sdk::schema::ClusterStatus;
use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{EloqApi, Error, RetryPolicy};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;

use crate::{Service, for_all};

/// What happens to the answer of a change.
#[derive(Clone, Copy, Debug)]
enum Trouble {
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

impl Trouble {
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

#[derive(Clone, Copy, Debug)]
enum Change {
    Create,
    Delete,
}

/// One change of a schedule, on one of three names.
#[derive(Clone, Copy, Debug)]
struct Step {
    name: usize,
    change: Change,
    trouble: Trouble,
    /// What happens to the first look at the outcome.
    blind: Trouble,
}

fn schedules() -> impl Strategy<Value = Vec<Step>> {
    let change = select(vec![Change::Create, Change::Delete]);
    let blind = prop_oneof![3 => Just(Trouble::None), 1 => Just(Trouble::DropBefore), 1 => Just(Trouble::Status(500))];
    let step = (0..3usize, change, Trouble::any(), blind);
    vec(step.prop_map(|(name, change, trouble, blind)| Step { name, change, trouble, blind }), 1..6)
}

const ATTEMPT: Duration = Duration::from_millis(250);
const DEADLINE: Duration = Duration::from_millis(600);
/// The service tells the time in whole seconds: what is older than this is certainly from before.
const OLD: Duration = Duration::from_millis(2100);
const OLD_CLUSTERS: usize = 60;

/// Runs random schedules, each on one cluster that was there before and on two names that were not.
fn check_schedules(cases: u32, settings: SimulatorBuilder) {
    let settings = settings.cluster_limit(None).record_limit(1000);
    let service = Service::start((0..OLD_CLUSTERS).fold(settings, |settings, n| settings.cluster(format!("old-{n}"))));
    std::thread::sleep(OLD);
    let observer = service.simulator.client();
    let serial = AtomicUsize::new(0);
    for_all(cases, schedules(), |schedule| {
        let n = serial.fetch_add(1, Ordering::Relaxed);
        let names = [format!("old-{}", n % OLD_CLUSTERS), format!("a-{n}"), format!("b-{n}")];
        let builder = EloqApi::builder().api_key(service.simulator.api_key()).base_url(service.simulator.base_url());
        let quick = RetryPolicy::default().backoff(Duration::from_millis(1)).max_backoff(Duration::from_millis(5));
        let client = builder.timeout(ATTEMPT).deadline(DEADLINE).retry(quick).build().unwrap();
        for step in schedule {
            service.get(check_step(&service, &client, &observer, &names, step))?;
        }
        Ok(())
    });
}

type Seen = BTreeMap<String, Option<ClusterStatus>>;

async fn look(observer: &EloqApi, names: &[String]) -> Seen {
    let mut seen = Seen::new();
    for name in names {
        let status = match observer.cluster(name).await {
            Ok(cluster) => Some(cluster.status),
            Err(error) if error.is_not_found() => None,
            Err(error) => panic!("{error}"),
        };
        seen.insert(name.clone(), status);
    }
    seen
}

async fn check_step(
    service: &Service,
    client: &EloqApi,
    observer: &EloqApi,
    names: &[String],
    step: Step,
) -> TestCaseResult {
    let name = &names[step.name];
    let operation = match step.change {
        Change::Create => Operation::CreateCluster,
        Change::Delete => Operation::DeleteCluster,
    };
    let before = look(observer, names).await;
    service.simulator.clear_requests();
    let faults = [step.trouble.fault(operation), step.blind.fault(Operation::ListClusters)];
    faults.into_iter().flatten().for_each(|fault| service.simulator.inject(fault));
    let result = match step.change {
        Change::Create => client.cluster_create(name, "us-west-1", 101).await,
        Change::Delete => client.cluster_delete(name).await,
    };
    service.simulator.clear_faults();
    let creates = service.count(Operation::CreateCluster);
    let after = look(observer, names).await;

    let told = format!("{step:?}: {result:?}, before {before:?}, after {after:?}");
    prop_assert!(creates <= 1, "{} creates: {}", creates, told);
    match (result.error(), step.change) {
        (None, Change::Create) => prop_assert!(before[name].is_none() && after[name].is_some(), "{}", told),
        (None, Change::Delete) => {
            prop_assert!(matches!(after[name], None | Some(ClusterStatus::Unavailable)), "{}", told);
        }
        (Some(Error::OutcomeUnknown { .. }), _) => {}
        (Some(_), _) => prop_assert_eq!(&before, &after, "{}", told),
    }
    for other in names.iter().filter(|other| *other != name) {
        prop_assert_eq!(&before[other], &after[other], "{}", told);
    }
    Ok(())
}

#[test]
fn the_outcome_of_a_change_is_told_truly_or_unknown() {
    check_schedules(30, Simulator::builder().provisioning(Duration::ZERO).deleting(Duration::ZERO));
}

#[test]
fn the_outcome_of_a_delete_that_takes_its_time_is_told_truly_or_unknown() {
    check_schedules(40, Simulator::builder().provisioning(Duration::ZERO).deleting(Duration::from_secs(3600)));
}
