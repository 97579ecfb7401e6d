//! Desired states, plans and what applying them does.

#[path = "../support/json_schema.rs"]
mod json_schema;

mod applying;
mod document;
mod planning;
mod schedules;

use eloq_sdk::ClusterSpec;
use eloq_sdk::simulator::{Operation, Simulator};

fn spec(name: &str) -> ClusterSpec {
    ClusterSpec::new(name, "us-west-1", 101)
}

fn count(simulator: &Simulator, operation: Operation) -> usize {
    simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
}

/// The operations of the requests, in order.
fn operations(simulator: &Simulator) -> Vec<Operation> {
    simulator.requests().iter().filter_map(|request| request.operation()).collect()
}
