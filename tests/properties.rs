//! What holds for every input: generated names, URLs, credentials, answers, and schedules of changes whose answers get lost.

use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eloq_sdk::raw::ClientInfo;
use eloq_sdk::schema::{ClusterName, ClusterStatus, DescClusterDto};
use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{ClusterCredentials, EloqApi, Error, RetryPolicy};
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestCaseResult, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Checks that something holds for every value of a strategy. What fails is printed in its smallest form.
fn for_all<S: Strategy>(cases: u32, values: S, check: impl Fn(S::Value) -> TestCaseResult) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&values, check).unwrap_or_else(|failure| panic!("{failure}"));
}

/// A simulator on a runtime of its own.
struct Service {
    runtime: Runtime,
    simulator: Simulator,
}

impl Service {
    fn start(settings: SimulatorBuilder) -> Self {
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(settings.start()).unwrap();
        Self { runtime, simulator }
    }

    fn get<F: IntoFuture>(&self, future: F) -> F::Output {
        self.runtime.block_on(future.into_future())
    }

    /// A client that lets no fault pass unseen.
    fn direct(&self) -> EloqApi {
        let builder = EloqApi::builder().api_key(self.simulator.api_key()).base_url(self.simulator.base_url());
        builder.retry(RetryPolicy::none()).build().unwrap()
    }

    fn count(&self, operation: Operation) -> usize {
        self.simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
    }
}

/// Names of all kinds, with what has a meaning in paths put in often.
fn names() -> impl Strategy<Value = String> {
    let special =
        select(vec!["/", "%", "?", "#", ".", "..", "%2e", "%2F", "%00", "+", ";", ":", "@", "&", "=", " ", "é"]);
    let piece = prop_oneof![special.prop_map(str::to_owned), any::<char>().prop_map(String::from), "[a-z0-9-]{1,8}"];
    vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_name_stays_one_segment_and_arrives_as_it_is() {
    let service =
        Service::start(Simulator::builder().cluster_limit(None).provisioning(Duration::ZERO).deleting(Duration::ZERO));
    let client = service.direct();
    service.get(client.clusters()).unwrap();
    for_all(200, names(), |name| {
        service.simulator.clear_requests();
        if ClusterName::try_from(name.as_str()).is_err() {
            let refused = service.get(client.cluster(&name));
            prop_assert!(matches!(refused, Err(Error::InvalidInput { .. })), "{refused:?}");
            prop_assert_eq!(service.simulator.requests().len(), 0);
            return Ok(());
        }
        let created = service.get(client.cluster_create(&name, "us-west-1", 101));
        prop_assert!(created.success || matches!(created.error(), Some(Error::Conflict(_))), "{created:?}");
        prop_assert_eq!(service.get(client.cluster(&name)).unwrap().display_cluster_name, name.clone());
        prop_assert!(service.get(client.cluster_config_history(&name)).is_ok());
        prop_assert!(service.get(client.cluster_apply_config(&name, 2)).success);
        prop_assert!(service.get(client.cluster_delete(&name)).success);

        let requests = service.simulator.requests();
        let sent: Value = serde_json::from_slice(requests[0].body()).unwrap();
        prop_assert_eq!(sent["clusterName"].as_str(), Some(name.as_str()));
        for (request, tail) in requests[1..].iter().zip(["", "/config-history", "/configs/2/apply", "/delete"]) {
            let rest = request.path().strip_prefix("/api/v1/orgs/1/projects/147/clusters/");
            let segment = rest.and_then(|rest| rest.strip_suffix(tail)).unwrap_or("/");
            prop_assert!(!segment.contains('/') && request.query().is_none(), "{}", request.path());
            let decoded = percent_decode_str(segment).decode_utf8().unwrap();
            prop_assert_eq!(&decoded, name.as_str());
        }
        Ok(())
    });
}

fn base_url_of(text: &str) -> Result<String, Error> {
    let client = EloqApi::builder().api_key("key").proxy("").base_url(text).build()?;
    Ok(client.raw().baseurl().to_owned())
}

#[test]
fn every_spelling_of_a_base_url_has_the_same_form() {
    let host = prop_oneof!["[a-z][a-z0-9-]{0,10}[a-z0-9](\\.[a-z]{2,5}){0,2}", Just("[2001:db8::1]".to_owned())];
    let port = proptest::option::of(1..=u16::MAX);
    let path = "(/[a-z0-9_.~-]{0,4}[a-z0-9]){0,3}";
    let tail = select(vec!["", "/", "//", "/api/v1", "/api/v1/", "/api/v1//"]);
    let edge = select(vec!["", " ", "\t", "\n"]);
    let urls = (any::<bool>(), host, port, path, tail, edge);
    for_all(60, urls, |(loud, host, port, path, tail, edge)| {
        let authority = port.map_or(host.clone(), |port| format!("{host}:{port}"));
        let (scheme, spelled) = if loud { ("HTTPS", authority.to_uppercase()) } else { ("https", authority.clone()) };
        let form = base_url_of(&format!("{edge}{scheme}://{spelled}{path}{tail}{edge}"));
        let standard = authority.strip_suffix(":443").unwrap_or(&authority);
        let expected = match path.ends_with("/api/v1") {
            true => format!("https://{standard}{path}"),
            false => format!("https://{standard}{path}/api/v1"),
        };
        prop_assert_eq!(form.unwrap(), expected);
        Ok(())
    });
}

#[test]
fn an_accepted_base_url_is_safe_and_stays_as_it_is() {
    let part = select(vec![
        "http",
        "https",
        "HTTP",
        "ftp",
        ":",
        "//",
        "/",
        "/api/v1",
        "?",
        "#",
        "@",
        "user:pw@",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "h.example",
        "10.0.0.1",
        "0x7f.1",
        ":80",
        ":0",
        ":99999",
        "..",
        "%2e",
        "\\",
        " ",
        "\0",
        "é",
        "*",
    ]);
    for_all(400, vec(part, 1..8).prop_map(|parts| parts.concat()), |text| {
        match base_url_of(&text) {
            Ok(form) => {
                let url = url::Url::parse(&form).unwrap();
                prop_assert!(form.ends_with("/api/v1") && url.has_host(), "{}", form);
                prop_assert!(url.username().is_empty() && url.password().is_none(), "{}", form);
                prop_assert!(url.query().is_none() && url.fragment().is_none(), "{}", form);
                let loopback = match url.host() {
                    Some(url::Host::Ipv4(address)) => address.is_loopback(),
                    Some(url::Host::Ipv6(address)) => address.is_loopback(),
                    _ => url.host_str() == Some("localhost"),
                };
                prop_assert!(url.scheme() == "https" || loopback, "{}", form);
                prop_assert_eq!(base_url_of(&form).unwrap(), form);
            }
            Err(Error::Config { setting, .. }) => prop_assert_eq!(setting, "base_url"),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
        Ok(())
    });
}

/// The answer to a describe, with these credentials in it.
fn described(module: &str, user: &str, password: &str, host: &str, port: u16) -> Value {
    json!({
        "admin_user": user, "admin_password": password, "cloud_provider": "AWS", "cluster_deploy_mode": "txWithInternalLog",
        "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": "c", "elb_addr": host, "elb_port": port,
        "elb_state": "active", "log_cpu_limit": 0.5, "log_memory_mi_limit": 512.0, "log_replica": 1,
        "module_type": module, "org_name": "o", "project_name": "p", "region": "us-west-1", "status": "available",
        "tx_cpu_limit": 1.0, "tx_memory_mi_limit": 1024.0, "tx_replica": 1, "version": "v", "zone": "us-west-1a",
    })
}

fn credentials(module: &str, user: &str, password: &str, host: &str, port: u16) -> ClusterCredentials {
    let answer = described(module, &STANDARD.encode(user), &STANDARD.encode(password), host, port);
    serde_json::from_value::<DescClusterDto>(answer).unwrap().try_into().unwrap()
}

fn hosts() -> impl Strategy<Value = String> {
    let name = "[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?(\\.[a-z]([a-z0-9-]{0,8}[a-z0-9])?){1,3}";
    // The redis crate connects to no wildcard address.
    let address = any::<IpAddr>().prop_filter("a wildcard", |address| !address.to_canonical().is_unspecified());
    prop_oneof![name, address.prop_map(|address| address.to_string())]
}

/// Whether two spellings mean the same host: an IPv6 address has several.
fn same_host(one: &str, other: &str) -> bool {
    match (one.parse::<IpAddr>(), other.parse::<IpAddr>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Texts with what has a meaning in URLs put in often; none is empty.
fn texts() -> impl Strategy<Value = String> {
    let special =
        prop_oneof!["[@/:#%?&=+ \\[\\]\\\\]", any::<char>().prop_map(String::from), "[a-zA-Z0-9]{1,6}", "%[0-9A-F]{2}"];
    vec(special, 1..16).prop_map(|parts| parts.concat())
}

#[test]
fn a_redis_url_means_what_went_into_it_to_the_redis_crate() {
    use redis::{ConnectionAddr, IntoConnectionInfo};
    for_all(500, (texts(), texts(), hosts(), 1..=u16::MAX), |(user, password, host, port)| {
        let url = credentials("EloqKV", &user, &password, &host, port).connection_url().unwrap();
        let info = url.expose().into_connection_info().unwrap();
        prop_assert_eq!(info.redis_settings().username(), Some(user.as_str()));
        prop_assert_eq!(info.redis_settings().password(), Some(password.as_str()));
        let ConnectionAddr::Tcp(to, at) = info.addr() else { return Err(TestCaseError::fail("no TCP")) };
        prop_assert!(same_host(to, &host) && *at == port, "{}:{}", to, at);
        Ok(())
    });
}

#[test]
fn a_mongodb_or_mysql_url_means_what_went_into_it_to_a_url_parser() {
    let modules = select(vec![("EloqDoc", "mongodb"), ("EloqSQL", "mysql")]);
    let values = (modules, texts(), texts(), hosts(), 1..=u16::MAX);
    for_all(500, values, |((module, scheme), user, password, host, port)| {
        let secret = credentials(module, &user, &password, &host, port).connection_url().unwrap();
        let url = url::Url::parse(secret.expose()).unwrap();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        prop_assert_eq!(url.scheme(), scheme);
        prop_assert_eq!(decoded(url.username()), user);
        prop_assert_eq!(url.password().map(decoded), Some(password));
        prop_assert!(same_host(url.host_str().unwrap().trim_matches(['[', ']']), &host));
        prop_assert_eq!(url.port(), Some(port));
        prop_assert!(url.path().is_empty() && url.query().is_none() && url.fragment().is_none());
        // Drivers with parsers of their own cut at these, without the rules of RFC 3986.
        let user_info = secret.expose().split_once("://").unwrap().1.rsplit_once('@').unwrap().0;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%:".contains(c);
        prop_assert!(user_info.chars().all(plain) && user_info.matches(':').count() == 1);
        Ok(())
    });
}

fn answer(data: &Value) -> Fault {
    let body = json!({ "code": 0, "message": "success", "data": data }).to_string();
    Fault::on(Operation::DescribeCluster).reply(200, "application/json", body)
}

#[test]
fn credentials_are_decoded_once_or_refused_without_a_word_of_them() {
    let service = Service::start(Simulator::builder().record_limit(0));
    let client = service.direct();
    let encoded = prop_oneof![
        4 => texts().prop_map(|text| STANDARD.encode(text)),
        2 => vec(any::<u8>(), 0..24).prop_map(|bytes| STANDARD.encode(bytes)),
        2 => "[A-Za-z0-9+/=_ \n-]{0,24}",
        1 => any::<String>(),
    ];
    for_all(250, (encoded.clone(), encoded), |(user, password)| {
        service.simulator.inject(answer(&described("EloqKV", &user, &password, "h.example", 6379)));
        match service.get(client.cluster_credentials("c")) {
            Ok(credentials) => {
                prop_assert_eq!(STANDARD.encode(&credentials.username), user.as_str());
                prop_assert_eq!(STANDARD.encode(credentials.password.expose()), password.as_str());
                prop_assert!(!credentials.username.is_empty() && !credentials.password.expose().is_empty());
            }
            Err(error) => {
                let readable = |text: &str| STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                let usable = |text: &str| readable(text).is_some_and(|text| !text.is_empty());
                prop_assert!(!usable(&user) || !usable(&password), "{}", error);
                prop_assert!(matches!(error, Error::Decode(_)), "{}", error);
                let told = format!("{error} {error:#} {error:?}");
                prop_assert!(
                    [&user, &password].iter().all(|text| text.len() < 12 || !told.contains(*text)),
                    "{}",
                    told
                );
            }
        }
        // The rest of the cluster does not depend on them.
        service.simulator.inject(answer(&described("EloqKV", &user, &password, "h.example", 6379)));
        prop_assert!(service.get(client.cluster("c")).is_ok());
        Ok(())
    });
}

/// JSON whose every text is a canary.
fn canary() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::from("canary")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(inner, 0..4).prop_map(|values| values
                .into_iter()
                .enumerate()
                .map(|(n, value)| (n.to_string(), value))
                .collect()),
        ]
    })
}

#[test]
fn an_answer_of_another_form_is_located_and_never_quoted() {
    let service = Service::start(Simulator::builder().record_limit(0));
    let client = service.direct();
    let sample = described("EloqKV", "dXNlcg==", "cGFzcw==", "h.example", 6379);
    let fields: Vec<String> = sample.as_object().unwrap().keys().cloned().collect();
    for_all(250, (select(fields), proptest::option::of(canary())), |(field, value)| {
        let mut changed = sample.clone();
        match value {
            Some(value) => changed[&field] = value,
            None => drop(changed.as_object_mut().unwrap().remove(&field)),
        }
        service.simulator.inject(answer(&changed));
        if let Err(error) = service.get(client.cluster("c")) {
            let told = format!("{error} {error:?}");
            prop_assert!(!told.contains("canary") && told.contains("describe_cluster"), "{}", told);
            let Error::Decode(failure) = &error else { return Err(TestCaseError::fail(told)) };
            prop_assert!(failure.path().is_some_and(|path| path.starts_with("data")), "{}", told);
        }
        Ok(())
    });
}

#[test]
fn retry_after_is_read_clamped_or_ignored() {
    const DAY: u64 = 24 * 60 * 60;
    #[derive(Clone, Debug)]
    enum Header {
        Seconds(u64),
        FromNow(u64),
        Ago(u64),
        Other(String),
    }
    let headers = prop_oneof![
        prop_oneof![0..100u64, any::<u64>()].prop_map(Header::Seconds),
        (60..10 * DAY).prop_map(Header::FromNow),
        (1..10_000 * DAY).prop_map(Header::Ago),
        "[-+.,:;a-zA-Z][ -~]{0,30}".prop_map(Header::Other),
        "[1-9][0-9]{20,40}".prop_map(Header::Other),
    ];
    let service = Service::start(Simulator::builder().record_limit(0));
    let client = service.direct();
    for_all(200, headers, |header| {
        let now = SystemTime::now();
        let value = match &header {
            Header::Seconds(seconds) => seconds.to_string(),
            Header::FromNow(seconds) => httpdate::fmt_http_date(now + Duration::from_secs(*seconds)),
            Header::Ago(seconds) => httpdate::fmt_http_date(now - Duration::from_secs(*seconds)),
            Header::Other(text) => text.clone(),
        };
        service.simulator.inject(Fault::on(Operation::OrgInfo).status(429).header("Retry-After", value));
        let error = service.get(client.info()).unwrap_err();
        prop_assert!(matches!(error, Error::RateLimit(_)), "{}", error);
        let seconds = error.retry_after().map(|wait| wait.as_secs());
        match header {
            Header::Seconds(asked) => prop_assert_eq!(seconds, Some(asked.min(DAY))),
            // Part of the second had passed when it was written, and more may have until it was read.
            Header::FromNow(asked) => {
                let most = asked.min(DAY);
                prop_assert!(seconds.is_some_and(|seconds| (most - 20..=most).contains(&seconds)), "{:?}", seconds);
            }
            Header::Ago(_) => prop_assert_eq!(seconds, None),
            Header::Other(text) => {
                let huge = text.bytes().all(|byte| byte.is_ascii_digit());
                prop_assert_eq!(seconds, huge.then_some(DAY));
            }
        }
        Ok(())
    });
}

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
        (Some(Error::OutcomeUnknown(_)), _) => {}
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
