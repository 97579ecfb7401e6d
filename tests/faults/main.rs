//! What goes wrong on networks, in gateways and in the service, and what the SDK makes of it: a table of scripts and calls that
//! the async and the blocking client run alike, and beside it what needs more than a script.
//!
//! A row is one entry in `rows()` of its module; its fault must be named in `contract.rs`.

#[path = "../support/scripted.rs"]
mod scripted;
#[allow(unused_imports, reason = "the table of operations is for others")]
#[path = "../support/mod.rs"]
mod support;

mod body;
mod canary;
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

/// Runs the rows, several at once since most of them wait, and tells of all that fail.
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
    assert!(canary::has_captured(), "no output of tracing and log was looked through");
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} rows failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
#[ignore = "runs in a process of its own"]
fn with_the_async_client() {
    run_all(Row::run_async);
}

#[test]
#[ignore = "runs in a process of its own"]
fn with_the_blocking_client() {
    run_all(Row::run_blocking);
}

/// Runs a test where nobody captures what it prints, and looks through that, too.
fn run_apart(test: &str) {
    let output = environment::child(test, &[]);
    let printed = environment::text(&output);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    canary::assert_clean(&printed);
}

#[test]
fn every_row_with_the_async_client() {
    run_apart("with_the_async_client");
}

#[test]
fn every_row_with_the_blocking_client() {
    run_apart("with_the_blocking_client");
}
