//! Reconciles writes whose response was lost with what the list shows. A create is never sent again, and no outcome is reported
//! that the list does not prove.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::compare;
use super::observed::{Age, CallStart, ListedCluster};
use super::{catalogue::Catalogue, find};
use crate::engine::recording::record_attempts;
use crate::engine::{backoff::Backoff, classify, session::Session};
use crate::error::{Error, Result, api_error::ApiError};
use crate::facade::operation_result::{Outcome, WriteOutcome};
use crate::facade::operations;
use crate::schema::{ClusterName, ClusterStatus, CreateClusterRequest};
use crate::types::operation::Operation;

const BACKOFF: Backoff =
    Backoff { initial: Duration::from_millis(250), factor: 2.0, max: Duration::from_secs(5), jitter: 0.0 };

/// If the list tells no outcome within this time, waiting for the deadline of the call does not help.
const MAX_TIME: Duration = Duration::from_secs(15);

/// How many polls tell the second in which the call began.
const MAX_UNSETTLED: u32 = 4;

/// A write whose outcome is not known.
pub(super) enum PendingWrite<'a> {
    Create(&'a CreateClusterRequest),
    /// Can be sent again: deleting twice is deleting.
    Delete {
        name: &'a ClusterName,
        resends: u32,
    },
}

impl PendingWrite<'_> {
    fn operation(&self) -> Operation {
        match self {
            Self::Create(_) => Operation::CreateCluster,
            Self::Delete { .. } => Operation::DeleteCluster,
        }
    }

    fn name(&self) -> &ClusterName {
        match self {
            Self::Create(request) => &request.cluster_name,
            Self::Delete { name, .. } => name,
        }
    }
}

/// What a poll says of the outcome.
enum Settlement {
    Settled(Outcome),
    /// Not yet known.
    Pending,
    /// The second in which the call began is not known exactly enough.
    Unsettled,
    /// Not known, and further polls do not help.
    Undecidable,
}

pub(super) struct Reconciliation<'a> {
    pub(super) session: &'a Session,
    pub(super) start: CallStart,
    pub(super) deadline: Instant,
    pub(super) write: PendingWrite<'a>,
}

impl Reconciliation<'_> {
    /// Polls until the outcome is known, for at most 15 s and within the deadline. After an error response, such as 500, one poll has
    /// to do. An error has the attempts of the polls, too.
    pub(super) async fn run(mut self, failed: Error) -> Outcome {
        let mut attempts = failed.attempts().to_vec();
        let (outcome, polls) = record_attempts(self.poll_until_known(failed)).await;
        outcome.map_err(|mut error| {
            attempts.extend(polls);
            error.set_attempts(attempts);
            error
        })
    }

    async fn poll_until_known(&mut self, failed: Error) -> Outcome {
        let lost = is_lost(&failed);
        // Of all errors of the service, only 501 says that it did nothing.
        let server_failed = matches!(failed, Error::Server { .. }) && failed.status() != Some(501);
        // If a request before the write failed, such as the one for the account, there is nothing to reconcile.
        let was_sent = failed.failed_operation() == Some(self.write.operation());
        if !was_sent || !(lost || server_failed) {
            return Err(failed);
        }
        self.deadline = self.deadline.min(Instant::now() + MAX_TIME);
        let mut unsettled = 0;
        for poll in 0.. {
            if Instant::now() >= self.deadline {
                break;
            }
            let settlement = match self.find().await {
                Ok(found) => self.settle(found, &failed).await,
                Err(Error::Closed) => break,
                Err(_) if lost => Settlement::Pending,
                Err(_) => Settlement::Undecidable,
            };
            let delay = match settlement {
                Settlement::Settled(outcome) => return outcome,
                Settlement::Undecidable => return Err(into_unknown(failed)),
                Settlement::Unsettled if unsettled == MAX_UNSETTLED => return Err(into_unknown(failed)),
                Settlement::Unsettled => {
                    unsettled += 1;
                    self.start.until_next_bound(unsettled - 1)
                }
                Settlement::Pending if !lost => break,
                Settlement::Pending => BACKOFF.delay(poll, 1.0),
            };
            if Instant::now() + delay >= self.deadline || self.session.sleep(delay).await.is_err() {
                break;
            }
        }
        Err(if unsettled > 0 { into_unknown(failed) } else { failed })
    }

    /// Describe would respond with 403 for a missing cluster and for a missing permission; the list does not.
    async fn find(&mut self) -> Result<Option<ListedCluster>> {
        find::find_in_list(self.session, self.write.name(), &mut self.start, self.deadline).await
    }

    async fn settle(&mut self, found: Option<ListedCluster>, failed: &Error) -> Settlement {
        match (&mut self.write, found) {
            (PendingWrite::Create(_), None) => Settlement::Pending,
            (PendingWrite::Create(request), Some(found)) => {
                let request = *request;
                self.settle_create(request, found, failed).await
            }
            (PendingWrite::Delete { .. }, None) => Settlement::Settled(Ok(WriteOutcome::reconciled(""))),
            (PendingWrite::Delete { .. }, Some(found)) if found.age == Age::Since => {
                Settlement::Settled(Ok(WriteOutcome::reconciled("")))
            }
            (PendingWrite::Delete { name, resends }, Some(found)) => {
                let lost = is_lost(failed);
                let deletable = found.cluster.status.is_deletable();
                if !lost && !deletable {
                    return Settlement::Undecidable;
                }
                // A cluster of unknown age can be another one of the same name.
                if !deletable || !lost || *resends == 0 || found.age == Age::Unknown {
                    return Settlement::Pending;
                }
                *resends -= 1;
                match Box::pin(operations::delete_cluster(self.session, self.deadline, name)).await {
                    Ok(response) => Settlement::Settled(Ok(WriteOutcome::reconciled(response.envelope.message))),
                    Err(Error::NotFound { .. }) => Settlement::Settled(Ok(WriteOutcome::reconciled(""))),
                    Err(_) => Settlement::Pending,
                }
            }
        }
    }

    async fn settle_create(&self, request: &CreateClusterRequest, found: ListedCluster, failed: &Error) -> Settlement {
        if found.age == Age::Unsettled {
            return Settlement::Unsettled;
        }
        if found.age == Age::Before {
            return Settlement::Settled(Err(conflict("existed before this call", failed)));
        }
        // In the second in which the call began, a cluster that is being deleted, or that this client created, is perhaps another.
        let may_be_another = found.cluster.status == ClusterStatus::Unavailable || self.created_recently(request);
        if found.age == Age::Unknown || (may_be_another && found.age != Age::Since) {
            return Settlement::Undecidable;
        }
        let mut differences = compare::place_differences(request, &found.cluster);
        if differences.is_empty() {
            let catalogue = Catalogue::default();
            let reader = catalogue.within(self.session, self.deadline);
            match Box::pin(compare::sku_differences(reader, request, &found.cluster)).await {
                Ok(Some(sku)) if sku.is_empty() => return Settlement::Settled(Ok(WriteOutcome::reconciled(""))),
                Ok(Some(sku)) => differences = sku,
                Ok(None) => return Settlement::Undecidable,
                Err(_) if is_lost(failed) => return Settlement::Pending,
                // The cluster exists, so that the error response does not tell the outcome.
                Err(_) => return Settlement::Undecidable,
            }
        }
        let difference = differences.first().map(ToString::to_string).unwrap_or_default();
        let what = format!("was created by another client meanwhile: its {difference}");
        Settlement::Settled(Err(conflict(&what, failed)))
    }

    fn created_recently(&self, request: &CreateClusterRequest) -> bool {
        let (account, began) = (self.session.account(), self.start.instant());
        let name = request.cluster_name.as_str();
        account.pinned_ids().is_some_and(|scope| account.recent().contains(scope.project_id, name, began))
    }
}

/// Whether there was no response, other than an error response.
fn is_lost(failed: &Error) -> bool {
    matches!(failed, Error::OutcomeUnknown { .. })
}

fn conflict(what: &str, failed: &Error) -> Error {
    let message = format!("a cluster of this name {what}; the response of the create request was lost");
    let mut api = ApiError::new(Operation::CreateCluster, StatusCode::CONFLICT, message);
    api.request_id = failed.request_id().map(str::to_owned);
    api.trail.attempts = failed.attempts().to_vec();
    Error::Conflict { api: Box::new(api) }
}

fn into_unknown(failed: Error) -> Error {
    match failed {
        Error::OutcomeUnknown { .. } => failed,
        failed => match failed.failed_operation() {
            Some(operation) => classify::into_outcome_unknown(operation, failed),
            None => failed,
        },
    }
}
