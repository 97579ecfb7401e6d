//! Arguments and settings that fail before any request, names that arrive unchanged, and terminal control characters in texts.

use std::time::Duration;

use eloq_sdk::RetryPolicy;

use crate::body::described;
use crate::canary::{BODY, KEY};
use crate::row::{CREATE, Check, DELETE, READ, Row, Settings, row};
use crate::scripted::{json, ok, org_info, raw};
use crate::support::Call;

pub fn rows() -> Vec<Row> {
    [names(), numbers(), encoded_names(), settings(), durations(), terminal()].into_iter().flatten().collect()
}

fn invalid_argument(fault: &'static str, call: Call, parameter: &'static str) -> Row {
    row(fault, format!("{call:?}"), call)
        .fails("InvalidInput")
        .requests(0)
        .connections(0)
        .check(Check::Displays(parameter))
}

fn names() -> Vec<Row> {
    const LONG: &str = match std::str::from_utf8(&[b'a'; 256]) {
        Ok(text) => text,
        Err(_) => "",
    };
    let names = ["", ".", "..", "a\\b", "a\nb", "a\0b", "a\u{1b}[31m", "a\u{7f}", "a\u{85}", LONG];
    let calls = |name| {
        let create = Call::Create { name, region: "us-west-1", sku_id: 101, zone: None };
        [Call::Cluster(name), Call::Credentials(name), Call::Delete(name), Call::Start(name), create]
    };
    names.into_iter().flat_map(calls).map(|call| invalid_argument("names", call, "cluster_name")).collect()
}

fn numbers() -> Vec<Row> {
    let create = |sku_id| Call::Create { name: "new", region: "us-west-1", sku_id, zone: None };
    let page = |page, per_page| Call::Clusters { page, per_page };
    vec![
        invalid_argument("page, per_page, sku_id", page(0, 20), "page"),
        invalid_argument("page, per_page, sku_id", page(1, 0), "per_page"),
        invalid_argument("page, per_page, sku_id", page(1, 51), "per_page"),
        invalid_argument("page, per_page, sku_id", page(1, u32::MAX), "per_page"),
        invalid_argument("page, per_page, sku_id", create(-1), "sku_id"),
        invalid_argument("page, per_page, sku_id", create(i64::MIN), "sku_id"),
        // Which ids there are is for the service to say.
        row("page, per_page, sku_id", "SKU 0 is sent", create(0)).responds([ok("null")]),
    ]
}

fn encoded_names() -> Vec<Row> {
    let names = [
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("a?b=c", "a%3Fb=c"),
        ("a#b", "a%23b"),
        ("../../org-info", "..%2F..%2Forg-info"),
        ("größer 大", "gr%C3%B6%C3%9Fer%20%E5%A4%A7"),
        ("%2e%2e", "%252e%252e"),
    ];
    let mut rows = Vec::new();
    for (name, encoded) in names {
        let path: &str = format!("/api/v1/orgs/1/projects/147/clusters/{encoded}").leak();
        let described = row("encoded names", format!("describe {name}"), Call::Cluster(name)).responds([described()]);
        rows.push(described.check(Check::Target(path)));
        let deleted = row("encoded names", format!("delete {name}"), Call::Delete(name));
        rows.push(deleted.check(Check::Target(format!("{path}/delete").leak())));
    }
    rows
}

fn invalid_setting(fault: &'static str, case: &str, setting: &'static str, change: impl FnOnce(&mut Settings)) -> Row {
    let row = row(fault, case, READ).set(change).fails("Config").requests(0).connections(0);
    row.check(Check::Displays(setting))
}

fn settings() -> Vec<Row> {
    let mut rows = Vec::new();
    let keys = [
        ("empty", String::new()),
        ("blank", " \t".to_owned()),
        ("line break", format!("{KEY}\r\n{BODY}: x")),
        ("line break at the end", format!("{KEY}\n")),
        ("NUL", format!("{KEY}\0")),
        ("space", format!("{KEY} {BODY}")),
        ("not ASCII", format!("{KEY}é")),
    ];
    for (case, key) in keys {
        rows.push(invalid_setting("key", case, "api_key", |settings| settings.key = key));
    }
    let urls = [
        ("query", format!("http://127.0.0.1:1?{BODY}")),
        ("fragment", format!("http://127.0.0.1:1#{BODY}")),
        ("user info", format!("http://{BODY}:{KEY}@127.0.0.1:1")),
        ("user", format!("https://{BODY}@h")),
        ("no host", "https://".to_owned()),
        ("no host but a path", "https:///api/v1".to_owned()),
        ("another scheme", format!("ftp://{BODY}")),
        ("no scheme", BODY.to_owned()),
        ("empty", String::new()),
        ("bad port", format!("http://{BODY}:99999")),
    ];
    for (case, url) in urls {
        rows.push(invalid_setting("base URL", case, "base_url", |settings| settings.base_url = Some(url)));
    }
    for host in ["example.com", "127.0.0.1.example.com", "0.0.0.0", "192.168.0.1", "[::ffff:10.0.0.1]"] {
        let url = format!("http://{host}:1");
        let plain = invalid_setting("plain http to a non-loopback host", host, "base_url", |settings| {
            settings.base_url = Some(url)
        });
        rows.push(plain.check(Check::Displays("use https")));
    }
    rows
}

fn durations() -> Vec<Row> {
    const FAULT: &str = "zero or enormous durations";
    let policy = |change: fn(RetryPolicy) -> RetryPolicy| {
        move |settings: &mut Settings| {
            settings.policy = change(RetryPolicy::default());
        }
    };
    let enormous = |settings: &mut Settings| {
        let max = Duration::MAX;
        (settings.timeout, settings.connect_timeout, settings.deadline) = (max, max, max);
        settings.policy = RetryPolicy::default().backoff(max).throttled_backoff(max).max_backoff(max);
    };
    let tiny = |settings: &mut Settings| {
        let least = Duration::from_nanos(1);
        settings.policy = RetryPolicy::default().backoff(least).throttled_backoff(least).max_backoff(least);
    };
    let many_retries =
        |settings: &mut Settings| settings.policy = crate::row::quick().max_retries(u32::MAX).budget(u32::MAX);
    let unavailable = || json(503, "");
    vec![
        invalid_setting(FAULT, "timeout", "timeout", |settings| settings.timeout = Duration::ZERO),
        invalid_setting(FAULT, "connect_timeout", "connect_timeout", |settings| {
            settings.connect_timeout = Duration::ZERO
        }),
        invalid_setting(FAULT, "deadline", "deadline", |settings| settings.deadline = Duration::ZERO),
        invalid_setting(FAULT, "backoff", "retry", policy(|policy| policy.backoff(Duration::ZERO))),
        invalid_setting(FAULT, "throttled_backoff", "retry", policy(|policy| policy.throttled_backoff(Duration::ZERO))),
        invalid_setting(FAULT, "max_backoff", "retry", policy(|policy| policy.max_backoff(Duration::ZERO))),
        duration("enormous").set(enormous).responds([ok("[]")]),
        row(FAULT, "enormous, create", CREATE).set(enormous),
        // Hardly one backoff in 10^12 is short enough to end before the deadline.
        duration("enormous, then an error").set(enormous).responds([unavailable()]).fails("Server"),
        duration("tiny waits").set(tiny).responds([unavailable(), unavailable(), ok("[]")]).requests(3),
        duration("retries without end")
            .set(many_retries)
            .responds([unavailable(), unavailable(), unavailable(), unavailable(), unavailable(), ok("[]")])
            .requests(6),
        duration("a deadline of one nanosecond")
            .set(|settings| settings.deadline = Duration::from_nanos(1))
            .requests_up_to(1)
            .fails("Timeout")
            .within(1000),
    ]
}

fn duration(case: &str) -> Row {
    row("zero or enormous durations", case, READ)
}

fn terminal() -> Vec<Row> {
    const FAULT: &str = "terminal";
    // Every row checks its texts for control characters; here all displayed fields contain them.
    let hostile = r"\u001b[31m\u001b]0;title\u0007\r\n\u0000\u202e\u2066\u200f\u009b2J";
    let response = |status: u16| json(status, format!(r#"{{"code":{status},"message":"a{hostile}b","data":null}}"#));
    let mut rows = Vec::new();
    for status in [400, 401, 403, 404, 409, 418, 429, 500] {
        let failed = row(FAULT, format!("message of a {status}"), CREATE).responds([response(status)]);
        let failed =
            failed.set(|settings| settings.policy = RetryPolicy::none()).check(Check::Displays(r"a\u{1b}[31m"));
        rows.push(match status {
            400 => failed.fails("Validation"),
            401 => failed.fails("Authentication"),
            403 => failed.fails("Permission"),
            404 => failed.fails("NotFound"),
            409 => failed.fails("Conflict"),
            429 => failed.fails("RateLimit"),
            500 => failed.fails("Server").list_requests(1),
            _ => failed.fails("Api"),
        });
    }
    for call in [CREATE, DELETE] {
        let response = json(200, format!(r#"{{"code":200,"message":"a{hostile}b","data":null}}"#));
        let accepted = row(FAULT, format!("message of a success, {call:?}"), call).responds([response]);
        rows.push(accepted.check(Check::Returns(
            "",
            r"a\u{1b}[31m\u{1b}]0;title\u{7}\u{d}\u{a}\u{0}\u{202e}\u{2066}\u{200f}\u{9b}2Jb".into(),
        )));
    }
    let kind =
        raw("HTTP/1.1 200 x\r\ncontent-type: text/\u{202e}\r\ncontent-length: 1\r\nx-request-id: \u{202e}r\r\n\r\n<");
    rows.push(row(FAULT, "content type and request id", READ).responds([kind]).fails("Decode"));
    let project = |name: &str| match &org_info().0[..] {
        [crate::scripted::Step::Write(bytes)] => {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let body = text.split_once("\r\n\r\n").unwrap().1;
            json(200, body.replace(r#""project_name":"p""#, &format!(r#""project_name":"{name}""#)))
        }
        _ => unreachable!("the account response is a single write"),
    };
    let unknown = row(FAULT, "name of a project", Call::FirstClusters).on("org_info", [project(hostile)]).requests(0);
    rows.push(
        unknown.set(|settings| settings.project_id = Some(5)).fails("Config").check(Check::Displays(r"147 (\u{1b}")),
    );
    rows
}
