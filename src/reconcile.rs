//! Settles changes whose answer was lost, by looking: a create is never sent again, and nothing is claimed that was not seen.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::error::ApiError;
use crate::raw::ClientInfo;
use crate::schema::{ClusterListItem, ClusterName, ClusterStatus, CreateClusterRequest, Envelope};
use crate::transport::{self, CREATE, DELETE};
use crate::{EloqApi, Error, Result, classify, find, spec};

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// When a change began, by all clocks that matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    at: Instant,
    wall: SystemTime,
    /// When the whole call has to end, looking included.
    pub(crate) deadline: Instant,
}

impl Began {
    pub(crate) fn now(client: &EloqApi) -> Self {
        Self { at: Instant::now(), wall: SystemTime::now(), deadline: transport::deadline(client.raw()) }
    }

    /// The same with another deadline.
    pub(crate) fn until(self, deadline: Instant) -> Self {
        Self { deadline, ..self }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }

    /// What was found by a look that was answered at this time of the service's clock.
    pub(crate) fn found(&self, cluster: ClusterListItem, date: Option<SystemTime>) -> Found {
        let then = date.and_then(|now| now.checked_sub(self.at.elapsed())).unwrap_or(self.wall);
        Found { cluster, began: seconds(then).unwrap_or_default() }
    }
}

/// What a look found.
pub(crate) struct Found {
    pub(crate) cluster: ClusterListItem,
    /// The service's clock when the change began, in seconds. Its clock now is in its answer, in whole seconds; what has passed
    /// since is measured here, so that two clocks that differ do no harm.
    began: u64,
}

impl Found {
    /// When the cluster was created, in seconds of the service's clock.
    fn created(&self) -> Option<u64> {
        seconds(self.cluster.create_at.to_system_time()?)
    }

    fn existed_before(&self) -> bool {
        self.created().is_some_and(|created| created < self.began)
    }

    /// Not only in the second in which the change began, which could have been before it.
    pub(crate) fn certainly_created_since(&self) -> bool {
        self.created().is_some_and(|created| created > self.began + 1)
    }
}

/// Settles a create that failed: an answer that was lost, or a failure of the service that came after the work.
pub(crate) async fn create(
    client: &EloqApi,
    order: &CreateClusterRequest,
    began: Began,
    failed: Error,
) -> Result<Envelope<Value>> {
    Look { client, name: &order.cluster_name, began, change: Change::Create(order) }.until_settled(failed).await
}

/// Settles a delete that failed in the same way. It is sent again while the cluster is there and available, since deleting
/// twice is deleting.
pub(crate) async fn delete(
    client: &EloqApi,
    name: &ClusterName,
    began: Began,
    failed: Error,
) -> Result<Envelope<Value>> {
    let resends = client.raw().inner().retry.policy.retries();
    Look { client, name, began, change: Change::Delete { resends } }.until_settled(failed).await
}

/// What a look tells.
enum Seen {
    Settled(Result<Envelope<Value>>),
    /// Nothing yet.
    Nothing,
    /// Nothing, and looking again would not help.
    Undecidable,
}

/// What was asked for.
enum Change<'a> {
    Create(&'a CreateClusterRequest),
    /// With how often it may be sent again.
    Delete {
        resends: u32,
    },
}

impl Change<'_> {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => CREATE.id,
            Self::Delete { .. } => DELETE.id,
        }
    }
}

struct Look<'a> {
    client: &'a EloqApi,
    name: &'a ClusterName,
    began: Began,
    change: Change<'a>,
}

impl Look<'_> {
    /// Looks until it is settled or the deadline comes. An answer that did come, as a 500, is looked behind once.
    async fn until_settled(mut self, failed: Error) -> Result<Envelope<Value>> {
        let lost = matches!(failed, Error::OutcomeUnknown(_));
        // Of all failures of the service, 501 alone says that nothing was done.
        let failing_service = matches!(failed, Error::Server(_)) && failed.status() != Some(501);
        // What failed before the change was sent, such as asking for the account, leaves nothing to settle.
        let sent = failed.operation() == Some(self.change.operation());
        if !sent || !(lost || failing_service) {
            return Err(failed);
        }
        let mut wait = FIRST_WAIT;
        loop {
            if Instant::now() >= self.began.deadline {
                return Err(failed);
            }
            let seen = match self.look().await {
                Ok(found) => self.judge(found, &failed).await,
                Err(_) if lost => Seen::Nothing,
                Err(_) => Seen::Undecidable,
            };
            match seen {
                Seen::Settled(outcome) => return outcome,
                Seen::Undecidable => return Err(as_unknown(failed)),
                Seen::Nothing if !lost || Instant::now() + wait >= self.began.deadline => return Err(failed),
                Seen::Nothing => {}
            }
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn judge(&mut self, found: Option<Found>, failed: &Error) -> Seen {
        match (&mut self.change, found) {
            (Change::Create(_), None) => Seen::Nothing,
            (Change::Create(order), Some(found)) => {
                if found.existed_before() {
                    return Seen::Settled(Err(conflict("existed before this call", failed)));
                }
                let recent = self.client.was_created_recently(self.name.as_str());
                if found.created().is_none() || (recent && !found.certainly_created_since()) {
                    return Seen::Undecidable;
                }
                let mut differences = spec::of_place(order, &found.cluster);
                // Sizes are not compared: that would be three more requests where the name of the SKU is not shown.
                if differences.is_empty() && found.cluster.sku_name.is_some() {
                    let of_sku = spec::of_sku(self.client, order, &found.cluster, self.began.deadline);
                    // What cannot be compared in time does not show.
                    differences = Box::pin(of_sku).await.unwrap_or_default();
                }
                Seen::Settled(match differences.first() {
                    None => Ok(Envelope::bare(None)),
                    Some(difference) => {
                        let what = format!("was created by somebody else meanwhile: its {difference}");
                        Err(conflict(&what, failed))
                    }
                })
            }
            (Change::Delete { .. }, None) => Seen::Settled(Ok(Envelope::bare(None))),
            (Change::Delete { .. }, Some(found)) if found.certainly_created_since() => {
                Seen::Settled(Ok(Envelope::bare(None)))
            }
            (Change::Delete { resends }, Some(found)) => {
                let lost = matches!(failed, Error::OutcomeUnknown(_));
                let available = found.cluster.status == ClusterStatus::Available;
                if !lost && !available {
                    return Seen::Undecidable;
                }
                if !available || !lost || *resends == 0 {
                    return Seen::Nothing;
                }
                *resends -= 1;
                match Box::pin(self.client.send_delete(self.name, self.began.deadline)).await {
                    Ok(envelope) => Seen::Settled(Ok(envelope)),
                    Err(Error::NotFound(_)) => Seen::Settled(Ok(Envelope::bare(None))),
                    Err(_) => Seen::Nothing,
                }
            }
        }
    }

    /// Finds the cluster in the list: describing would answer 403 for a missing cluster, and for a missing permission.
    async fn look(&self) -> Result<Option<Found>> {
        let found = find::listed(self.client, self.name, self.began.deadline).await?;
        Ok(found.map(|(cluster, date)| self.began.found(cluster, date)))
    }
}

fn conflict(what: &str, failed: &Error) -> Error {
    Error::Conflict(Box::new(ApiError {
        operation: CREATE.id,
        status: StatusCode::CONFLICT,
        code: None,
        message: format!("a cluster of this name {what}; found by looking, since the answer was lost"),
        request_id: failed.request_id().map(str::to_owned),
        retry_after: None,
        excerpt: String::new(),
        attempts: failed.attempts().to_vec(),
        waited: None,
    }))
}

fn as_unknown(failed: Error) -> Error {
    match failed {
        Error::OutcomeUnknown(_) => failed,
        failed => classify::unknown(failed.operation().unwrap_or_default(), failed),
    }
}

fn seconds(time: SystemTime) -> Option<u64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}
