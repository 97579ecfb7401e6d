//! `eloq doctor`: each planted fault is named, and a report has nothing of the account.

#[path = "../../tests/connection/tap.rs"]
#[allow(dead_code, reason = "shared with the tests of the SDK")]
mod tap;
#[path = "../../tests/connection/tls_server.rs"]
#[allow(dead_code, reason = "shared with the tests of the SDK")]
mod tls_server;

mod support;

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

use eloq_sdk::simulator::{DateHeader, Fault, Operation, Simulator};
use serde_json::{Value, json};
use support::{Eloq, Run, run};
use tls_server::{Authority, TlsServer};

const CANARY: &str = "CANARY";

fn cloud() -> Eloq {
    Eloq::with(Simulator::builder().cluster("orders"))
}

/// The tool that asks another service.
fn doctor_of(eloq: &Eloq, base_url: &str) -> Command {
    eloq.command(&["doctor", "-o", "json", "--request-timeout", "1s", "--base-url", base_url])
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error} in {run:?}"))
}

fn status(document: &Value, name: &str) -> String {
    let checks = document["checks"].as_array().expect("an array of checks");
    let check = checks.iter().find(|check| check["name"] == name);
    check.and_then(|check| check["status"].as_str()).unwrap_or_default().to_owned()
}

/// Expects that a check is the first that failed, with this exit code, and that each check has a result.
fn expect_failure(run: &Run, name: &str, codes: &[i32]) -> Value {
    let document = document(run);
    let checks = document["checks"].as_array().unwrap();
    let first = checks.iter().find(|check| check["status"] == "fail").expect("a check failed");
    assert_eq!((&first["name"], &document["ok"], checks.len()), (&json!(name), &json!(false), 15), "{run:?}");
    assert!(codes.contains(&run.code) && first["exit_code"] == run.code, "{run:?}");
    let error = run.error();
    assert!(error["message"].as_str().unwrap().starts_with(&format!("{name}: ")), "{error}");
    document
}

#[test]
fn a_service_that_works_passes_every_check_and_is_only_read() {
    let eloq = cloud();
    let table = eloq.ok(&["doctor"]);
    assert!(table.starts_with("ok    configuration  ") && table.contains("\nok    schema         "), "{table}");
    assert!(table.contains("\nskip  tls            plain http"), "{table}");
    let document = eloq.json(&["doctor"]);
    for name in ["dns", "tcp", "http", "clock", "key", "organization", "project", "list", "describe", "skus"] {
        assert_eq!(status(&document, name), "ok", "{name}: {document}");
    }
    assert_eq!((&document["ok"], &document["deviations"]), (&json!(true), &json!([])));
    assert!(eloq.simulator.requests().iter().all(|request| request.method() == "GET"));
    assert_eq!(eloq.ok(&["doctor", "-o", "name"]).lines().count(), 15);
    assert_eq!(eloq.json(&["doctor", "--columns", "name,status"])[14], json!({"name": "schema", "status": "ok"}));
}

#[test]
fn a_fault_of_the_network_is_named() {
    let eloq = cloud();
    let unresolved = run(&mut doctor_of(&eloq, "https://eloq.invalid/"));
    let unresolved = expect_failure(&unresolved, "dns", &[8, 9]);
    assert_eq!(status(&unresolved, "key"), "skip");

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    expect_failure(&run(&mut doctor_of(&eloq, &format!("http://{closed}/"))), "tcp", &[8]);

    // The connection is made, and nothing comes.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let start = Instant::now();
    let black_hole = run(&mut doctor_of(&eloq, &url));
    expect_failure(&black_hole, "http", &[9]);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());

    let proxied = run(doctor_of(&eloq, "https://eloq.invalid/").env("HTTPS_PROXY", format!("http://{closed}")));
    expect_failure(&proxied, "proxy", &[8]);
}

#[test]
fn a_certificate_that_is_not_accepted_is_named() {
    let eloq = cloud();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let upstream: SocketAddr = eloq.simulator.base_url().split('/').nth(2).unwrap().parse().unwrap();
    let authority = Authority::new("An unknown authority");
    let server = runtime.block_on(TlsServer::start(authority.issue("localhost"), upstream));
    expect_failure(&run(&mut doctor_of(&eloq, &server.url())), "tls", &[8]);

    let bundle = eloq.directory.path().join("ca.pem");
    std::fs::write(&bundle, authority.pem()).unwrap();
    let trusted = run(doctor_of(&eloq, &server.url()).env("ELOQ_CA_BUNDLE", bundle));
    assert_eq!((trusted.code, status(&document(&trusted), "tls")), (0, "ok".to_owned()), "{trusted:?}");
}

#[test]
fn a_fault_of_the_account_is_named() {
    let eloq = cloud();
    let doctor = ["doctor", "-o", "json"];
    expect_failure(&run(eloq.without_key(&doctor).env("ELOQ_API_KEY", "wrong")), "key", &[4]);
    expect_failure(&run(&mut eloq.without_key(&doctor)), "configuration", &[3]);
    for project in ["999", "no-such-project"] {
        let run = eloq.run(&[&doctor[..], &["--project", project]].concat());
        let document = expect_failure(&run, "project", &[3]);
        assert_eq!((status(&document, "list"), status(&document, "skus")), ("skip".to_owned(), "ok".to_owned()));
    }
    eloq.simulator.set_date_header(DateHeader::Fast(Duration::from_secs(3600)));
    let skewed = expect_failure(&eloq.run(&doctor), "clock", &[1]);
    assert_eq!(status(&skewed, "skus"), "ok");
    eloq.simulator.set_date_header(DateHeader::Absent);
    assert_eq!(eloq.run(&doctor).code, 0);
    eloq.simulator.inject(Fault::on(Operation::ListSkus).status(500));
    expect_failure(&eloq.run(&doctor), "skus", &[1]);
}

#[test]
fn another_form_of_a_response_is_named_by_its_path() {
    let eloq = cloud();
    let item = json!({"cluster_name": "orders", "cloud_provider": 5});
    let list = json!({"code": 0, "message": "", "data": {"cluster_list": [item], "total": 1}}).to_string();
    eloq.simulator.inject(Fault::on(Operation::ListClusters).times(2).reply(200, "application/json", list));
    let run = eloq.run(&["doctor", "-o", "json"]);
    // The library names the first value that it cannot read; the comparison names all.
    let document = document(&run);
    assert_eq!((run.code, status(&document, "list"), status(&document, "schema")), (1, "fail".into(), "fail".into()));
    let deviations = document["deviations"].to_string();
    assert!(
        deviations.contains("data.cluster_list[].cloud_provider") && deviations.contains("missing_field"),
        "{run:?}"
    );

    eloq.simulator.clear_faults();
    eloq.simulator.inject(Fault::on(Operation::OrgInfo).always().wrong_schema());
    expect_failure(&eloq.run(&["doctor", "-o", "json"]), "version", &[1]);

    // What is new breaks nothing.
    let newer = Eloq::with(Simulator::builder().cluster("orders").extra_fields(true).unknown_values(true));
    let document = newer.json(&["doctor"]);
    let deviations = document["deviations"].to_string();
    assert_eq!(status(&document, "schema"), "warn");
    assert!(deviations.contains("unknown_field") && deviations.contains("unknown_value"), "{deviations}");
}

/// Every text is a canary, and every list and object keeps its form.
fn plant(value: &mut Value) {
    match value {
        Value::String(text) => *text = CANARY.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(plant),
        Value::Object(fields) => fields.values_mut().for_each(plant),
        _ => {}
    }
}

#[cfg(unix)]
#[test]
fn the_report_has_nothing_of_the_account() {
    let eloq = Eloq::with(Simulator::builder().cluster("orders").extra_fields(true).api_key("CANARY-key"));
    let skus = "/skus-by-args?type=serverless&eloqModule=eloqkv&cloudProvider=aws";
    let cluster = "/orgs/1/projects/147/clusters";
    for (operation, path) in [
        (Operation::OrgInfo, "/org-info"),
        (Operation::ListSkus, skus),
        (Operation::ListClusters, &format!("{cluster}?page=1&perPage=50")),
        (Operation::DescribeCluster, &format!("{cluster}/orders")),
    ] {
        let mut response = eloq.json(&["api", "GET", path]);
        plant(&mut response);
        let planted = Fault::on(operation).always().reply(200, "application/json", response.to_string());
        eloq.simulator.inject(planted.header("x-request-id", CANARY));
    }
    let variables = ["ELOQ_PROFILE", "NO_PROXY", "HTTPS_PROXY", "ELOQ_OAUTH_TOKEN_FILE", "USER", "HOSTNAME"]
        .map(|name| (name, CANARY));
    let settings = eloq.directory.path().join("eloq");
    std::fs::create_dir(&settings).unwrap();
    std::fs::write(settings.join("config.toml"), format!("[profiles.{CANARY}]\n")).unwrap();
    let report = eloq.directory.path().join("report.json");
    let mut command = eloq.command(&[]);
    command.envs(variables).args(["doctor", "--report", report.to_str().unwrap()]);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg("umask 000; exec \"$0\" \"$@\"").arg(command.get_program()).args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let told = run(&mut shell);
    assert!(told.stdout.contains(CANARY) && told.stderr.contains("the report is in"), "{told:?}");
    let text = std::fs::read_to_string(&report).unwrap();
    assert!(!text.contains(CANARY) && !text.contains("127.0.0.1") && !text.contains("orders"), "{text}");
    let written: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (status(&written, "schema"), &written["os"]),
        ("warn".to_owned(), &json!(std::env::consts::OS)),
        "{text}"
    );
    for part in ["unknown_value", "new_field", "\"HTTPS_PROXY\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(report.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let nowhere = eloq.run(&["doctor", "--report", "/no-such-folder/report.json"]);
    assert!(nowhere.code == 1 && nowhere.stderr.contains("cannot write the report"), "{nowhere:?}");
}
