//! Schedules of writes whose responses are lost, and the outcomes that the client reports.

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

#[derive(Clone, Copy, Debug)]
enum Write {
    Create,
    Delete,
}

/// One write of a schedule, to one of three names.
#[derive(Clone, Copy, Debug)]
struct Step {
    name: usize,
    write: Write,
    disruption: Disruption,
    /// What happens to the first poll of the outcome.
    poll_disruption: Disruption,
}

fn schedules() -> impl Strategy<Value = Vec<Step>> {
    let write = select(vec![Write::Create, Write::Delete]);
    let poll_disruption =
        prop_oneof![3 => Just(Disruption::None), 1 => Just(Disruption::DropBefore), 1 => Just(Disruption::Status(500))];
    let step = (0..3usize, write, Disruption::any(), poll_disruption);
    vec(
        step.prop_map(|(name, write, disruption, poll_disruption)| Step { name, write, disruption, poll_disruption }),
        1..6,
    )
}

const ATTEMPT: Duration = Duration::from_millis(250);
const DEADLINE: Duration = Duration::from_millis(600);
/// The service's timestamps have whole seconds: clusters older than this certainly existed before the write.
const OLD: Duration = Duration::from_millis(2100);
const OLD_CLUSTERS: usize = 60;

/// Runs random schedules, each on one existing cluster and on two new names.
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
            service.block_on(check_step(&service, &client, &observer, &names, step))?;
        }
        Ok(())
    });
}

type Statuses = BTreeMap<String, Option<ClusterStatus>>;

async fn observe(observer: &EloqApi, names: &[String]) -> Statuses {
    let mut statuses = Statuses::new();
    for name in names {
        let status = match observer.cluster(name).await {
            Ok(cluster) => Some(cluster.status),
            Err(error) if error.is_not_found() => None,
            Err(error) => panic!("{error}"),
        };
        statuses.insert(name.clone(), status);
    }
    statuses
}

async fn check_step(
    service: &Service,
    client: &EloqApi,
    observer: &EloqApi,
    names: &[String],
    step: Step,
) -> TestCaseResult {
    let name = &names[step.name];
    let operation = match step.write {
        Write::Create => Operation::CreateCluster,
        Write::Delete => Operation::DeleteCluster,
    };
    let before = observe(observer, names).await;
    service.simulator.clear_requests();
    let faults = [step.disruption.fault(operation), step.poll_disruption.fault(Operation::ListClusters)];
    faults.into_iter().flatten().for_each(|fault| service.simulator.inject(fault));
    let result = match step.write {
        Write::Create => client.cluster_create(name, "us-west-1", 101).await,
        Write::Delete => client.cluster_delete(name).await,
    };
    service.simulator.clear_faults();
    let creates = service.count(Operation::CreateCluster);
    let after = observe(observer, names).await;

    let text = format!("{step:?}: {result:?}, before {before:?}, after {after:?}");
    prop_assert!(creates <= 1, "{} creates: {}", creates, text);
    match (result.error(), step.write) {
        (None, Write::Create) => prop_assert!(before[name].is_none() && after[name].is_some(), "{}", text),
        (None, Write::Delete) => {
            prop_assert!(matches!(after[name], None | Some(ClusterStatus::Unavailable)), "{}", text);
        }
        (Some(Error::OutcomeUnknown { .. }), _) => {}
        (Some(_), _) => prop_assert_eq!(&before, &after, "{}", text),
    }
    for other in names.iter().filter(|other| *other != name) {
        prop_assert_eq!(&before[other], &after[other], "{}", text);
    }
    Ok(())
}

#[test]
fn the_reported_outcome_of_a_write_is_true_or_unknown() {
    check_schedules(30, Simulator::builder().provisioning(Duration::ZERO).deleting(Duration::ZERO));
}

#[test]
fn the_reported_outcome_of_a_slow_delete_is_true_or_unknown() {
    check_schedules(40, Simulator::builder().provisioning(Duration::ZERO).deleting(Duration::from_secs(3600)));
}
