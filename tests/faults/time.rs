//! Responses that do not arrive in time, and backoffs that would pass the deadline.

use std::time::Duration;

use eloq_sdk::RetryPolicy;

use crate::row::{CREATE, Check, DELETE, READ, Row, Settings, row};
use crate::scripted::{Step, headers, ok, raw, silence};
use crate::support::Call;
use crate::writes::listed;

fn timing(timeout: u64, deadline: u64) -> impl FnOnce(&mut Settings) {
    move |settings| {
        settings.timeout = Duration::from_millis(timeout);
        settings.deadline = Duration::from_millis(deadline);
    }
}

pub fn rows() -> Vec<Row> {
    let head = "HTTP/1.1 200 x\r\ncontent-type: application/json\r\n";
    let silences = [
        ("server silent", "at once", silence()),
        ("server silent", "in the head", raw(head).then(Step::Silence)),
        ("server silent", "in the body", raw(format!("{head}content-length: 9\r\n\r\n{{")).then(Step::Silence)),
        ("server drips", "the status line", raw("HTTP/1.1 200 ").then(Step::Trickle(b"x".to_vec()))),
        ("server drips", "the headers", raw(head).then(Step::Trickle(b"x: y\r\n".to_vec()))),
        ("server drips", "the body", raw(format!("{head}\r\n")).then(Step::Trickle(b" ".to_vec()))),
    ];
    let mut rows = Vec::new();
    for (fault, case, response) in silences {
        let named = |what: &str, call| row(fault, format!("{case}, {what}"), call).responds([response.clone()]);
        for call in [READ, Call::Info] {
            let read =
                named(&format!("every attempt, {call:?}"), call).set(timing(400, 10_000)).fails("Timeout").requests(4);
            rows.push(read.check(Check::Attempts(4)).within(4000));
        }
        let recovers = row(fault, format!("{case}, recovers"), READ).set(timing(300, 10_000));
        rows.push(recovers.responds([response.clone(), ok("[]")]).requests(2).within(4000));
        // The deadline passes during the second attempt.
        let cut_off = named("deadline", READ).set(timing(400, 600)).fails("Timeout").requests(2);
        rows.push(cut_off.check(Check::Attempts(2)).within(1200));
        rows.push(named("create", CREATE).set(timing(200, 1000)).stays_unknown());
        let list = listed("old", "us-west-1", "unavailable");
        rows.push(named("delete", DELETE).on("list_clusters", [list]).set(timing(200, 1000)).stays_unknown());
        // The deadline passes before or during the first poll.
        rows.push(
            named("create at the deadline", CREATE)
                .set(timing(5000, 400))
                .fails("OutcomeUnknown")
                .list_requests_up_to(1)
                .within(1500),
        );
        rows.push(named("start", Call::Start("c")).set(timing(200, 1000)).fails("OutcomeUnknown").within(900));
    }
    let account = row("server silent", "for the account", CREATE).on("org_info", [silence()]);
    rows.push(account.set(timing(5000, 300)).fails("Timeout").requests(0).within(900));
    rows.extend(slow());
    rows
}

fn slow() -> Vec<Row> {
    let patient = RetryPolicy::default().backoff(Duration::from_secs(3600)).max_backoff(Duration::from_secs(3600));
    let throttled_row = |case: &str, call| {
        let row = row("no sleep past the deadline", format!("{case}, {call:?}"), call);
        row.set(timing(2000, 3000)).within(1500)
    };
    let mut rows = vec![
        row("every attempt slow", "until the deadline", READ)
            .set(timing(200, 500))
            .set(|settings| settings.policy = crate::row::quick().max_retries(100))
            .responds([silence()])
            .requests_up_to(3)
            .fails("Timeout")
            .within(1100),
    ];
    let unavailable_response = || headers(503, &[("retry-after", "3600")]);
    for call in [READ, CREATE] {
        let throttled =
            throttled_row("429", call).responds([headers(429, &[("retry-after", "3600")])]).fails("RateLimit");
        rows.push(throttled.set(|settings| settings.policy = patient.clone()));
        let unavailable = throttled_row("503", call).responds([unavailable_response()]).fails("Server");
        let unavailable = unavailable.set(|settings| settings.policy = patient.clone());
        rows.push(if matches!(call, Call::Create { .. }) { unavailable.list_requests(1) } else { unavailable });
    }
    rows
}
