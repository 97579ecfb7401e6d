//! The result of an operation on a cluster that the service has accepted.

use eloq_sdk::OperationResult;
use serde::Serialize;

use super::goal::Reached;
use super::several;
use crate::context::Context;
use crate::failure::Result;
use crate::output::Columns;

const COLUMNS: Columns = &[
    ("cluster_name", "NAME"),
    ("outcome", "OUTCOME"),
    ("status", "STATUS"),
    ("host", "HOST"),
    ("port", "PORT"),
    ("message", "MESSAGE"),
];

/// What was done with a cluster.
#[derive(Debug, Serialize)]
pub(super) struct Operation {
    pub(super) cluster_name: String,
    pub(super) outcome: &'static str,
    pub(super) message: String,
    /// Of the cluster, as far as the command knows it.
    #[serde(flatten)]
    pub(super) state: Reached,
}

impl Operation {
    /// An accepted operation, with this outcome.
    pub(super) fn of(cluster_name: &str, outcome: &'static str, result: OperationResult) -> Result<Self> {
        let message = result.into_result()?;
        Ok(Self { cluster_name: cluster_name.to_owned(), outcome, message, state: Reached::default() })
    }

    pub(super) fn print(&self, context: &Context) -> Result {
        context.printer.object(COLUMNS, self)
    }

    pub(super) fn print_all(operations: &[Self], names: usize, context: &Context) -> Result {
        several::print(operations, names, COLUMNS, context)
    }
}
