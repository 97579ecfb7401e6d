//! Every fault that the SDK promises to withstand, by name, and where each is tried.

use std::collections::BTreeSet;

use crate::{concurrency, connecting, environment};

/// The faults by group.
const FAULTS: &[(&str, &[&str])] = &[
    (
        "network",
        &[
            "port closed",
            "name does not resolve",
            "connect hangs",
            "reset on accept",
            "reset or close after the request",
            "close inside the status line or headers",
            "kept-alive connection closed while idle",
            "reply one byte at a time",
            "server restarts on the same port",
        ],
    ),
    (
        "status",
        &[
            "500, 502, 503, 504",
            "429",
            "401, 403",
            "404",
            "400, 422",
            "409",
            "201, 202, 204",
            "200 with an error code",
            "1xx, 304, 3xx, 999",
        ],
    ),
    (
        "body",
        &[
            "short Content-Length",
            "cut chunked",
            "bad chunk size",
            "200 HTML login page",
            "empty 200",
            "new enum value",
            "extra fields",
            "null list",
            "bare org-info",
            "code 0 or 200",
            "null or missing field",
            "wrong type",
            "number out of range",
            "bad UTF-8",
            "deep nesting",
            "body above the cap",
            "endless body",
            "huge error body",
            "credentials",
        ],
    ),
    ("input", &["names", "page, per_page, sku_id", "encoded names", "key", "base URL", "variables"]),
    // Certificates and proxies have a test program of their own, `connection`.
    ("transport security", &["plain http to a non-loopback host", "HTTP_PROXY and a loopback base"]),
    (
        "time",
        &[
            "server silent",
            "server drips",
            "every attempt slow",
            "no sleep past the deadline",
            "zero or enormous durations",
        ],
    ),
    (
        "concurrency",
        &[
            "500 parallel calls",
            "500 callers told 503",
            "500 callers told 429",
            "future dropped in flight",
            "future dropped in backoff",
            "several runtimes",
            "blocking client inside tokio",
        ],
    ),
    (
        "ambiguous write",
        &["create: applied, then the reply is lost", "create: the name existed before", "delete: applied, reply lost"],
    ),
    ("terminal", &["terminal"]),
];

/// The faults that need more than a script and a call.
const BESIDE: &[(&str, fn())] = &[
    ("connect hangs", connecting::a_connection_that_hangs_ends_at_the_connect_timeout),
    ("server restarts on the same port", concurrency::a_server_that_restarts_on_its_port_is_found_again),
    (
        "kept-alive connection closed while idle",
        concurrency::a_connection_closed_while_idle_fails_no_read_and_applies_no_write_twice,
    ),
    ("variables", environment::a_variable_that_is_empty_or_blank_is_unset_and_one_that_is_no_text_is_named),
    ("HTTP_PROXY and a loopback base", environment::no_variable_of_a_proxy_is_asked_for_a_loopback_base),
    ("500 parallel calls", concurrency::five_hundred_parallel_calls_succeed),
    ("500 callers told 503", concurrency::five_hundred_callers_told_503_stay_within_the_budget),
    ("500 callers told 429", concurrency::five_hundred_callers_told_429_stay_within_the_budget),
    ("future dropped in flight", concurrency::a_future_dropped_in_flight_closes_its_socket_and_sends_nothing_later),
    ("future dropped in backoff", concurrency::a_future_dropped_in_backoff_sends_nothing_later),
    ("several runtimes", concurrency::one_client_is_used_by_several_runtimes),
    ("several runtimes", concurrency::a_connection_of_a_runtime_that_stands_still_ends_in_time),
    ("blocking client inside tokio", concurrency::the_blocking_client_works_and_is_dropped_inside_a_runtime),
];

#[test]
fn every_fault_is_in_the_table() {
    let promised: BTreeSet<_> = FAULTS.iter().flat_map(|(_, faults)| faults.iter().copied()).collect();
    let rows = crate::rows();
    let tried: BTreeSet<_> = rows.iter().map(|row| row.fault).chain(BESIDE.iter().map(|(fault, _)| *fault)).collect();
    assert_eq!(tried, promised);
    let mut names = BTreeSet::new();
    let twice: Vec<_> = rows.iter().map(|row| (row.fault, &row.case)).filter(|name| !names.insert(*name)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
