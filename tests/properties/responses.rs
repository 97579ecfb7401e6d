//! Responses: bodies of another schema, and `Retry-After` headers.

use std::time::{Duration, SystemTime};

use eloq_sdk::Error;
use eloq_sdk::schema::SimpleProjectInfo;
use eloq_sdk::simulator::{Fault, Operation, Simulator};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::{Service, describe_response, described, for_all};

/// JSON in which every text value is a canary.
fn canary() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Others are read with an error of up to one unit in the last place.
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        Just(Value::from("canary")),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
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
fn unknown_fields_are_kept_as_they_are() {
    for_all(500, (canary(), canary()), |(one, other)| {
        let json = serde_json::json!({
            "one \"\n": one, "project_id": 147, "create_at": "2025-08-20 08:20:21", "project_name": "p", "other": other
        });
        let project: SimpleProjectInfo = serde_json::from_str(&json.to_string()).unwrap();
        prop_assert_eq!((project.project_id, project.extra.len()), (147, 2));
        prop_assert_eq!((&project.extra["one \"\n"], &project.extra["other"]), (&one, &other));
        prop_assert_eq!(format!("{:?}", project.extra), r#"{"one \"\n", "other"}"#);
        prop_assert_eq!(serde_json::from_value::<SimpleProjectInfo>(json).unwrap(), project);
        Ok(())
    });
}

#[test]
fn a_decode_error_has_the_path_of_the_mismatch_and_never_its_value() {
    let service = Service::start(Simulator::builder().record_limit(0));
    let client = service.client_without_retries();
    let sample = described("EloqKV", "dXNlcg==", "cGFzcw==", "h.example", 6379);
    let fields: Vec<String> = sample.as_object().unwrap().keys().cloned().collect();
    for_all(250, (select(fields), proptest::option::of(canary())), |(field, value)| {
        let mut changed = sample.clone();
        match value {
            Some(value) => changed[&field] = value,
            None => drop(changed.as_object_mut().unwrap().remove(&field)),
        }
        service.simulator.inject(describe_response(&changed));
        if let Err(error) = service.block_on(client.cluster("c")) {
            let text = format!("{error} {error:?}");
            prop_assert!(!text.contains("canary") && text.contains("describe_cluster"), "{}", text);
            let Error::Decode { failure, .. } = &error else { return Err(TestCaseError::fail(text)) };
            prop_assert!(failure.path().is_some_and(|path| path.starts_with("data")), "{}", text);
        }
        Ok(())
    });
}

#[test]
fn retry_after_is_parsed_clamped_or_ignored() {
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
    let client = service.client_without_retries();
    for_all(200, headers, |header| {
        let now = SystemTime::now();
        let value = match &header {
            Header::Seconds(seconds) => seconds.to_string(),
            Header::FromNow(seconds) => httpdate::fmt_http_date(now + Duration::from_secs(*seconds)),
            Header::Ago(seconds) => httpdate::fmt_http_date(now - Duration::from_secs(*seconds)),
            Header::Other(text) => text.clone(),
        };
        service.simulator.inject(Fault::on(Operation::OrgInfo).status(429).header("Retry-After", value));
        let error = service.block_on(client.info()).unwrap_err();
        prop_assert!(matches!(error, Error::RateLimit { .. }), "{}", error);
        let seconds = error.retry_after().map(|wait| wait.as_secs());
        match header {
            Header::Seconds(requested) => prop_assert_eq!(seconds, Some(requested.min(DAY))),
            // HTTP dates have whole seconds, and time passes until the client reads the header.
            Header::FromNow(requested) => {
                let most = requested.min(DAY);
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
