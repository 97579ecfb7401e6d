//! Every fault that the SDK promises to handle, by name, and the tests that cover it.

use std::collections::BTreeSet;

use crate::{account, concurrency, connecting, environment};

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
    // The test program `connection` covers certificates and proxies, `blocking` wake-ups and calls in tasks of their own runtime,
    // `lifecycle` what `close()` ends, and `bulk` and `wait` the limits of what has several calls.
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
        &[
            "create: applied, then the reply is lost",
            "create: the name existed before",
            "delete: applied, reply lost",
            "age that cannot be told",
            "list shorter than its total",
            "SKU that cannot be seen",
        ],
    ),
    ("account", &["account that changes", "project that is gone"]),
    (
        "what the service repeats or invents",
        &["credential in a response", "numbers at their limits", "many unknown fields"],
    ),
    ("attempt log", &["polls of a reconciliation"]),
    ("terminal", &["terminal"]),
];

/// The faults that need more than a script and a call, with their tests.
const SEPARATE_TESTS: &[(&str, fn())] = &[
    ("account that changes", account::a_project_that_moves_in_the_list_stays_that_of_the_client),
    ("project that is gone", account::a_project_that_is_gone_is_an_error_and_no_other_is_used),
    ("connect hangs", connecting::a_connection_that_hangs_ends_at_the_connect_timeout),
    ("connect hangs", connecting::a_write_whose_connection_is_never_made_is_not_unknown),
    ("server restarts on the same port", concurrency::the_client_reconnects_to_a_server_that_restarts_on_the_same_port),
    (
        "kept-alive connection closed while idle",
        concurrency::a_connection_closed_while_idle_fails_no_read_and_applies_no_write_twice,
    ),
    ("variables", environment::a_blank_variable_is_unset_and_an_error_names_a_variable_that_is_not_unicode),
    ("HTTP_PROXY and a loopback base", environment::proxy_variables_do_not_apply_to_a_loopback_base_url),
    ("500 parallel calls", concurrency::five_hundred_parallel_calls_succeed),
    ("500 callers told 503", concurrency::five_hundred_callers_that_get_503_stay_within_the_budget),
    ("500 callers told 429", concurrency::five_hundred_callers_that_get_429_stay_within_the_budget),
    ("future dropped in flight", concurrency::a_future_dropped_in_flight_closes_its_connection_and_sends_nothing_more),
    ("future dropped in backoff", concurrency::a_future_dropped_in_backoff_sends_nothing_more),
    ("several runtimes", concurrency::one_client_works_on_several_runtimes),
    ("several runtimes", concurrency::a_pooled_connection_of_an_undriven_runtime_does_not_hang_a_call),
    ("blocking client inside tokio", concurrency::the_blocking_client_works_and_drops_inside_a_runtime),
];

#[test]
fn every_fault_has_a_test_and_every_row_a_unique_name() {
    let promised: BTreeSet<_> = FAULTS.iter().flat_map(|(_, faults)| faults.iter().copied()).collect();
    let rows = crate::rows();
    let covered: BTreeSet<_> =
        rows.iter().map(|row| row.fault).chain(SEPARATE_TESTS.iter().map(|(fault, _)| *fault)).collect();
    assert_eq!(covered, promised);
    let mut names = BTreeSet::new();
    let duplicates: Vec<_> =
        rows.iter().map(|row| (row.fault, &row.case)).filter(|name| !names.insert(*name)).collect();
    assert!(duplicates.is_empty(), "{duplicates:?}");
}
