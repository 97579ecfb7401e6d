//! Error statuses, and statuses that have no meaning in this API.

use std::time::{Duration, SystemTime};

use crate::canary::{BODY, KEY, page};
use crate::row::{CREATE, Check, DELETE, READ, Row, row};
use crate::scripted::{Response, Step, headers, html, json, ok, raw, typed};
use crate::support::Call;
use crate::writes::listed;

pub fn rows() -> Vec<Row> {
    [server_errors(), throttled(), client_errors(), accepted(), error_codes(), unexpected()]
        .into_iter()
        .flatten()
        .collect()
}

/// The responses of a gateway or the service with this status.
fn bodies(status: u16) -> Vec<(&'static str, Response)> {
    let own = format!(r#"{{"code":{status},"message":"no {KEY}","data":"{BODY}"}}"#);
    let other = format!(r#"{{"error":{{"detail":"{BODY}"}},"message":["{BODY}"]}}"#);
    vec![
        ("JSON", json(status, own).header("x-request-id", "r-1")),
        ("HTML", html(status, page()).header("x-request-id", "r-1")),
        ("empty", headers(status, &[("x-request-id", "r-1")])),
        ("another schema", json(status, other).header("x-request-id", "r-1")),
        ("cut", html(status, page()).header("x-request-id", "r-1").truncated(5)),
    ]
}

fn server_errors() -> Vec<Row> {
    let mut rows = Vec::new();
    for status in [500, 502, 503, 504] {
        for (case, response) in bodies(status) {
            let named = |call, response: Response| {
                let row = row("500, 502, 503, 504", format!("{status} {case}, {call:?}"), call).responds([response]);
                row.check(Check::Status(status)).check(Check::RequestId("r-1"))
            };
            let read = named(READ, response.clone()).fails("Server").requests(4).check(Check::Attempts(4));
            rows.push(read.check(Check::Displays("list_skus: HTTP 5")));
            let again = row("500, 502, 503, 504", format!("{status} {case}, recovers"), READ);
            rows.push(again.responds([response.clone(), ok("[]")]).requests(2));
            for call in [CREATE, DELETE] {
                let list = |status| listed("old", "us-west-1", status);
                let write = |status| named(call, response.clone()).on("list_clusters", [list(status)]);
                rows.push(match status {
                    500 | 503 => write("available").fails("Server").list_requests(1),
                    _ => write("unavailable").stays_unknown(),
                });
            }
            if matches!(status, 500 | 503) {
                let deleting = listed("old", "us-west-1", "unavailable");
                let case = format!("{status} {case}, delete that may be under way");
                let delete = row("500, 502, 503, 504", case, DELETE).responds([response.clone()]);
                rows.push(delete.on("list_clusters", [deleting]).fails("OutcomeUnknown").list_requests(1));
            }
            let start = named(Call::Start("old"), response);
            rows.push(start.fails(if matches!(status, 500 | 503) { "Server" } else { "OutcomeUnknown" }));
        }
    }
    rows
}

fn throttled() -> Vec<Row> {
    const DAY: u64 = 24 * 60 * 60;
    const FAR_OFF: &str = "Fri, 31 Dec 2100 23:59:59 GMT";
    let throttled = |value: &str| json(429, r#"{"code":429,"message":"slowly"}"#).header("retry-after", value);
    let cases = [
        ("zero seconds", throttled("0"), Some(0)),
        ("seconds", throttled("1"), Some(1)),
        ("date far off", throttled(FAR_OFF), Some(DAY)),
        ("past date", throttled("Sun, 06 Nov 1994 08:49:37 GMT"), None),
        ("negative", throttled("-1"), None),
        ("huge", throttled("99999999999999999999999999"), Some(DAY)),
        ("garbage", throttled("soon"), None),
        ("not UTF-8", json(429, "").header("retry-after", "\u{e9}"), None),
        ("repeated", throttled("2").header("retry-after", "1"), Some(1)),
        ("garbage and seconds", throttled("2").header("retry-after", "soon"), None),
        ("none", html(429, page()), None),
    ];
    let mut rows = Vec::new();
    for (case, response, wait) in cases {
        for call in [READ, CREATE, DELETE] {
            let row = |what: &str| row("429", format!("{case}, {call:?}{what}"), call);
            // The longest backoff is 20 ms: a longer `Retry-After` ends the call.
            let attempts = if wait.is_some_and(|wait| wait > 0) { 1 } else { 4 };
            let always = row("").responds([response.clone()]).fails("RateLimit").requests(attempts);
            rows.push(always.check(Check::RetryAfter(wait)).check(Check::Attempts(attempts)).within(3000));
            if attempts > 1 {
                rows.push(row(", recovers").responds([response.clone(), ok("null")]).requests(2));
            }
        }
    }
    let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    for (case, response) in
        [("seconds", throttled("30")), ("date", throttled(&soon)), ("date far off", throttled(FAR_OFF))]
    {
        // The client does not start a backoff that would pass the deadline.
        let patient = eloq_sdk::RetryPolicy::default().max_backoff(Duration::from_secs(3600));
        for call in [READ, CREATE] {
            let row = row("429", format!("{case} beyond the deadline, {call:?}"), call).set(|settings| {
                settings.policy = patient.clone();
                settings.deadline = Duration::from_secs(3);
            });
            rows.push(row.responds([response.clone()]).fails("RateLimit").within(2000));
        }
    }
    // 503 with Retry-After means that the service did not process the request.
    let unavailable = || headers(503, &[("retry-after", "0")]);
    for call in [READ, CREATE, DELETE] {
        rows.push(
            row("429", format!("503 with Retry-After, {call:?}"), call)
                .responds([unavailable(), ok("null")])
                .requests(2),
        );
    }
    rows
}

fn client_errors() -> Vec<Row> {
    let mut rows = Vec::new();
    for (fault, status, variant) in [
        ("401, 403", 401, "Authentication"),
        ("401, 403", 403, "Permission"),
        ("404", 404, "NotFound"),
        ("400, 422", 400, "Validation"),
        ("400, 422", 422, "Validation"),
        ("409", 409, "Conflict"),
    ] {
        for (case, response) in bodies(status) {
            for call in [READ, Call::Info, Call::Cluster("c"), CREATE, DELETE, Call::Start("c")] {
                let row = row(fault, format!("{status} {case}, {call:?}"), call).responds([response.clone()]);
                let checks = row.check(Check::Status(status)).check(Check::RequestId("r-1"));
                rows.push(checks.fails(variant).check(Check::Attempts(1)));
            }
        }
    }
    rows
}

fn accepted() -> Vec<Row> {
    let mut rows = Vec::new();
    for status in [201, 202, 204] {
        for call in [CREATE, DELETE, Call::Start("c")] {
            let row = |case: &str| row("201, 202, 204", format!("{status} {case}, {call:?}"), call);
            // RFC 9110 forbids Content-Length in a 204 response.
            let empty = if status == 204 { raw("HTTP/1.1 204 x\r\n\r\n") } else { headers(status, &[]) };
            rows.push(row("empty").responds([empty]));
            if status != 204 {
                rows.push(row("JSON").responds([json(status, r#"{"code":200,"message":"made","data":null}"#)]));
            }
        }
    }
    rows
}

fn error_codes() -> Vec<Row> {
    let bodies = [
        ("data null", format!(r#"{{"code":1001,"message":"quota {KEY}","data":null}}"#)),
        ("data absent", r#"{"code":1001,"message":"quota"}"#.to_owned()),
        ("data of another form", format!(r#"{{"code":1001,"message":"quota","data":["{BODY}"]}}"#)),
    ];
    let mut rows = Vec::new();
    for (case, body) in bodies {
        for call in [READ, Call::Info, Call::FirstClusters, Call::Cluster("c"), CREATE, DELETE] {
            let row = row("200 with an error code", format!("{case}, {call:?}"), call).responds([json(200, &body)]);
            rows.push(row.fails("Api").check(Check::Status(200)).check(Check::Displays("code 1001: quota")));
        }
    }
    rows
}

fn unexpected() -> Vec<Row> {
    const FAULT: &str = "1xx, 304, 3xx, 999";
    let mut rows = Vec::new();
    for call in [READ, Call::Info, CREATE, DELETE] {
        let mut fails = |case: String, response: Response| {
            rows.push(row(FAULT, format!("{case}, {call:?}"), call).responds([response]).fails("Protocol"));
        };
        for status in [300, 301, 302, 303, 305, 307, 308] {
            // Another path, and other origins that lead to this server: it would record a request to either.
            for target in ["/stolen", "http://localhost:{port}/stolen", "http://127.0.0.1:{port}/api/v1/org-info"] {
                let page = typed(status, "text/html", page());
                let rest = after_status_line(&page);
                let redirect = format!("HTTP/1.1 {status} x\r\nlocation: {target}\r\n{rest}");
                fails(format!("{status} to {target}"), raw(redirect));
            }
        }
        fails("304".to_owned(), raw("HTTP/1.1 304 x\r\n\r\n"));
        fails("999".to_owned(), html(999, page()));
        fails("600".to_owned(), json(600, r#"{"code":0,"message":"","data":null}"#));
        fails("101".to_owned(), raw("HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n").then(Step::Close));
    }
    for call in [READ, CREATE] {
        for informational in ["100 Continue", "103 Early Hints"] {
            let early = raw(format!("HTTP/1.1 {informational}\r\nx: y\r\n\r\n"));
            let Response(steps) = ok("null");
            let final_response = steps.into_iter().fold(early, Response::then);
            rows.push(row(FAULT, format!("{informational} first, {call:?}"), call).responds([final_response]));
        }
    }
    rows
}

/// The bytes of a response after its status line.
fn after_status_line(response: &Response) -> String {
    match &response.0[..] {
        [Step::Write(bytes)] => String::from_utf8_lossy(bytes).split_once("\r\n").unwrap().1.to_owned(),
        _ => String::new(),
    }
}
