//! What applying a plan does, in which order, and what it leaves alone.

use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, SeededCluster, Simulator};
use eloq_sdk::{ApplyOutcome, ClusterSpec, DesiredState, ErrorKind};
use schemars::schema_for;
use serde_json::json;

use crate::json_schema::validate;
use crate::{count, operations, spec};

#[tokio::test(start_paused = true)]
async fn what_is_in_the_way_is_deleted_first_and_all_results_come_in_order() {
    let builder = Simulator::builder().cluster("kept").cluster("old-1").cluster("old-2").cluster_limit(Some(3));
    let builder = builder.deleting(Duration::from_secs(20)).provisioning(Duration::from_secs(30));
    let simulator = builder.start().await.unwrap();
    let client = simulator.client();
    let desired = || DesiredState::new(["kept", "new-1", "new-2"].map(spec));
    let plan = client.plan(desired()).prune(true).cluster_limit(3).await.unwrap();
    let start = tokio::time::Instant::now();
    let results = plan.apply().wait_until_connectable(true).await.unwrap();
    let lines: Vec<_> = results.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["kept: unchanged", "new-1: created", "new-2: created", "old-1: deleted", "old-2: deleted"]);
    assert_eq!(results.iter().map(|each| each.position).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
    assert_eq!(simulator.cluster_names(), ["kept", "new-1", "new-2"]);
    assert!(simulator.clusters().iter().all(|cluster| cluster.status == "available"));
    let schema = schema_for!(eloq_sdk::AppliedCluster).to_value();
    let json = serde_json::to_value(&results[1]).unwrap();
    assert_eq!(validate(&schema, &json), Ok(()));
    assert_eq!(json["outcome"], "created");

    let again = client.plan(desired()).prune(true).await.unwrap();
    assert!(!again.has_changes(), "{again}");
    simulator.clear_requests();
    assert!(again.apply().await.unwrap().iter().all(|each| matches!(each.outcome, ApplyOutcome::Unchanged)));
    assert_eq!(operations(&simulator), [Operation::ListClusters]);
}

#[tokio::test(start_paused = true)]
async fn results_come_as_they_are_and_a_failure_stops_no_other() {
    let simulator = Simulator::builder().cluster_limit(None).start().await.unwrap();
    let client = simulator.client();
    simulator.inject(Fault::on(Operation::CreateCluster).after(1).status(400));
    simulator.inject(Fault::on(Operation::CreateCluster).after(1).drop_before());
    let plan = client.plan(DesiredState::new(["a", "b", "c", "d"].map(spec))).await.unwrap();
    let (mut applying, mut kinds) = (plan.apply().concurrency(1), Vec::new());
    while let Some(each) = applying.next().await.transpose().unwrap() {
        kinds.push((each.cluster_name, each.outcome.error().map(eloq_sdk::Error::kind)));
    }
    let expected =
        [("a", None), ("b", Some(ErrorKind::Validation)), ("c", Some(ErrorKind::OutcomeUnknown)), ("d", None)];
    assert_eq!(kinds, expected.map(|(name, kind)| (name.to_owned(), kind)));
    assert_eq!(count(&simulator, Operation::CreateCluster), 4);
    assert_eq!(simulator.cluster_names(), ["a", "d"]);
    let failed = client.plan(DesiredState::new([ClusterSpec::new("e", "nowhere", 101)])).await.unwrap().apply().await;
    let json = serde_json::to_value(&failed.unwrap()[0]).unwrap();
    assert_eq!((&json["outcome"], &json["error"]["kind"]), (&json!("failed"), &json!("Validation")));
    assert_eq!(validate(&schema_for!(eloq_sdk::AppliedCluster).to_value(), &json), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn clusters_that_changed_since_the_plan_are_left_alone() {
    let mut builder = Simulator::builder().cluster_limit(None).clock(std::time::SystemTime::now());
    for name in ["differing", "gone", "kept", "old", "replaced", "status"] {
        builder = builder.cluster(SeededCluster::new(name).age(Duration::from_secs(3600)));
    }
    let simulator = builder.start().await.unwrap();
    let client = simulator.client();
    let names = ["gone", "kept", "made", "made-other"].map(spec);
    let desired = DesiredState::new(names).cluster(spec("differing").zone("us-west-1c"));
    let plan = client.plan(desired).prune(true).await.unwrap();
    for name in ["gone", "old", "replaced"] {
        client.cluster_delete(name).wait().await.unwrap();
    }
    for (name, region) in [("replaced", "us-west-1"), ("made", "us-west-1"), ("made-other", "us-east-1")] {
        client.cluster_create(name, region, 101).wait().await.unwrap();
    }
    simulator.set_cluster_status("status", "error");
    let before = simulator.clusters();
    simulator.clear_requests();
    let lines: Vec<_> = plan.apply().await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        lines[..7],
        [
            "differing: differs: its zone is us-west-1a and not us-west-1c",
            "gone: not changed: it was deleted since the plan was made",
            "kept: unchanged",
            "made: exists: another client created it",
            "made-other: differs: its region is us-east-1 and not us-west-1",
            "old: deleted",
            "replaced: not changed: another cluster has its name since the plan was made",
        ]
    );
    assert!(lines[7].starts_with("status: failed: ") && lines[7].contains("error"), "{}", lines[7]);
    assert_eq!(simulator.clusters(), before);
    assert_eq!(count(&simulator, Operation::CreateCluster) + count(&simulator, Operation::DeleteCluster), 0);
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_cluster_gives_up_its_name_or_recovers() {
    let builder = Simulator::builder().cluster("going").cluster("recovering").deleting(Duration::from_secs(60));
    let simulator = builder.start().await.unwrap();
    let client = simulator.client();
    client.cluster_delete("going").await.into_result().unwrap();
    simulator.set_cluster_status("recovering", "unavailable");
    let plan = client.plan(DesiredState::new([spec("going"), spec("recovering")])).await.unwrap();
    let recover = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        simulator.set_cluster_status("recovering", "available");
    };
    let (results, ()) = tokio::join!(plan.apply().wait_until_connectable(true).send(), recover);
    let lines: Vec<_> = results.unwrap().iter().map(ToString::to_string).collect();
    let recovered = "recovering: not changed: the unavailable cluster of its name is available again";
    assert_eq!(lines, ["going: created", recovered]);
    // What never changes ends with the longest wait.
    simulator.set_cluster_status("recovering", "unavailable");
    let plan = client.plan(DesiredState::new([spec("recovering")])).await.unwrap();
    let results = plan.apply().max_wait(Duration::from_secs(10)).await.unwrap();
    assert_eq!(results[0].outcome.error().map(eloq_sdk::Error::kind), Some(ErrorKind::Timeout));
}

#[tokio::test(start_paused = true)]
async fn a_project_that_cannot_be_read_does_not_hold_up_another() {
    let simulator = Simulator::builder().project(2, "other").start().await.unwrap();
    let client = simulator.client();
    let desired = DesiredState::new([spec("a")]).cluster_in("other", spec("b"));
    let plan = client.plan(desired).await.unwrap();
    simulator.set_projects([(2, "other")]);
    let results = plan.apply().await.unwrap();
    assert!(matches!(results[0].outcome, ApplyOutcome::Created), "{results:?}");
    assert_eq!(results[1].outcome.error().map(eloq_sdk::Error::kind), Some(ErrorKind::Config));
    assert_eq!(simulator.cluster_names(), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn waits_share_a_list_and_one_that_does_not_end_holds_up_no_other() {
    let simulator = Simulator::builder().cluster("stuck").cluster_limit(None).provisioning(Duration::from_secs(120));
    let simulator = simulator.start().await.unwrap();
    let client = simulator.client();
    simulator.set_cluster_status("stuck", "updating");
    let names: Vec<_> = (0..30).map(|number| format!("c{number:02}")).collect();
    let desired = DesiredState::new(names.iter().map(|name| spec(name))).cluster(spec("stuck"));
    let plan = client.plan(desired).await.unwrap();
    simulator.clear_requests();

    let start = tokio::time::Instant::now();
    let mut applying = plan.apply().concurrency(1).wait_until_connectable(true).max_wait(Duration::from_secs(600));
    let mut created = Vec::new();
    while created.len() < 30 {
        let each = applying.next().await.unwrap().unwrap();
        assert!(matches!(each.outcome, ApplyOutcome::Created), "{each}");
        created.push(each.cluster_name);
    }
    created.sort_unstable();
    assert_eq!(created, names);
    assert!(start.elapsed() < Duration::from_secs(180), "{:?}", start.elapsed());
    // One request for each that is connectable; a list for each wait that begins, and then one for all in each interval.
    assert_eq!(count(&simulator, Operation::DescribeCluster), 30);
    let lists = count(&simulator, Operation::ListClusters);
    assert!(lists <= 1 + 31 + 180 / 8, "{lists} lists");

    let stuck = applying.next().await.unwrap().unwrap();
    assert_eq!(
        (&*stuck.cluster_name, stuck.outcome.error().map(eloq_sdk::Error::kind)),
        ("stuck", Some(ErrorKind::Timeout))
    );
    assert!(applying.next().await.is_none());
}
