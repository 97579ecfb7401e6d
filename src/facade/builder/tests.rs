//! The resolution order, cell by cell, and the refusals.

use std::collections::HashMap;
use std::env::VarError;

use super::*;
use crate::connection::tls;
use crate::raw::ClientInfo;

type Set = fn(EloqApiBuilder) -> EloqApiBuilder;

/// Every place that a setting can come from, in the order in which they win.
struct Row {
    setting: &'static str,
    /// Sets it explicitly.
    explicit: Set,
    /// Names another variable, which must then be looked at in the place of the first.
    renamed: Option<(Set, &'static str)>,
    /// The variables.
    variables: &'static [&'static str],
    /// What the explicit value, the variables (`value`) and the default lead to.
    seen: fn(&EloqApi) -> String,
    explicitly: &'static str,
    value: (&'static str, &'static str),
    default: Option<&'static str>,
    /// What else must be set for a client to be built.
    besides: Set,
}

fn authorization(client: &EloqApi) -> String {
    client.raw().inner().authorization.header().to_str().unwrap().to_owned()
}

fn base_url(client: &EloqApi) -> String {
    client.raw().baseurl().to_owned()
}

fn read_timeout(client: &EloqApi) -> String {
    format!("{:?}", client.raw().inner().limits.read_timeout)
}

fn with_key(builder: EloqApiBuilder) -> EloqApiBuilder {
    builder.api_key("some-key")
}

const ROWS: &[Row] = &[
    Row {
        setting: "api_key",
        explicit: |builder| builder.api_key("explicit"),
        renamed: Some((|builder| builder.api_key_env("MY_KEY"), "MY_KEY")),
        variables: &["ELOQ_API_KEY", "ELOQ_API_TOKEN"],
        seen: authorization,
        explicitly: "explicit",
        value: ("from-variable", "from-variable"),
        default: None,
        besides: |builder| builder,
    },
    Row {
        setting: "token",
        explicit: |builder| builder.token("explicit"),
        renamed: Some((|builder| builder.token_env("MY_TOKEN"), "MY_TOKEN")),
        variables: &["ELOQ_OAUTH_TOKEN"],
        seen: authorization,
        explicitly: "Bearer explicit",
        value: ("from-variable", "Bearer from-variable"),
        default: None,
        besides: |builder| builder,
    },
    Row {
        setting: "base_url",
        explicit: |builder| builder.base_url("http://127.0.0.1:1"),
        renamed: Some((|builder| builder.base_url_env("MY_URL"), "MY_URL")),
        variables: &["ELOQ_BASE_URL", "ELOQ_API_URL"],
        seen: base_url,
        explicitly: "http://127.0.0.1:1/api/v1",
        value: ("http://127.0.0.1:2/", "http://127.0.0.1:2/api/v1"),
        default: Some("https://api-prod.eloqdata.com/api/v1"),
        besides: with_key,
    },
    Row {
        setting: "timeout",
        explicit: |builder| builder.timeout(Duration::from_secs(1)),
        renamed: None,
        variables: &["ELOQ_TIMEOUT"],
        seen: read_timeout,
        explicitly: "1s",
        value: ("2000", "2s"),
        default: Some("30s"),
        besides: with_key,
    },
    Row {
        setting: "org_id",
        explicit: |builder| builder.org_id(1),
        renamed: None,
        variables: &["ELOQ_ORG_ID"],
        seen: |client| format!("{:?}", client.session().account().selection().org_id),
        explicitly: "Some(1)",
        value: ("2", "Some(2)"),
        default: Some("None"),
        besides: with_key,
    },
    Row {
        setting: "project_id",
        explicit: |builder| builder.project_id(1),
        renamed: None,
        variables: &["ELOQ_PROJECT_ID"],
        seen: |client| format!("{:?}", client.session().account().selection().project_id),
        explicitly: "Some(1)",
        value: ("2", "Some(2)"),
        default: Some("None"),
        besides: with_key,
    },
];

/// Builds with these variables, and tells which were looked at.
fn build(builder: EloqApiBuilder, variables: &[(&str, &str)]) -> (Result<EloqApi>, Vec<String>) {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    let looked = std::cell::RefCell::new(Vec::new());
    let built = builder.build_with(&|name| {
        looked.borrow_mut().push(name.to_owned());
        variables.get(name).map(|value| (*value).to_owned()).ok_or(VarError::NotPresent)
    });
    (built, looked.into_inner())
}

fn refusal(builder: EloqApiBuilder, variables: &[(&str, &str)]) -> String {
    let error = build(builder, variables).0.unwrap_err();
    assert!(matches!(error, Error::Config { .. }), "{error:?}");
    format!("{error} {error:?}")
}

#[test]
fn an_explicit_value_wins_over_every_variable() {
    for row in ROWS {
        let all: Vec<_> = row.variables.iter().map(|name| (*name, row.value.0)).collect();
        let (client, looked) = build((row.explicit)((row.besides)(EloqApiBuilder::default())), &all);
        assert_eq!((row.seen)(&client.unwrap()), row.explicitly, "{}", row.setting);
        assert!(row.variables.iter().all(|name| !looked.iter().any(|seen| seen == name)), "{}", row.setting);
    }
}

#[test]
fn each_variable_counts_when_those_before_it_are_unset_or_blank() {
    for row in ROWS {
        for (place, name) in row.variables.iter().enumerate() {
            let mut variables: Vec<_> = row.variables[..place].iter().map(|earlier| (*earlier, " ")).collect();
            variables.push((name, row.value.0));
            let (client, _) = build((row.besides)(EloqApiBuilder::default()), &variables);
            assert_eq!((row.seen)(&client.unwrap()), row.value.1, "{name}");
        }
    }
}

#[test]
fn an_earlier_variable_wins_over_a_later_one() {
    for row in ROWS.iter().filter(|row| row.variables.len() > 1) {
        let variables = [(row.variables[0], row.value.0), (row.variables[1], "later")];
        let (client, _) = build((row.besides)(EloqApiBuilder::default()), &variables);
        assert_eq!((row.seen)(&client.unwrap()), row.value.1, "{}", row.setting);
    }
}

#[test]
fn another_name_replaces_the_first_variable_and_no_other() {
    for row in ROWS {
        let Some((rename, name)) = row.renamed else { continue };
        let renamed = rename((row.besides)(EloqApiBuilder::default()));
        let (client, looked) = build(renamed.clone(), &[(name, row.value.0), (row.variables[0], "ignored")]);
        assert_eq!((row.seen)(&client.unwrap()), row.value.1, "{}", row.setting);
        assert!(!looked.iter().any(|seen| seen == row.variables[0]), "{}", row.setting);
        for fallback in &row.variables[1..] {
            let (client, _) = build(renamed.clone(), &[(fallback, row.value.0)]);
            assert_eq!((row.seen)(&client.unwrap()), row.value.1, "{fallback}");
        }
    }
}

#[test]
fn the_default_counts_last_and_without_one_the_variables_are_named() {
    for row in ROWS {
        let builder = (row.besides)(EloqApiBuilder::default());
        match row.default {
            Some(default) => assert_eq!((row.seen)(&build(builder, &[]).0.unwrap()), default, "{}", row.setting),
            None => {
                let message = refusal(builder, &[]);
                assert!(row.variables.iter().all(|name| message.contains(name)), "{message}");
            }
        }
    }
    let message = refusal(EloqApiBuilder::default().api_key_env("MY_KEY").token_env("MY_TOKEN"), &[]);
    assert!(message.contains("MY_KEY, ELOQ_API_TOKEN and MY_TOKEN are not set"), "{message}");
}

#[test]
fn a_key_wins_over_a_token_and_an_explicit_token_over_a_variable_with_a_key() {
    let both = EloqApiBuilder::default().token("t").api_key("k");
    assert_eq!(authorization(&build(both, &[]).0.unwrap()), "k");
    let variables = [("ELOQ_OAUTH_TOKEN", "t"), ("ELOQ_API_KEY", "k")];
    assert_eq!(authorization(&build(EloqApiBuilder::default(), &variables).0.unwrap()), "k");
    let (client, looked) = build(EloqApiBuilder::default().token("explicit"), &variables);
    assert_eq!(authorization(&client.unwrap()), "Bearer explicit");
    assert!(!looked.iter().any(|name| name.contains("KEY") || name.contains("TOKEN")), "{looked:?}");
}

#[test]
fn every_refusal_names_the_setting_and_never_the_value() {
    let settings: &[(&str, Set)] = &[
        ("api_key", |builder| builder.api_key("canary canary")),
        ("base_url", |builder| builder.base_url("canary")),
        ("api_key_env", |builder| builder.api_key_env("canary=")),
        ("token_env", |builder| builder.token_env(" ")),
        ("base_url_env", |builder| builder.base_url_env("canary\0")),
        ("timeout", |builder| builder.timeout(Duration::ZERO)),
        ("connect_timeout", |builder| builder.connect_timeout(Duration::ZERO)),
        ("deadline", |builder| builder.deadline(Duration::ZERO)),
        ("proxy", |builder| builder.proxy("http://canary:canary")),
        ("root_certificate", |builder| builder.add_root_certificate("canary")),
        ("root_certificate", |builder| builder.add_root_certificate(NO_CERTIFICATE)),
        ("user_agent_suffix", |builder| builder.user_agent_suffix("canary\r\nx: y")),
        ("max_response_bytes", |builder| builder.max_response_bytes(0)),
        ("proxy", |builder| builder.http_client(own_client()).proxy("http://canary:1")),
        ("no_proxy", |builder| builder.http_client(own_client()).no_proxy("canary")),
        ("connect_timeout", |builder| builder.http_client(own_client()).connect_timeout(Duration::MAX)),
        ("root_certificate", |builder| builder.http_client(own_client()).add_root_certificate("canary")),
    ];
    for (setting, set) in settings {
        let message = refusal(set(with_key(EloqApiBuilder::default())), &[]);
        assert!(message.contains(setting), "{setting}: {message}");
        assert!(!message.contains("canary"), "{setting}: {message}");
    }
    let variables = [
        ("ELOQ_API_KEY", "canary canary"),
        ("ELOQ_API_TOKEN", "canary\n"),
        ("ELOQ_OAUTH_TOKEN", "canary canary"),
        ("MY_KEY", "canary canary"),
        ("MY_TOKEN", "canary canary"),
        ("ELOQ_BASE_URL", "canary"),
        ("ELOQ_API_URL", "http://canary"),
        ("ELOQ_TIMEOUT", "canary"),
        ("ELOQ_TIMEOUT", "0"),
        ("ELOQ_ORG_ID", "canary"),
        ("ELOQ_PROJECT_ID", "canary"),
        ("HTTPS_PROXY", "ftp://canary"),
    ];
    for (name, value) in variables {
        let builder = EloqApiBuilder::default();
        let builder = match name {
            "MY_KEY" | "MY_TOKEN" => builder.api_key_env("MY_KEY").token_env("MY_TOKEN"),
            name if name.ends_with("KEY") || name.ends_with("TOKEN") => builder,
            _ => with_key(builder),
        };
        let message = refusal(builder, &[(name, value)]);
        assert!(message.starts_with(&format!("configuration: {name}: ")), "{name}: {message}");
        assert!(!message.contains("canary"), "{name}: {message}");
    }
}

const NO_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n";

fn own_client() -> reqwest::Client {
    http_client::requesting().unwrap()
}

#[test]
fn enormous_durations_are_as_good_as_none() {
    let builder = with_key(EloqApiBuilder::default()).timeout(Duration::MAX).deadline(Duration::MAX);
    let client = build(builder.connect_timeout(Duration::MAX), &[]).0.unwrap();
    assert_eq!(client.raw().inner().limits.read_timeout, MAX_DURATION);
}

#[test]
fn the_builder_prints_no_secret() {
    let builder = EloqApiBuilder::default().api_key("canary").token("canary").proxy("http://u:canary@h");
    let headers = [(http::header::COOKIE, HeaderValue::from_static("canary"))].into_iter().collect();
    let client = tls::plain(reqwest::Client::builder().default_headers(headers)).unwrap().build().unwrap();
    let builder = builder.base_url("https://u:canary@h").http_client(client);
    assert!(!format!("{builder:?}").contains("canary"), "{builder:?}");
}
