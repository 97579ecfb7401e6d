//! `AppliedCluster`: what became of a cluster of a plan.

use std::fmt;

use serde::Serialize;

use crate::error::Error;
use crate::facade::clusters::compare::Difference;
use crate::types::text;

/// What became of a cluster of a [`Plan`](crate::Plan).
///
/// ```no_run
/// # async fn example(plan: eloq_sdk::Plan) -> eloq_sdk::Result<()> {
/// for each in plan.apply().await? {
///     match each.outcome.error() {
///         None => println!("{each}"),
///         Some(error) => eprintln!("{}: {error:#}", each.cluster_name),
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// It serializes under the names of its fields, with `outcome` as a string, and with what the variant has: `differences`, `reason` or
/// the [serialized](Error#serialization) `error`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "What became of a cluster of a plan."))]
#[non_exhaustive]
pub struct AppliedCluster {
    /// Position in [`Plan::clusters`](crate::Plan::clusters), counted from 0.
    pub position: usize,
    /// Id of the project.
    pub project_id: i64,
    /// Name of the project.
    pub project_name: String,
    /// Name of the cluster.
    pub cluster_name: String,
    /// What was done.
    #[serde(flatten)]
    pub outcome: ApplyOutcome,
}

/// What was done with a cluster of a plan.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[must_use = "the outcome can be a failure"]
#[non_exhaustive]
pub enum ApplyOutcome {
    /// The service accepted the create request; with [`wait_until_connectable`](crate::request::ApplyPlan::wait_until_connectable)
    /// the cluster is connectable.
    Created,
    /// Another client created the cluster since the plan was made, and it is as desired.
    Adopted,
    /// The cluster was and is as desired.
    Unchanged,
    /// The cluster exists and differs. Nothing was changed.
    Differs {
        /// How it differs.
        differences: Vec<Difference>,
    },
    /// The cluster is gone.
    Deleted,
    /// The cluster has changed since the plan was made. Nothing was changed: make another plan.
    Changed {
        /// How it has changed.
        reason: &'static str,
    },
    /// A request failed. After [`Error::OutcomeUnknown`] the cluster may exist or not: make another plan.
    Failed {
        /// Why.
        error: Error,
    },
}

impl ApplyOutcome {
    /// Returns true if the cluster is now as the plan wanted it.
    #[must_use]
    pub fn is_as_desired(&self) -> bool {
        matches!(self, Self::Created | Self::Adopted | Self::Unchanged | Self::Deleted)
    }

    /// Returns why a request failed; `None` for another outcome.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        if let Self::Failed { error } = self { Some(error) } else { None }
    }
}

impl From<Error> for ApplyOutcome {
    fn from(error: Error) -> Self {
        Self::Failed { error }
    }
}

impl fmt::Display for ApplyOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created => f.write_str("created"),
            Self::Adopted => f.write_str("exists: another client created it"),
            Self::Unchanged => f.write_str("unchanged"),
            Self::Differs { differences } => {
                let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
                write!(f, "differs: its {}", differences.join(", its "))
            }
            Self::Deleted => f.write_str("deleted"),
            Self::Changed { reason } => write!(f, "not changed: {reason}"),
            Self::Failed { error } => write!(f, "failed: {error}"),
        }
    }
}

impl fmt::Display for AppliedCluster {
    /// As in `orders: created`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", text::line(&self.cluster_name, 255), self.outcome)
    }
}
