//! The checks in their order, each only if those that it needs did not fail.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use eloq_sdk::schema::{CloudProvider, ClusterList, EloqModule, SkuType};
use eloq_sdk::{Drift, EloqApi, Error, ErrorKind, RetryPolicy, Scope, VersionCheck};
use tokio::time::timeout;

use super::check::{Check, NAMES, Status};
use super::form::{Deviation, Document};
use super::network::{Answer, Clock, Target};
use crate::cli::Globals;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::settings::first_variable;

/// The longest time of one check without `--request-timeout`.
const LIMIT: Duration = Duration::from_secs(10);
const PROXY_VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// How many deviations a line has.
const SHOWN: usize = 3;

/// The check without which the next ones cannot be made.
type Blocking = Option<&'static str>;

pub(super) struct Examination<'a> {
    context: &'a Context,
    show: &'a mut dyn FnMut(&Check) -> Result,
    progress: Progress,
    limit: Duration,
    document: Document,
    drift: Arc<Mutex<Vec<Drift>>>,
    /// Whether there was a response that can be compared with the document.
    has_response: bool,
    /// Whether there was a response that the library cannot read.
    has_unreadable: bool,
    outcome: Outcome,
}

#[derive(Default)]
pub(super) struct Outcome {
    pub(super) checks: Vec<Check>,
    pub(super) deviations: Vec<Deviation>,
    /// The first failure.
    pub(super) failure: Option<Failure>,
}

impl<'a> Examination<'a> {
    pub(super) fn new(context: &'a Context, show: &'a mut dyn FnMut(&Check) -> Result) -> Self {
        let globals = context.globals.clone();
        let quiet = globals.quiet;
        Self {
            context,
            show,
            // Elsewhere the checks themselves are lines.
            progress: Progress::new(&Globals { quiet: quiet || !std::io::stderr().is_terminal(), ..globals }),
            limit: context.globals.request_timeout.unwrap_or(LIMIT),
            document: Document::load(),
            drift: Arc::default(),
            has_response: false,
            has_unreadable: false,
            outcome: Outcome::default(),
        }
    }

    pub(super) async fn run(mut self) -> Result<Outcome> {
        let blocking = self.examine().await?.unwrap_or("a response");
        let (schema, others) = NAMES.split_last().unwrap_or((&"", &[]));
        for name in others {
            if !self.outcome.checks.iter().any(|check| check.name == *name) {
                self.skip(name, &format!("needs {blocking}"))?;
            }
        }
        match self.has_response || self.has_unreadable {
            true => self.schema(schema)?,
            false => self.skip(schema, &format!("needs {blocking}"))?,
        }
        Ok(self.outcome)
    }

    async fn examine(&mut self) -> Result<Blocking> {
        let Some((client, target)) = self.configuration()? else { return Ok(Some("configuration")) };
        let proxy = first_variable(&PROXY_VARIABLES).filter(|_| target.is_https);
        if let Some(blocking) = self.connection(&target, proxy).await? {
            return Ok(Some(blocking));
        }
        if let Some(blocking) = self.response(&client, &target, proxy).await? {
            return Ok(Some(blocking));
        }
        if let Some(blocking) = self.account(&client).await? {
            return Ok(Some(blocking));
        }
        self.clusters(&client).await?;
        let skus = async { Ok(client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await?) };
        self.step("skus", skus, |skus| format!("serverless EloqKV SKUs on AWS: {}", skus.len())).await?;
        let query = [("type", "serverless"), ("eloqModule", "eloqkv"), ("cloudProvider", "aws")];
        self.compare(&client, "list_skus", "/skus-by-args", &query).await;
        Ok(None)
    }

    fn configuration(&mut self) -> Result<Option<(EloqApi, Target)>> {
        let drift = Arc::clone(&self.drift);
        let listener = move |new: &Drift| drift.lock().unwrap_or_else(PoisonError::into_inner).push(new.clone());
        let start = Instant::now();
        let client = self.context.settings.builder().and_then(|builder| {
            let builder = builder.timeout(self.limit).deadline(self.limit).retry(RetryPolicy::none());
            Ok(builder.on_drift(listener).build()?)
        });
        let built = client.and_then(|client| match Target::of(&client) {
            Some(target) => Ok((client, target)),
            None => Err(Failure::config("the base URL has no host")),
        });
        match built {
            Ok(built) => {
                let detail = self.context.settings.sources()?;
                self.record(Check::new("configuration", Status::Ok, detail).since(start))?;
                Ok(Some(built))
            }
            Err(failure) => self.fail("configuration", start, failure).map(|()| None),
        }
    }

    /// Name and connection. Behind a proxy, neither need be possible.
    async fn connection(&mut self, target: &Target, proxy: Option<&str>) -> Result<Blocking> {
        let start = Instant::now();
        let resolved = self.during("dns", target.resolve(self.limit)).await;
        let addresses = match resolved {
            Ok((addresses, detail)) => {
                self.record(Check::new("dns", Status::Ok, detail).since(start))?;
                addresses
            }
            Err(failure) if proxy.is_some() => return self.unneeded("dns", start, &failure),
            Err(failure) => return self.fail("dns", start, failure).map(|()| Some("dns")),
        };
        let start = Instant::now();
        let connected = self.during("tcp", target.connect(&addresses, self.limit)).await;
        match connected {
            Ok(address) => {
                self.record(Check::new("tcp", Status::Ok, address.to_string()).since(start))?;
                Ok(None)
            }
            Err(failure) if proxy.is_some() => self.unneeded("tcp", start, &failure),
            Err(failure) => self.fail("tcp", start, failure).map(|()| Some("tcp")),
        }
    }

    fn unneeded(&mut self, name: &'static str, start: Instant, failure: &Failure) -> Result<Blocking> {
        let detail = format!("{failure}, which does not matter if the proxy can connect");
        self.record(Check::new(name, Status::Warn, detail).since(start)).map(|()| None)
    }

    /// The first response, and what it tells of TLS, proxy, HTTP and clock.
    async fn response(&mut self, client: &EloqApi, target: &Target, proxy: Option<&str>) -> Result<Blocking> {
        let start = Instant::now();
        let answer = timeout(self.limit, Answer::of(client));
        let Some(answer) = self.during("http", answer).await.ok().flatten() else {
            return self.no_response(client, start).await;
        };
        let time = start.elapsed();
        match target.is_https {
            true => self.record(Check::new("tls", Status::Ok, "the certificate is accepted").took(time))?,
            false => self.skip("tls", "plain http on this machine")?,
        }
        match proxy {
            Some(variable) => self.record(Check::new("proxy", Status::Ok, format!("{variable} is set")).took(time))?,
            None => self.skip("proxy", "none is used")?,
        }
        self.record(Check::new("http", Status::Ok, format!("HTTP {}", answer.status)).took(time))?;
        match answer.clock() {
            Clock::Right => self.record(Check::new("clock", Status::Ok, "right"))?,
            Clock::Off(text) => self.record(Check::new("clock", Status::Warn, text))?,
            Clock::Wrong(failure) => self.fail("clock", start, failure)?,
            Clock::Unknown => self.skip("clock", "the response has no Date")?,
        }
        Ok(None)
    }

    /// Why there is no response, as the library tells it.
    async fn no_response(&mut self, client: &EloqApi, start: Instant) -> Result<Blocking> {
        let failure = match self.during("http", client.info()).await {
            Err(error) => Failure::from(error),
            Ok(_) => Failure::new(Exit::Unreachable, "Connect", "the first request failed, and the second did not"),
        };
        let message = failure.sdk_error().map(Error::message).unwrap_or_default();
        let blocking = match message {
            message if message.starts_with("TLS") => "tls",
            message if message.starts_with("the proxy") => "proxy",
            _ => "http",
        };
        for name in ["tls", "proxy", "http"].into_iter().take_while(|name| *name != blocking) {
            self.skip(name, "not known")?;
        }
        self.fail(blocking, start, failure).map(|()| Some(blocking))
    }

    async fn account(&mut self, client: &EloqApi) -> Result<Blocking> {
        let start = Instant::now();
        let account = self.during("key", client.info()).await;
        let time = start.elapsed();
        match &account {
            Err(error) if is_refused(error) => {
                return self.fail("key", start, error.clone().into()).map(|()| Some("key"));
            }
            Err(error) if !matches!(error, Error::Decode { .. }) => self.skip("key", "not known")?,
            _ => self.record(Check::new("key", Status::Ok, "accepted").took(time))?,
        }
        if account.as_ref().is_err_and(|error| !matches!(error, Error::Decode { .. })) {
            self.skip("version", "needs organization")?;
        } else {
            self.version(client).await?;
        }
        let told = account.map_err(Failure::from);
        let organization = self.step("organization", async { told }, |account| {
            let org = &account.org_info;
            format!("{} ({}), projects: {}", org.org_name, org.org_id, org.projects.len())
        });
        let organization = organization.await?;
        self.compare(client, "org_info", "/org-info", &[]).await;
        Ok(organization.is_none().then_some("organization"))
    }

    async fn version(&mut self, client: &EloqApi) -> Result {
        let start = Instant::now();
        let version = self.during("version", client.check_version()).await;
        let warn = |text: &str| Check::new("version", Status::Warn, text).since(start);
        match version {
            VersionCheck::Compatible => self.record(Check::new("version", Status::Ok, "compatible").since(start)),
            VersionCheck::Deprecated { .. } => {
                self.record(warn("the service calls this version of the API deprecated"))
            }
            VersionCheck::Incompatible => {
                let failure =
                    Failure::new(Exit::Other, "Version", "the service responds in another form than expected");
                self.fail("version", start, failure.hint("check the base URL, and for a newer version of eloq"))
            }
            _ => self.skip("version", "not known"),
        }
    }

    /// The project, and the list and one cluster in it.
    async fn clusters(&mut self, client: &EloqApi) -> Result {
        let (context, limit) = (self.context, self.limit);
        let scope = async {
            let named = async {
                match context.settings.project_name() {
                    Some(_) => Ok(context.client().await?.scope().await?),
                    None => Ok(client.scope().await?),
                }
            };
            let late = || Failure::new(Exit::TimedOut, "Timeout", "no answer in time");
            timeout(limit, named).await.unwrap_or_else(|_| Err(late()))
        };
        let told = |scope: &Scope| format!("{} ({})", scope.project_name, scope.project_id);
        let Some(scope) = self.step("project", scope, told).await? else {
            self.skip("list", "needs project")?;
            return self.skip("describe", "needs project");
        };
        let client = client.with_project(scope.project_id);
        let list = async { Ok(client.clusters().send().await?) };
        let told = |list: &ClusterList| format!("clusters: {}", list.total);
        let list = self.step("list", list, told).await?;
        let path = format!("/orgs/{}/projects/{}/clusters", scope.org_id, scope.project_id);
        self.compare(&client, "list_clusters", &path, &[("page", "1"), ("perPage", "20")]).await;
        let Some(list) = list else { return self.skip("describe", "needs list") };
        let names = || list.cluster_list.iter().map(|cluster| cluster.cluster_name.as_str());
        // A plain name is its own segment of a path.
        let plain = names().find(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        let Some(name) = plain.or(names().next()) else {
            return self.skip("describe", "there is no cluster");
        };
        let described = async { Ok(client.cluster(name).await?) };
        self.step("describe", described, |cluster| format!("{name}: {}", cluster.status)).await?;
        if let Some(name) = plain {
            self.compare(&client, "describe_cluster", &format!("{path}/{name}"), &[]).await;
        }
        Ok(())
    }

    /// Compares the response of the last check with the document, also one that the library cannot read.
    async fn compare(&mut self, client: &EloqApi, operation: &'static str, path: &str, query: &[(&str, &str)]) {
        let had_response = |check: &Check| check.status == Status::Ok || check.kind == Some(ErrorKind::Decode.as_str());
        if !self.outcome.checks.last().is_some_and(had_response) {
            return;
        }
        match self.during("schema", client.send_request("GET", path, query, None)).await {
            Ok(response) => {
                self.has_response = true;
                let response = serde_json::to_value(&response).unwrap_or_default();
                self.document.compare(operation, &response, &mut self.outcome.deviations);
            }
            Err(error) => self.has_unreadable |= matches!(error, Error::Decode { .. }),
        }
    }

    fn schema(&mut self, name: &'static str) -> Result {
        let drift = std::mem::take(&mut *self.drift.lock().unwrap_or_else(PoisonError::into_inner));
        let deviations = &mut self.outcome.deviations;
        deviations.extend(drift.iter().filter_map(Deviation::of_drift));
        deviations.sort_by_key(|deviation| !deviation.is_breaking());
        let mut shown: Vec<_> = deviations.iter().take(SHOWN).map(ToString::to_string).collect();
        shown.extend((deviations.len() > SHOWN).then(|| format!("{} more", deviations.len() - SHOWN)));
        let shown = shown.join("; ");
        let breaks = deviations.iter().any(Deviation::is_breaking);
        let start = Instant::now();
        match (breaks, shown.is_empty()) {
            (true, _) => self.fail(name, start, Failure::new(Exit::Other, "Schema", shown).hint(REPORT)),
            (false, _) if self.has_unreadable => {
                let failure = Failure::new(Exit::Other, "Schema", "a response has another form than that of the API");
                self.fail(name, start, failure.hint(REPORT))
            }
            (false, true) => self.record(Check::new(name, Status::Ok, "the responses have the form of openapi.yaml")),
            (false, false) => {
                self.record(Check { hint: Some(REPORT.to_owned()), ..Check::new(name, Status::Warn, shown) })
            }
        }
    }

    /// Makes a check that is a call.
    async fn step<T>(
        &mut self,
        name: &'static str,
        call: impl Future<Output = Result<T>>,
        detail: impl FnOnce(&T) -> String,
    ) -> Result<Option<T>> {
        let start = Instant::now();
        match self.during(name, call).await {
            Ok(value) => {
                self.record(Check::new(name, Status::Ok, detail(&value)).since(start))?;
                Ok(Some(value))
            }
            Err(failure) => self.fail(name, start, failure).map(|()| None),
        }
    }

    async fn during<T>(&mut self, name: &str, call: impl Future<Output = T>) -> T {
        self.progress.set(format!("checking {name}"));
        self.progress.during(call).await
    }

    fn skip(&mut self, name: &'static str, reason: &str) -> Result {
        self.record(Check::new(name, Status::Skip, reason))
    }

    fn fail(&mut self, name: &'static str, start: Instant, failure: Failure) -> Result {
        self.has_unreadable |= matches!(failure.sdk_error(), Some(Error::Decode { .. }));
        let check = Check::failed(name, &failure).since(start);
        self.outcome.failure.get_or_insert_with(|| failure.context(name));
        self.record(check)
    }

    fn record(&mut self, check: Check) -> Result {
        self.progress.clear();
        (self.show)(&check)?;
        self.outcome.checks.push(check);
        Ok(())
    }
}

const REPORT: &str = "please report it: `eloq doctor --report FILE` writes what an issue needs, without secrets";

/// Whether the service refuses the key.
fn is_refused(error: &Error) -> bool {
    match error {
        Error::Authentication { .. } | Error::Permission { .. } => true,
        error => matches!(error.code(), Some(401 | 403)),
    }
}
