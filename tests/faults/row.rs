//! A row of the table: a script, a call, and what must come of it.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use eloq_sdk::{EloqApi, Error, OperationResult, RetryPolicy, blocking};
use serde_json::Value;

use crate::canary;
use crate::scripted::{Reply, Script, Server};
use crate::support::{self, Call};

/// A call that needs no context: one request.
pub const READ: Call = Call::Skus("serverless", "eloqkv", "aws");
pub const CREATE: Call = Call::Create { name: "new", region: "us-west-1", sku_id: 101, zone: None };
pub const DELETE: Call = Call::Delete("old");

/// How the client is made.
#[derive(Clone)]
pub struct Settings {
    pub key: String,
    /// The server's if there is none.
    pub base_url: Option<String>,
    pub timeout: Duration,
    pub connect_timeout: Duration,
    pub deadline: Duration,
    pub policy: RetryPolicy,
    pub max_response_bytes: usize,
    pub project_id: Option<i64>,
}

/// Waits so short that no test notices them, with as many retries as by default.
pub fn quick() -> RetryPolicy {
    let millis = Duration::from_millis;
    RetryPolicy::default().backoff(millis(1)).throttled_backoff(millis(1)).max_backoff(millis(20))
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            key: canary::KEY.to_owned(),
            base_url: None,
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
            deadline: Duration::from_secs(10),
            policy: quick(),
            max_response_bytes: 8 * 1024 * 1024,
            project_id: None,
        }
    }
}

/// Makes a client of either kind.
macro_rules! build {
    ($builder:expr, $settings:expr, $server:expr) => {{
        let settings: &Settings = $settings;
        let builder = $builder
            .api_key(&*settings.key)
            .base_url(settings.base_url.clone().unwrap_or_else(|| $server.url()))
            // What the machine has must not count.
            .proxy("")
            .timeout(settings.timeout)
            .connect_timeout(settings.connect_timeout)
            .deadline(settings.deadline)
            .retry(settings.policy.clone())
            .max_response_bytes(settings.max_response_bytes);
        match settings.project_id {
            Some(id) => builder.project_id(id).build(),
            None => builder.build(),
        }
    }};
}

pub enum Check {
    Status(u16),
    RequestId(&'static str),
    RetryAfter(Option<u64>),
    /// The place in the JSON.
    Path(&'static str),
    /// A part of the line for people.
    Says(&'static str),
    /// The value at this JSON pointer.
    Gives(&'static str, Value),
    /// Path and query of the call's own request.
    Asks(&'static str),
    /// Whether looking told the outcome.
    Reconciled(bool),
    /// How many attempts the ledger of the error has.
    Attempts(usize),
    /// How many bytes the server could get rid of.
    WritesLessThan(usize),
}

pub struct Row {
    /// Its name in the contract.
    pub fault: &'static str,
    pub case: String,
    call: Call,
    script: Script,
    settings: Settings,
    /// The variant of the error.
    fails: Option<&'static str>,
    /// Whether chance decides between the error and a success.
    may_succeed: bool,
    /// How often the call's own request is on the wire.
    requests: RangeInclusive<usize>,
    /// How often the list of clusters is asked for to settle a change.
    looks: RangeInclusive<usize>,
    /// How often the account may be asked for.
    accounts: usize,
    connections: Option<usize>,
    within: Option<Duration>,
    checks: Vec<Check>,
}

/// A row that succeeds with one request, unless more is said.
pub fn row(fault: &'static str, case: impl Into<String>, call: Call) -> Row {
    Row {
        fault,
        case: case.into(),
        call,
        script: Script::new(),
        settings: Settings::default(),
        fails: None,
        may_succeed: false,
        requests: 1..=1,
        looks: 0..=0,
        accounts: 1,
        connections: None,
        within: None,
        checks: Vec::new(),
    }
}

impl Row {
    /// The replies to the call's own request.
    pub fn answers<const N: usize>(self, replies: [Reply; N]) -> Self {
        let operation = operation(self.call);
        self.on(operation, replies)
    }

    pub fn on<const N: usize>(mut self, operation: &'static str, replies: [Reply; N]) -> Self {
        self.script = self.script.on(operation, replies);
        self
    }

    pub fn resetting(mut self, connections: std::ops::Range<usize>) -> Self {
        self.script = self.script.resetting(connections);
        self
    }

    pub fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    pub fn fails(mut self, variant: &'static str) -> Self {
        self.fails = Some(variant);
        self
    }

    pub fn requests(mut self, count: usize) -> Self {
        self.requests = count..=count;
        self
    }

    /// Where chance decides.
    pub fn requests_up_to(mut self, count: usize) -> Self {
        self.requests = 0..=count;
        self
    }

    /// The same for the outcome.
    pub fn or_succeeds(mut self) -> Self {
        self.may_succeed = true;
        self
    }

    /// A refusal on a known account asks for the account once more.
    pub fn asks_for_the_account_again(mut self) -> Self {
        self.accounts = 2;
        self
    }

    pub fn looks(mut self, count: usize) -> Self {
        self.looks = count..=count;
        self
    }

    pub fn looks_up_to(mut self, count: usize) -> Self {
        self.looks = 0..=count;
        self
    }

    /// The change is looked for until the deadline, which is near, and stays unknown.
    pub fn stays_unknown(mut self) -> Self {
        // Twice and more on a machine that has time.
        self.looks = 1..=10;
        self.settings.deadline = Duration::from_millis(1700);
        self.fails("OutcomeUnknown").within(4000)
    }

    pub fn connections(mut self, count: usize) -> Self {
        self.connections = Some(count);
        self
    }

    pub fn within(mut self, millis: u64) -> Self {
        self.within = Some(Duration::from_millis(millis));
        self
    }

    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    pub fn run_async(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        self.run(|server| {
            runtime.block_on(async {
                let client = build!(EloqApi::builder(), &self.settings, server)?;
                Ok(match self.call {
                    Call::Create { name, region, sku_id, zone: None } => {
                        Answer::Operation(client.cluster_create(name, region, sku_id).await)
                    }
                    Call::Delete(name) => Answer::Operation(client.cluster_delete(name).await),
                    Call::Start(name) => Answer::Operation(client.start_cluster(name).await),
                    call => Answer::Value(support::run(&client, call).await?),
                })
            })
        });
    }

    pub fn run_blocking(&self) {
        self.run(|server| {
            let client = build!(blocking::EloqApi::builder(), &self.settings, server)?;
            Ok(match self.call {
                Call::Create { name, region, sku_id, zone: None } => {
                    Answer::Operation(client.cluster_create(name, region, sku_id).send())
                }
                Call::Delete(name) => Answer::Operation(client.cluster_delete(name).send()),
                Call::Start(name) => Answer::Operation(client.start_cluster(name)),
                call => Answer::Value(support::run_blocking(&client, call)?),
            })
        });
    }

    fn run(&self, call: impl FnOnce(&Server) -> Result<Answer, Error>) {
        canary::capture();
        let server = Server::start(self.script.clone());
        let began = Instant::now();
        let answer = call(&server);
        let took = began.elapsed();
        self.assert(answer, &server);
        assert!(self.within.is_none_or(|within| took < within), "it took {took:?}");
        canary::assert_log_clean();
    }

    fn assert(&self, answer: Result<Answer, Error>, server: &Server) {
        let mut reconciled = false;
        let outcome = match answer {
            Err(error) => Err(error),
            Ok(Answer::Value(value)) => Ok(value),
            Ok(Answer::Operation(result)) => {
                let text = format!("{}\n{result:?}\n{result:#?}", result.message);
                canary::assert_clean(&text);
                canary::assert_harmless(&text);
                assert_eq!(result.success, result.error().is_none());
                reconciled = result.is_reconciled();
                result.into_result().map(Value::from)
            }
        };
        let told = format!("{outcome:?}");
        match (&outcome, self.fails) {
            (Ok(_), None) => {}
            (Ok(_), Some(_)) if self.may_succeed => {}
            (Err(error), Some(variant)) => {
                canary::assert_error_clean(error);
                let debug = format!("{error:?}");
                let rest = debug.strip_prefix(variant);
                assert!(rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)), "not {variant}: {told}");
            }
            _ => panic!("not {}: {told}", self.fails.unwrap_or("a success")),
        }
        self.assert_requests(&told, server);
        for check in &self.checks {
            assert!(holds(check, &outcome, reconciled, server, operation(self.call)), "{}: {told}", name(check));
        }
    }

    fn assert_requests(&self, told: &str, server: &Server) {
        let seen = server.seen();
        let own = operation(self.call);
        let count = seen.count(own);
        assert!(self.requests.contains(&count), "{count} requests and not {:?}: {told}", self.requests);
        let looks = if own == "list_clusters" { 0 } else { seen.count("list_clusters") };
        assert!(self.looks.contains(&looks), "{looks} looks and not {:?}: {told}", self.looks);
        let needs_context = !matches!(own, "org_info" | "list_skus");
        let context = if needs_context { seen.count("org_info") } else { 0 };
        assert!(context <= self.accounts, "{context} requests for the account: {told}");
        assert_eq!(seen.requests.len(), count + looks + context, "other requests: {:?}", seen.requests);
        assert!(self.connections.is_none_or(|count| count == seen.connections), "{} connections", seen.connections);
    }
}

/// What a call gave.
enum Answer {
    Value(Value),
    Operation(OperationResult),
}

fn holds(check: &Check, outcome: &Result<Value, Error>, reconciled: bool, server: &Server, own: &str) -> bool {
    let error = outcome.as_ref().err();
    match check {
        Check::Status(status) => error.and_then(Error::status) == Some(*status),
        Check::RequestId(id) => error.and_then(Error::request_id) == Some(*id),
        Check::RetryAfter(wait) => error.map(Error::retry_after) == Some(wait.map(Duration::from_secs)),
        Check::Path(path) => matches!(error, Some(Error::Decode { failure, .. }) if failure.path() == Some(*path)),
        Check::Says(part) => error.is_some_and(|error| error.to_string().contains(part)),
        Check::Gives(pointer, value) => outcome.as_ref().ok().and_then(|got| got.pointer(pointer)) == Some(value),
        Check::Asks(target) => {
            let requests = server.seen().requests;
            requests.iter().filter(|request| request.operation == own).all(|request| request.target == *target)
        }
        Check::Reconciled(wanted) => reconciled == *wanted,
        Check::Attempts(count) => error.map(|error| error.attempts().len()) == Some(*count),
        Check::WritesLessThan(bytes) => server.seen().written < *bytes,
    }
}

fn name(check: &Check) -> String {
    match check {
        Check::Status(status) => format!("the status is {status}"),
        Check::RequestId(id) => format!("the request id is {id}"),
        Check::RetryAfter(wait) => format!("the service asks to wait {wait:?} s"),
        Check::Path(path) => format!("the path is {path}"),
        Check::Says(part) => format!("the line says {part}"),
        Check::Gives(pointer, value) => format!("{value} is at {pointer}"),
        Check::Asks(target) => format!("the request is for {target}"),
        Check::Reconciled(wanted) => format!("reconciled is {wanted}"),
        Check::Attempts(count) => format!("the ledger has {count} attempts"),
        Check::WritesLessThan(bytes) => format!("less than {bytes} bytes are read"),
    }
}

fn operation(call: Call) -> &'static str {
    match call {
        Call::Info | Call::Org | Call::Projects => "org_info",
        Call::Skus(..) => "list_skus",
        Call::Clusters { .. } | Call::FirstClusters => "list_clusters",
        Call::Cluster(_) | Call::Credentials(_) => "describe_cluster",
        Call::Create { .. } => "create_cluster",
        Call::Delete(_) => "delete_cluster",
        Call::Start(_) => "start_cluster",
        other => panic!("{other:?} has no place in the scripts"),
    }
}
