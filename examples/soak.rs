//! Sends 20,000 mixed calls at the simulator while every tenth goes wrong somehow, and checks that nothing is lost, nothing is
//! there twice and nothing leaks. Ends by itself, with a status that is not zero if something does not hold.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Error, OperationResult, RetryPolicy};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

const CALLS: usize = 20_000;
const TASKS: usize = 16;
/// What the figures of the first and of the last calls are taken from.
const WINDOW: usize = 1_000;
const MOST_CLUSTERS_OF_A_TASK: usize = 3;

const ATTEMPT: Duration = Duration::from_millis(300);
const DEADLINE: Duration = Duration::from_secs(1);
/// A call that has not ended this long after its deadline never will.
const GRACE: Duration = Duration::from_secs(5);
const LIMIT: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> ExitCode {
    match timeout(LIMIT, soak()).await {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(problem)) => fail(problem),
        Err(_) => fail(format!("not done after {LIMIT:?}")),
    }
}

fn fail(problem: impl Display) -> ExitCode {
    eprintln!("failed: {problem}");
    ExitCode::FAILURE
}

async fn soak() -> Result<(), String> {
    let cloud = Simulator::builder().cluster_limit(None).provisioning(Duration::ZERO).deleting(Duration::ZERO);
    let simulator = cloud.record_limit(0).start().await.map_err(text)?;
    let retry = RetryPolicy::default()
        .backoff(Duration::from_millis(5))
        .throttled_backoff(Duration::from_millis(5))
        .max_backoff(Duration::from_millis(50));
    let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = builder.timeout(ATTEMPT).deadline(DEADLINE).retry(retry).build().map_err(text)?;

    let start = Instant::now();
    let run = Arc::new(Run { simulator, client, begun: AtomicUsize::new(0), totals: Mutex::default() });
    let mut tasks = JoinSet::new();
    for number in 0..TASKS {
        let task = Task { run: run.clone(), number, random: fastrand::Rng::with_seed(number as u64), clusters: vec![] };
        tasks.spawn(task.work());
    }
    let mut kept = Vec::new();
    while let Some(done) = tasks.join_next().await {
        kept.extend(done.map_err(text)??);
    }
    run.check_clusters(&kept)?;
    run.report(start.elapsed())
}

/// What the tasks share.
struct Run {
    simulator: Simulator,
    client: EloqApi,
    begun: AtomicUsize,
    totals: Mutex<Totals>,
}

#[derive(Default)]
struct Totals {
    outcomes: BTreeMap<String, usize>,
    faults: usize,
    created: usize,
    settled: usize,
    first: Usage,
    last: Usage,
}

/// The most that was in use at any moment of a window; zero where the system does not tell.
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

    fn raise(&mut self, now: Self) {
        self.descriptors = self.descriptors.max(now.descriptors);
        self.kilobytes = self.kilobytes.max(now.kilobytes);
    }

    /// What counts as flat: each task may be about to replace a connection, and an allocator keeps some of what it had.
    fn allowed(self) -> Self {
        Self { descriptors: self.descriptors + TASKS as u64, kilobytes: self.kilobytes + 8 * 1024 }
    }
}

impl Run {
    fn count(&self, call: usize, outcome: &str) {
        let mut totals = self.totals.lock().unwrap();
        *totals.outcomes.entry(outcome.to_owned()).or_default() += 1;
        if !call.is_multiple_of(50) {
            return;
        }
        if (WINDOW / 2..WINDOW).contains(&call) {
            totals.first.raise(Usage::now());
        } else if call >= CALLS - WINDOW {
            totals.last.raise(Usage::now());
        }
    }

    fn exists(&self, name: &str) -> Result<bool, String> {
        match self.simulator.cluster_names().iter().filter(|existing| *existing == name).count() {
            0 => Ok(false),
            1 => Ok(true),
            more => Err(format!("{name} exists {more} times")),
        }
    }

    /// Checks what is there at the end against what the tasks were told.
    fn check_clusters(&self, kept: &[String]) -> Result<(), String> {
        let names = self.simulator.cluster_names();
        let there: HashSet<_> = names.iter().collect();
        if there.len() < names.len() {
            return Err("a cluster exists twice".to_owned());
        }
        match kept.iter().find(|name| !there.contains(name)) {
            Some(missing) => Err(format!("{missing} was reported as created and is not there")),
            None => Ok(()),
        }
    }

    fn report(&self, took: Duration) -> Result<(), String> {
        let totals = self.totals.lock().unwrap();
        println!("{CALLS} calls of {TASKS} tasks in {:.1} s, {} faults", took.as_secs_f32(), totals.faults);
        for (outcome, count) in &totals.outcomes {
            println!("  {outcome:<16}{count:>7}");
        }
        println!("{} clusters reported as created: each was there, once", totals.created);
        println!("{} changes whose answer was lost were settled by looking\n", totals.settled);
        let (first, last, allowed) = (totals.first, totals.last, totals.first.allowed());
        println!("{:<18}{:>12}{:>12}{:>12}", "", "first 1000", "last 1000", "allowed");
        let row = |what, first, last, allowed| println!("{what:<18}{first:>12}{last:>12}{allowed:>12}");
        row("file descriptors", first.descriptors, last.descriptors, allowed.descriptors);
        row("memory in KiB", first.kilobytes, last.kilobytes, allowed.kilobytes);
        if last.descriptors > allowed.descriptors || last.kilobytes > allowed.kilobytes {
            return Err("more is in use at the end than at the beginning".to_owned());
        }
        Ok(())
    }
}

/// One caller, with clusters of its own: nobody else changes those.
struct Task {
    run: Arc<Run>,
    number: usize,
    random: fastrand::Rng,
    clusters: Vec<String>,
}

impl Task {
    /// Makes calls until there were enough of all tasks; gives the clusters that must be there then.
    async fn work(mut self) -> Result<Vec<String>, String> {
        loop {
            let call = self.run.begun.fetch_add(1, Ordering::Relaxed);
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
                Err(_) => return Err(format!("a {operation} did not end")),
            };
            let name = match &outcome {
                Ok(()) => "ok".to_owned(),
                Err(error) => format!("{error:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
            };
            self.run.count(call, &name);
        }
    }

    fn choose(&mut self) -> Operation {
        match self.random.u8(..100) {
            0..25 if self.clusters.len() < MOST_CLUSTERS_OF_A_TASK => Operation::CreateCluster,
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
            6 => fault.latency(2 * ATTEMPT),
            7 => fault.latency(ATTEMPT / 6),
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

    /// Makes a call and checks what it tells; the inner result is the call's own.
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

    /// Whether a change went as its result tells: success means done, and any error but an unknown outcome means not done.
    fn check(&self, name: &str, result: &OperationResult, created: bool) -> Result<(), String> {
        let expected = match result.error() {
            None => created,
            Some(Error::OutcomeUnknown { .. }) => return Ok(()),
            Some(_) => !created,
        };
        if result.is_reconciled() {
            self.run.totals.lock().unwrap().settled += 1;
        }
        if self.run.exists(name)? == expected {
            return Ok(());
        }
        let is = if expected { "is not there" } else { "is there" };
        Err(format!("{name} {is} after: {} {}", if created { "create" } else { "delete" }, result.message))
    }
}

fn text(problem: impl Display) -> String {
    problem.to_string()
}
