//! A row of the fault table: a script, a call, and the expected outcome.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use eloq_sdk::{EloqApi, Error, OperationResult, RetryPolicy, blocking};
use serde_json::Value;

use crate::canary;
use crate::scripted::{Response, Script, Server};
use crate::support::{self, Call};

/// A call that needs no account: one request.
pub const READ: Call = Call::Skus("serverless", "eloqkv", "aws");
pub const CREATE: Call = Call::Create { name: "new", region: "us-west-1", sku_id: 101, zone: None };
pub const DELETE: Call = Call::Delete("old");

/// The settings of the client.
#[derive(Clone)]
pub struct Settings {
    pub key: String,
    /// The server's URL if `None`.
    pub base_url: Option<String>,
    pub timeout: Duration,
    pub connect_timeout: Duration,
    pub deadline: Duration,
    pub policy: RetryPolicy,
    pub max_response_bytes: usize,
    pub project_id: Option<i64>,
}

/// A negligible backoff, with the default number of retries.
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

/// Builds an async or a blocking client.
macro_rules! build {
    ($builder:expr, $settings:expr, $server:expr) => {{
        let settings: &Settings = $settings;
        let builder = $builder
            .api_key(&*settings.key)
            .base_url(settings.base_url.clone().unwrap_or_else(|| $server.url()))
            // Ignores the proxy variables of the machine.
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
    /// The path in the JSON.
    Path(&'static str),
    /// A part of the error's Display text.
    Displays(&'static str),
    /// The value at this JSON pointer.
    Returns(&'static str, Value),
    /// Path and query of the call's own request.
    Target(&'static str),
    /// Whether reconciliation determined the outcome.
    Reconciled(bool),
    /// The number of attempts in the error's attempt log.
    Attempts(usize),
    /// An upper limit of the bytes that the server could send.
    WritesLessThan(usize),
}

pub struct Row {
    /// Its name in the contract.
    pub fault: &'static str,
    pub case: String,
    call: Call,
    script: Script,
    settings: Settings,
    /// The expected variant of the error; `None` expects a success.
    fails: Option<&'static str>,
    /// Whether the call may also succeed, depending on timing.
    may_succeed: bool,
    /// How many times the call sends its own request.
    requests: RangeInclusive<usize>,
    /// How many times the call lists the clusters to reconcile a write.
    list_requests: RangeInclusive<usize>,
    /// How often the client requests what it compares a found cluster with: SKUs, and the cluster itself.
    comparisons: usize,
    /// How many times the call may request the account.
    max_account_requests: usize,
    connections: Option<usize>,
    within: Option<Duration>,
    checks: Vec<Check>,
}

/// A row that expects a success with one request, until its methods change that.
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
        list_requests: 0..=0,
        comparisons: 0,
        max_account_requests: 1,
        connections: None,
        within: None,
        checks: Vec::new(),
    }
}

impl Row {
    /// The responses to the call's own request.
    pub fn responds<const N: usize>(self, responses: [Response; N]) -> Self {
        let operation = operation(self.call);
        self.on(operation, responses)
    }

    pub fn on<const N: usize>(mut self, operation: &'static str, responses: [Response; N]) -> Self {
        self.script = self.script.on(operation, responses);
        self
    }

    pub fn reset_connections(mut self, connections: std::ops::Range<usize>) -> Self {
        self.script = self.script.reset_connections(connections);
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

    /// For a number of requests that depends on timing.
    pub fn requests_up_to(mut self, count: usize) -> Self {
        self.requests = 0..=count;
        self
    }

    /// For an outcome that depends on timing.
    pub fn or_succeeds(mut self) -> Self {
        self.may_succeed = true;
        self
    }

    pub fn comparisons(mut self, count: usize) -> Self {
        self.comparisons = count;
        self
    }

    /// A 403 or 404 response with a cached account makes the client request the account again.
    pub fn max_account_requests(mut self, count: usize) -> Self {
        self.max_account_requests = count;
        self
    }

    pub fn list_requests(mut self, count: usize) -> Self {
        self.list_requests = count..=count;
        self
    }

    pub fn list_requests_up_to(mut self, count: usize) -> Self {
        self.list_requests = 0..=count;
        self
    }

    /// The client polls until the deadline, which is short, and the outcome stays unknown.
    pub fn stays_unknown(mut self) -> Self {
        // At least two polls unless the machine is slow.
        self.list_requests = 1..=10;
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
                        CallResult::Operation(client.cluster_create(name, region, sku_id).await)
                    }
                    Call::Delete(name) => CallResult::Operation(client.cluster_delete(name).await),
                    Call::Start(name) => CallResult::Operation(client.start_cluster(name).await),
                    call => CallResult::Value(support::run(&client, call).await?),
                })
            })
        });
    }

    pub fn run_blocking(&self) {
        self.run(|server| {
            let client = build!(blocking::EloqApi::builder(), &self.settings, server)?;
            Ok(match self.call {
                Call::Create { name, region, sku_id, zone: None } => {
                    CallResult::Operation(client.cluster_create(name, region, sku_id).send())
                }
                Call::Delete(name) => CallResult::Operation(client.cluster_delete(name).send()),
                Call::Start(name) => CallResult::Operation(client.start_cluster(name)),
                call => CallResult::Value(support::run_blocking(&client, call)?),
            })
        });
    }

    fn run(&self, call: impl FnOnce(&Server) -> Result<CallResult, Error>) {
        canary::capture();
        let server = Server::start(self.script.clone());
        let start = Instant::now();
        let result = call(&server);
        let elapsed = start.elapsed();
        self.assert(result, &server);
        assert!(self.within.is_none_or(|within| elapsed < within), "it took {elapsed:?}");
        canary::assert_log_clean();
    }

    fn assert(&self, result: Result<CallResult, Error>, server: &Server) {
        let mut reconciled = false;
        let outcome = match result {
            Err(error) => Err(error),
            Ok(CallResult::Value(value)) => Ok(value),
            Ok(CallResult::Operation(result)) => {
                let text = format!("{}\n{result:?}\n{result:#?}", result.message);
                canary::assert_clean(&text);
                canary::assert_no_control_characters(&text);
                assert_eq!(result.success, result.error().is_none());
                reconciled = result.is_reconciled();
                result.into_result().map(Value::from)
            }
        };
        let outcome_text = format!("{outcome:?}");
        match (&outcome, self.fails) {
            (Ok(_), None) => {}
            (Ok(_), Some(_)) if self.may_succeed => {}
            (Err(error), Some(variant)) => {
                canary::assert_error_clean(error);
                let debug = format!("{error:?}");
                let rest = debug.strip_prefix(variant);
                assert!(
                    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)),
                    "not {variant}: {outcome_text}"
                );
            }
            _ => panic!("not {}: {outcome_text}", self.fails.unwrap_or("a success")),
        }
        self.assert_requests(&outcome_text, server);
        for check in &self.checks {
            assert!(
                holds(check, &outcome, reconciled, server, operation(self.call)),
                "{}: {outcome_text}",
                describe(check)
            );
        }
    }

    fn assert_requests(&self, outcome_text: &str, server: &Server) {
        let recorded = server.recorded();
        let own = operation(self.call);
        let count = recorded.count(own);
        assert!(self.requests.contains(&count), "{count} requests instead of {:?}: {outcome_text}", self.requests);
        let lists = if own == "list_clusters" { 0 } else { recorded.count("list_clusters") };
        assert!(
            self.list_requests.contains(&lists),
            "{lists} list requests instead of {:?}: {outcome_text}",
            self.list_requests
        );
        let needs_account = !matches!(own, "org_info" | "list_skus");
        let accounts = if needs_account { recorded.count("org_info") } else { 0 };
        assert!(accounts <= self.max_account_requests, "{accounts} account requests: {outcome_text}");
        let others = recorded.requests.len() - count - lists - accounts;
        assert_eq!(others, self.comparisons, "other requests: {:?}", recorded.requests);
        assert!(
            self.connections.is_none_or(|count| count == recorded.connections),
            "{} connections",
            recorded.connections
        );
    }
}

/// What a call returned.
enum CallResult {
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
        Check::Displays(part) => error.is_some_and(|error| error.to_string().contains(part)),
        Check::Returns(pointer, value) => {
            outcome.as_ref().ok().and_then(|returned| returned.pointer(pointer)) == Some(value)
        }
        Check::Target(target) => {
            let requests = server.recorded().requests;
            requests.iter().filter(|request| request.operation == own).all(|request| request.target == *target)
        }
        Check::Reconciled(expected) => reconciled == *expected,
        Check::Attempts(count) => error.map(|error| error.attempts().len()) == Some(*count),
        Check::WritesLessThan(bytes) => server.recorded().written < *bytes,
    }
}

fn describe(check: &Check) -> String {
    match check {
        Check::Status(status) => format!("the status is {status}"),
        Check::RequestId(id) => format!("the request id is {id}"),
        Check::RetryAfter(wait) => format!("retry_after is {wait:?} s"),
        Check::Path(path) => format!("the path is {path}"),
        Check::Displays(part) => format!("the error displays {part}"),
        Check::Returns(pointer, value) => format!("{value} is at {pointer}"),
        Check::Target(target) => format!("the request is for {target}"),
        Check::Reconciled(expected) => format!("reconciled is {expected}"),
        Check::Attempts(count) => format!("the attempt log has {count} attempts"),
        Check::WritesLessThan(bytes) => format!("the client reads less than {bytes} bytes"),
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
        other => panic!("the scripts do not cover {other:?}"),
    }
}
