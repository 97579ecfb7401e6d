//! Sends 20,000 mixed calls to the simulator, 10 % with a fault, and checks that no cluster is lost or duplicated and nothing
//! leaks. The service's clock is a day behind, and a second project comes, goes and moves in the list: nothing in it changes.
//! Exits with a non-zero status if a check fails.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::simulator::{Fault, Operation, SeededCluster, SimulatedCluster, Simulator};
use eloq_sdk::{EloqApi, Error, OperationResult, RetryPolicy};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};

const CALLS: usize = 20_000;
const TASKS: usize = 16;
/// The number of first and of last calls whose resource usage is compared.
const WINDOW: usize = 1_000;
const MAX_CLUSTERS_PER_TASK: usize = 3;

const CLOCK_SKEW: Duration = Duration::from_secs(24 * 60 * 60);
/// The project of the client.
const PROJECT: (i64, &str) = (147, "project1");
/// The project that comes and goes.
const OTHER: (i64, &str) = (2, "other");
const PROJECTS_INTERVAL: Duration = Duration::from_millis(20);

const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(300);
const DEADLINE: Duration = Duration::from_secs(1);
/// A call that has not returned this long after its deadline hangs.
const GRACE: Duration = Duration::from_secs(5);
const MAX_DURATION: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> ExitCode {
    match timeout(MAX_DURATION, soak()).await {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => fail(error),
        Err(_) => fail(format!("timed out after {MAX_DURATION:?}")),
    }
}

fn fail(error: impl Display) -> ExitCode {
    eprintln!("failed: {error}");
    ExitCode::FAILURE
}

async fn soak() -> Result<(), String> {
    let builder = Simulator::builder().cluster_limit(None).provisioning(Duration::ZERO).deleting(Duration::ZERO);
    let builder = builder.record_limit(0).project(OTHER.0, OTHER.1).clock(SystemTime::now() - CLOCK_SKEW);
    let others = (0..TASKS).map(|task| SeededCluster::new(format!("soak-{task}")).project(OTHER.0));
    let simulator = others.fold(builder, |builder, other| builder.cluster(other)).start().await.map_err(message)?;
    let others = clusters_of(OTHER, &simulator);
    let retry = RetryPolicy::default()
        .backoff(Duration::from_millis(5))
        .throttled_backoff(Duration::from_millis(5))
        .max_backoff(Duration::from_millis(50));
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    // The first of several: the client keeps the project that it resolved first.
    let client = builder.timeout(ATTEMPT_TIMEOUT).deadline(DEADLINE).retry(retry).build().map_err(message)?;

    client.scope().await.map_err(message)?;
    let start = Instant::now();
    let run = Arc::new(Run { simulator, client, started: AtomicUsize::new(0), totals: Mutex::default() });
    let changing = tokio::spawn(change_projects(run.clone()));
    let mut tasks = JoinSet::new();
    for number in 0..TASKS {
        let task = Task { run: run.clone(), number, random: fastrand::Rng::with_seed(number as u64), clusters: vec![] };
        tasks.spawn(task.work());
    }
    let mut kept = Vec::new();
    while let Some(done) = tasks.join_next().await {
        kept.extend(done.map_err(message)??);
    }
    changing.abort();
    run.check_clusters(&kept)?;
    if clusters_of(OTHER, &run.simulator) != others {
        return Err("a cluster of the other project changed".to_owned());
    }
    run.report(start.elapsed())
}

fn clusters_of((project, _): (i64, &str), simulator: &Simulator) -> Vec<SimulatedCluster> {
    simulator.clusters().into_iter().filter(|cluster| cluster.project_id == project).collect()
}

/// Lets the other project come, go and move.
async fn change_projects(run: Arc<Run>) {
    let mut ticks = interval(PROJECTS_INTERVAL);
    for accounts in [&[PROJECT][..], &[PROJECT, OTHER], &[OTHER, PROJECT]].into_iter().cycle() {
        ticks.tick().await;
        run.simulator.set_projects(accounts.iter().copied());
    }
}

/// State that the tasks share.
struct Run {
    simulator: Simulator,
    client: EloqApi,
    started: AtomicUsize,
    totals: Mutex<Totals>,
}

#[derive(Default)]
struct Totals {
    outcomes: BTreeMap<String, usize>,
    faults: usize,
    created: usize,
    reconciled: usize,
    first: Usage,
    last: Usage,
}

/// Peak usage within a window; zero on systems without `/proc`.
#[derive(Clone, Copy, Default)]
struct Usage {
    descriptors: u64,
    kilobytes: u64,
}

impl Usage {
    fn now() -> Self {
        let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = resident.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default();
        Self { descriptors, kilobytes }
    }

    fn update_peak(&mut self, now: Self) {
        self.descriptors = self.descriptors.max(now.descriptors);
        self.kilobytes = self.kilobytes.max(now.kilobytes);
    }

    /// The allowed growth: each task may be replacing a connection, and allocators keep some freed memory.
    fn allowed(self) -> Self {
        Self { descriptors: self.descriptors + TASKS as u64, kilobytes: self.kilobytes + 8 * 1024 }
    }
}

impl Run {
    fn record(&self, call: usize, outcome: &str) {
        let mut totals = self.totals.lock().unwrap();
        *totals.outcomes.entry(outcome.to_owned()).or_default() += 1;
        if !call.is_multiple_of(50) {
            return;
        }
        if (WINDOW / 2..WINDOW).contains(&call) {
            totals.first.update_peak(Usage::now());
        } else if call >= CALLS - WINDOW {
            totals.last.update_peak(Usage::now());
        }
    }

    fn exists(&self, name: &str) -> Result<bool, String> {
        match self.simulator.cluster_names().iter().filter(|existing| *existing == name).count() {
            0 => Ok(false),
            1 => Ok(true),
            more => Err(format!("{name} exists {more} times")),
        }
    }

    /// Checks that the clusters that the tasks expect exist at the end.
    fn check_clusters(&self, kept: &[String]) -> Result<(), String> {
        let clusters = clusters_of(PROJECT, &self.simulator);
        let names: Vec<_> = clusters.into_iter().map(|cluster| cluster.name).collect();
        let existing: HashSet<_> = names.iter().collect();
        if existing.len() < names.len() {
            return Err("a cluster exists twice".to_owned());
        }
        match kept.iter().find(|name| !existing.contains(name)) {
            Some(missing) => Err(format!("{missing} was reported as created but does not exist")),
            None => Ok(()),
        }
    }

    fn report(&self, took: Duration) -> Result<(), String> {
        let totals = self.totals.lock().unwrap();
        println!("{CALLS} calls by {TASKS} tasks in {:.1} s, {} faults", took.as_secs_f32(), totals.faults);
        for (outcome, count) in &totals.outcomes {
            println!("  {outcome:<16}{count:>7}");
        }
        println!("{} clusters reported as created: each existed exactly once", totals.created);
        println!("{TASKS} clusters of the other project: none changed");
        println!("{} writes without a response were reconciled\n", totals.reconciled);
        let (first, last, allowed) = (totals.first, totals.last, totals.first.allowed());
        println!("{:<18}{:>12}{:>12}{:>12}", "", "first 1000", "last 1000", "allowed");
        let row = |what, first, last, allowed| println!("{what:<18}{first:>12}{last:>12}{allowed:>12}");
        row("file descriptors", first.descriptors, last.descriptors, allowed.descriptors);
        row("memory in KiB", first.kilobytes, last.kilobytes, allowed.kilobytes);
        if last.descriptors > allowed.descriptors || last.kilobytes > allowed.kilobytes {
            return Err("resource usage grew beyond the allowed values".to_owned());
        }
        Ok(())
    }
}

/// A caller with its own clusters, which no other task changes.
struct Task {
    run: Arc<Run>,
    number: usize,
    random: fastrand::Rng,
    clusters: Vec<String>,
}

impl Task {
    /// Makes calls until all tasks together made `CALLS`; returns the clusters that must exist then.
    async fn work(mut self) -> Result<Vec<String>, String> {
        loop {
            let call = self.run.started.fetch_add(1, Ordering::Relaxed);
            if call >= CALLS {
                return Ok(self.clusters);
            }
            let operation = self.choose();
            if self.random.u8(..100) < 10 {
                let fault = self.fault(operation);
                self.run.simulator.inject(fault);
                self.run.totals.lock().unwrap().faults += 1;
            }
            let outcome = match timeout(DEADLINE + GRACE, self.call(call, operation)).await {
                Ok(outcome) => outcome?,
                Err(_) => return Err(format!("{operation} did not return")),
            };
            let outcome = match &outcome {
                Ok(()) => "ok",
                Err(error) => error.kind().as_str(),
            };
            self.run.record(call, outcome);
        }
    }

    fn choose(&mut self) -> Operation {
        match self.random.u8(..100) {
            0..25 if self.clusters.len() < MAX_CLUSTERS_PER_TASK => Operation::CreateCluster,
            0..50 if !self.clusters.is_empty() => Operation::DeleteCluster,
            50..75 if !self.clusters.is_empty() => Operation::DescribeCluster,
            75..90 => Operation::ListClusters,
            90..95 => Operation::ListSkus,
            _ => Operation::OrgInfo,
        }
    }

    fn fault(&mut self, operation: Operation) -> Fault {
        let fault = Fault::on(operation);
        match self.random.u8(..20) {
            0 => fault.drop_before(),
            1 => fault.drop_after(),
            2 => fault.truncate(7),
            3 => fault.wrong_schema(),
            4 => fault.applied().wrong_schema(),
            5 => fault.applied().reply(200, "text/html", "<html>log in</html>"),
            6 => fault.latency(2 * ATTEMPT_TIMEOUT),
            7 => fault.latency(ATTEMPT_TIMEOUT / 6),
            8 => fault.code(5001, "internal error"),
            9 => fault.status(302).header("Location", "http://127.0.0.1:9/"),
            10 => fault.status(429),
            11 => fault.status(503).header("Retry-After", "0"),
            12 => fault.applied().status(500),
            13 => fault.applied().status(502),
            14 => fault.applied().status(503),
            15 => fault.applied().status(504),
            other => fault.status([400, 401, 403, 500][usize::from(other) - 16]),
        }
    }

    /// Makes a call and checks its result against the simulator; the inner result is that of the call.
    async fn call(&mut self, call: usize, operation: Operation) -> Result<Result<(), Error>, String> {
        let client = self.run.client.clone();
        Ok(match operation {
            Operation::CreateCluster => {
                let name = format!("soak-{}-{call}", self.number);
                let result = client.cluster_create(&name, "us-west-1", 101).await;
                self.check(&name, &result, true)?;
                if result.success {
                    self.run.totals.lock().unwrap().created += 1;
                    self.clusters.push(name);
                }
                result.into_result().map(drop)
            }
            Operation::DeleteCluster => {
                let name = self.clusters.swap_remove(self.random.usize(..self.clusters.len()));
                let result = client.cluster_delete(&name).await;
                self.check(&name, &result, false)?;
                if !result.success && self.run.exists(&name)? {
                    self.clusters.push(name);
                }
                result.into_result().map(drop)
            }
            Operation::DescribeCluster => {
                let name = self.random.choice(&self.clusters).cloned().unwrap_or_default();
                if self.random.bool() {
                    client.cluster(name).await.map(drop)
                } else {
                    client.cluster_credentials(name).await.map(drop)
                }
            }
            Operation::ListClusters => client.clusters().per_page(50).await.map(drop),
            Operation::ListSkus => {
                client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await.map(drop)
            }
            _ => client.info().await.map(drop),
        })
    }

    /// Checks the result of a write: success means applied, any error except `OutcomeUnknown` means not applied.
    fn check(&self, name: &str, result: &OperationResult, created: bool) -> Result<(), String> {
        let expected = match result.error() {
            None => created,
            Some(Error::OutcomeUnknown { .. }) => return Ok(()),
            Some(_) => !created,
        };
        if result.is_reconciled() {
            self.run.totals.lock().unwrap().reconciled += 1;
        }
        if self.run.exists(name)? == expected {
            return Ok(());
        }
        let actual = if expected { "does not exist" } else { "exists" };
        let write = if created { "create" } else { "delete" };
        Err(format!("{name} {actual} after {write}: {}", result.message))
    }
}

fn message(error: impl Display) -> String {
    format!("{error:#}")
}
