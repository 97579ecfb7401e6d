//! The resolution order of every setting, and the errors for invalid settings.

use std::collections::HashMap;
use std::env::VarError;

use super::*;
use crate::connection::tls;
use crate::raw::ClientInfo;

type Set = fn(EloqApiBuilder) -> EloqApiBuilder;

/// The sources of a setting, in the order of their precedence.
struct Row {
    setting: &'static str,
    /// Sets the setting explicitly.
    explicit: Set,
    /// Names another variable, which the builder then reads instead of the first.
    renamed: Option<(Set, &'static str)>,
    /// The variables, in the order of their precedence.
    variables: &'static [&'static str],
    /// The resolved value, which is `explicitly`, the second of `value`, or `default`.
    resolved: fn(&EloqApi) -> String,
    explicitly: &'static str,
    value: (&'static str, &'static str),
    default: Option<&'static str>,
    /// Sets what else a client needs.
    required: Set,
}

fn authorization(client: &EloqApi) -> String {
    match &client.raw().inner().authorizer {
        Authorizer::Fixed(authorization) => authorization.header().to_str().unwrap().to_owned(),
        Authorizer::Provided(_) => panic!("provided"),
    }
}

fn base_url(client: &EloqApi) -> String {
    client.raw().baseurl().to_owned()
}

fn read_timeout(client: &EloqApi) -> String {
    format!("{:?}", client.raw().inner().limits.timeouts.read)
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
        resolved: authorization,
        explicitly: "explicit",
        value: ("from-variable", "from-variable"),
        default: None,
        required: |builder| builder,
    },
    Row {
        setting: "token",
        explicit: |builder| builder.token("explicit"),
        renamed: Some((|builder| builder.token_env("MY_TOKEN"), "MY_TOKEN")),
        variables: &["ELOQ_OAUTH_TOKEN"],
        resolved: authorization,
        explicitly: "Bearer explicit",
        value: ("from-variable", "Bearer from-variable"),
        default: None,
        required: |builder| builder,
    },
    Row {
        setting: "base_url",
        explicit: |builder| builder.base_url("http://127.0.0.1:1"),
        renamed: Some((|builder| builder.base_url_env("MY_URL"), "MY_URL")),
        variables: &["ELOQ_BASE_URL", "ELOQ_API_URL"],
        resolved: base_url,
        explicitly: "http://127.0.0.1:1/api/v1",
        value: ("http://127.0.0.1:2/", "http://127.0.0.1:2/api/v1"),
        default: Some("https://api-prod.eloqdata.com/api/v1"),
        required: with_key,
    },
    Row {
        setting: "timeout",
        explicit: |builder| builder.timeout(Duration::from_secs(1)),
        renamed: None,
        variables: &["ELOQ_TIMEOUT"],
        resolved: read_timeout,
        explicitly: "1s",
        value: ("2000", "2s"),
        default: Some("30s"),
        required: with_key,
    },
    Row {
        setting: "org_id",
        explicit: |builder| builder.org_id(1),
        renamed: None,
        variables: &["ELOQ_ORG_ID"],
        resolved: |client| format!("{:?}", client.session().account().selection().org_id),
        explicitly: "Some(1)",
        value: ("2", "Some(2)"),
        default: Some("None"),
        required: with_key,
    },
    Row {
        setting: "project_id",
        explicit: |builder| builder.project_id(1),
        renamed: None,
        variables: &["ELOQ_PROJECT_ID"],
        resolved: |client| format!("{:?}", client.session().account().selection().project_id),
        explicitly: "Some(1)",
        value: ("2", "Some(2)"),
        default: Some("None"),
        required: with_key,
    },
];

/// Builds with these variables, and returns the names of those that the builder reads.
fn build(builder: EloqApiBuilder, variables: &[(&str, &str)]) -> (Result<EloqApi>, Vec<String>) {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    let read = std::cell::RefCell::new(Vec::new());
    let built = builder.build_with(&|name| {
        read.borrow_mut().push(name.to_owned());
        variables.get(name).map(|value| (*value).to_owned()).ok_or(VarError::NotPresent)
    });
    (built, read.into_inner())
}

fn config_error(builder: EloqApiBuilder, variables: &[(&str, &str)]) -> String {
    let error = build(builder, variables).0.unwrap_err();
    assert!(matches!(error, Error::Config { .. }), "{error:?}");
    format!("{error} {error:?}")
}

#[test]
fn an_explicit_value_overrides_every_variable() {
    for row in ROWS {
        let all: Vec<_> = row.variables.iter().map(|name| (*name, row.value.0)).collect();
        let (client, read) = build((row.explicit)((row.required)(EloqApiBuilder::default())), &all);
        assert_eq!((row.resolved)(&client.unwrap()), row.explicitly, "{}", row.setting);
        assert!(row.variables.iter().all(|name| !read.iter().any(|other| other == name)), "{}", row.setting);
    }
}

#[test]
fn a_variable_applies_if_all_earlier_ones_are_unset_or_blank() {
    for row in ROWS {
        for (index, name) in row.variables.iter().enumerate() {
            let mut variables: Vec<_> = row.variables[..index].iter().map(|earlier| (*earlier, " ")).collect();
            variables.push((name, row.value.0));
            let (client, _) = build((row.required)(EloqApiBuilder::default()), &variables);
            assert_eq!((row.resolved)(&client.unwrap()), row.value.1, "{name}");
        }
    }
}

#[test]
fn an_earlier_variable_overrides_a_later_one() {
    for row in ROWS.iter().filter(|row| row.variables.len() > 1) {
        let variables = [(row.variables[0], row.value.0), (row.variables[1], "later")];
        let (client, _) = build((row.required)(EloqApiBuilder::default()), &variables);
        assert_eq!((row.resolved)(&client.unwrap()), row.value.1, "{}", row.setting);
    }
}

#[test]
fn another_variable_name_replaces_only_the_first_variable() {
    for row in ROWS {
        let Some((rename, name)) = row.renamed else { continue };
        let renamed = rename((row.required)(EloqApiBuilder::default()));
        let (client, read) = build(renamed.clone(), &[(name, row.value.0), (row.variables[0], "ignored")]);
        assert_eq!((row.resolved)(&client.unwrap()), row.value.1, "{}", row.setting);
        assert!(!read.iter().any(|other| other == row.variables[0]), "{}", row.setting);
        for fallback in &row.variables[1..] {
            let (client, _) = build(renamed.clone(), &[(fallback, row.value.0)]);
            assert_eq!((row.resolved)(&client.unwrap()), row.value.1, "{fallback}");
        }
    }
}

#[test]
fn the_default_applies_last_and_an_error_names_the_variables_if_there_is_none() {
    for row in ROWS {
        let builder = (row.required)(EloqApiBuilder::default());
        match row.default {
            Some(default) => assert_eq!((row.resolved)(&build(builder, &[]).0.unwrap()), default, "{}", row.setting),
            None => {
                let message = config_error(builder, &[]);
                assert!(row.variables.iter().all(|name| message.contains(name)), "{message}");
            }
        }
    }
    let message = config_error(EloqApiBuilder::default().api_key_env("MY_KEY").token_env("MY_TOKEN"), &[]);
    assert!(message.contains("MY_KEY, ELOQ_API_TOKEN and MY_TOKEN are not set"), "{message}");
}

#[test]
fn a_key_overrides_a_token_and_an_explicit_token_overrides_a_key_variable() {
    let both = EloqApiBuilder::default().token("t").api_key("k");
    assert_eq!(authorization(&build(both, &[]).0.unwrap()), "k");
    let variables = [("ELOQ_OAUTH_TOKEN", "t"), ("ELOQ_API_KEY", "k")];
    assert_eq!(authorization(&build(EloqApiBuilder::default(), &variables).0.unwrap()), "k");
    let (client, read) = build(EloqApiBuilder::default().token("explicit"), &variables);
    assert_eq!(authorization(&client.unwrap()), "Bearer explicit");
    assert!(!read.iter().any(|name| name.contains("KEY") || name.contains("TOKEN")), "{read:?}");
}

#[test]
fn every_configuration_error_names_the_setting_and_never_the_value() {
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
        ("root_certificate", |builder| builder.add_root_certificate(INVALID_CERTIFICATE)),
        ("user_agent_suffix", |builder| builder.user_agent_suffix("canary\r\nx: y")),
        ("max_response_bytes", |builder| builder.max_response_bytes(0)),
        ("proxy", |builder| builder.http_client(own_client()).proxy("http://canary:1")),
        ("no_proxy", |builder| builder.http_client(own_client()).no_proxy("canary")),
        ("connect_timeout", |builder| builder.http_client(own_client()).connect_timeout(Duration::MAX)),
        ("root_certificate", |builder| builder.http_client(own_client()).add_root_certificate("canary")),
    ];
    for (setting, set) in settings {
        let message = config_error(set(with_key(EloqApiBuilder::default())), &[]);
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
        ("ELOQ_CA_BUNDLE", "/canary/missing.pem"),
        ("ELOQ_CA_BUNDLE", env!("CARGO_MANIFEST_DIR")),
        ("ELOQ_CA_BUNDLE", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
    ];
    for (name, value) in variables {
        let builder = EloqApiBuilder::default();
        let builder = match name {
            "MY_KEY" | "MY_TOKEN" => builder.api_key_env("MY_KEY").token_env("MY_TOKEN"),
            name if name.ends_with("KEY") || name.ends_with("TOKEN") => builder,
            _ => with_key(builder),
        };
        let message = config_error(builder, &[(name, value)]);
        assert!(message.starts_with(&format!("configuration: {name}: ")), "{name}: {message}");
        assert!(!message.contains("canary") && !message.contains(env!("CARGO_MANIFEST_DIR")), "{name}: {message}");
    }
}

#[test]
fn the_certificate_variable_is_read_only_for_connections_of_the_client_over_tls() {
    let reads = |builder: EloqApiBuilder| {
        let (client, read) = build(with_key(builder), &[("ELOQ_CA_BUNDLE", " ")]);
        client.unwrap();
        read.iter().any(|name| name == "ELOQ_CA_BUNDLE")
    };
    assert!(reads(EloqApiBuilder::default()));
    assert!(!reads(EloqApiBuilder::default().base_url("http://127.0.0.1:1")));
    assert!(!reads(EloqApiBuilder::default().http_client(own_client())));
}

const INVALID_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n";

fn own_client() -> reqwest::Client {
    http_client::requesting().unwrap()
}

#[test]
fn enormous_durations_are_clamped() {
    let builder = with_key(EloqApiBuilder::default()).timeout(Duration::MAX).deadline(Duration::MAX);
    let client = build(builder.connect_timeout(Duration::MAX), &[]).0.unwrap();
    assert_eq!(client.raw().inner().limits.timeouts.read, Duration::from_secs(365 * 24 * 60 * 60));
}

#[test]
fn the_builder_prints_no_secret() {
    let builder = EloqApiBuilder::default().api_key("canary").token("canary").proxy("http://u:canary@h");
    let headers = [(http::header::COOKIE, HeaderValue::from_static("canary"))].into_iter().collect();
    let client = tls::plain(reqwest::Client::builder().default_headers(headers)).unwrap().build().unwrap();
    let builder = builder.base_url("https://u:canary@h").http_client(client);
    assert!(!format!("{builder:?}").contains("canary"), "{builder:?}");
}
