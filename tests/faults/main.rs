//! Failures of networks, gateways and the service, and how the SDK handles them: a table of scripts and calls that run with the
//! async and the blocking client, and tests of faults that need more than a script.
//!
//! Add a row to the `rows()` of its module, and its fault to `contract.rs`.

#[path = "../support/canary.rs"]
mod canary;
#[path = "../support/scripted.rs"]
mod scripted;
#[allow(unused_imports, reason = "other test programs use the table of operations")]
#[path = "../support/mod.rs"]
mod support;

mod account;
mod body;
mod concurrency;
mod connecting;
mod contract;
mod environment;
mod input;
mod network;
mod row;
mod status;
mod time;
mod writes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use row::Row;

fn rows() -> Vec<Row> {
    let modules = [network::rows, status::rows, body::rows, input::rows, time::rows, writes::rows];
    modules.into_iter().flat_map(|rows| rows()).collect()
}

/// Runs the rows in parallel, since most of them wait, and reports all that fail.
fn run_all(run: fn(&Row)) {
    let rows = Mutex::new(rows().into_iter());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                loop {
                    let Some(row) = rows.lock().unwrap().next() else { break };
                    if catch_unwind(AssertUnwindSafe(|| run(&row))).is_err() {
                        failed.lock().unwrap().push(format!("{}: {}", row.fault, row.case));
                    }
                }
            });
        }
    });
    assert!(canary::has_captured(), "the checks saw no output of tracing and log");
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} rows failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
#[ignore = "runs in a child process"]
fn with_the_async_client() {
    run_all(Row::run_async);
}

#[test]
#[ignore = "runs in a child process"]
fn with_the_blocking_client() {
    run_all(Row::run_blocking);
}

/// Runs a test in a child process, where the test harness captures no output, and checks the output for secrets.
fn run_in_child(test: &str) {
    let output = environment::child(test, &[]);
    let printed = environment::text(&output);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    canary::assert_clean(&printed);
}

#[test]
fn every_row_passes_with_the_async_client() {
    run_in_child("with_the_async_client");
}

#[test]
fn every_row_passes_with_the_blocking_client() {
    run_in_child("with_the_blocking_client");
}
