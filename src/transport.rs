//! The one way from a call to its answer: attempt, classify, decide, sleep.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument;

use crate::attempt::{self, Attempt};
use crate::classify::Answer;
use crate::context::{Context, Scope};
use crate::raw::{self, ClientInfo, ResponseValue};
use crate::retry::{Decision, Effect, Progress, decide};
use crate::schema::{Envelope, UserOrgInfoDto};
use crate::{Error, Result, classify, trace};

/// What a call does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// Its operationId in `openapi.yaml`.
    pub(crate) id: &'static str,
    effect: Effect,
    needs_data: bool,
}

impl Operation {
    /// Asks for something that is there.
    pub(crate) const fn read(id: &'static str) -> Self {
        Self { id, effect: Effect::Read, needs_data: true }
    }

    /// Asks for what can be nothing, which the service may write as no data.
    pub(crate) const fn list(id: &'static str) -> Self {
        Self { id, effect: Effect::Read, needs_data: false }
    }

    /// Changes something.
    pub(crate) const fn write(id: &'static str) -> Self {
        Self { id, effect: Effect::Write, needs_data: false }
    }
}

// Those that are made or settled in more than one place.
pub(crate) const ORG_INFO: Operation = Operation::read("org_info");
pub(crate) const CREATE: Operation = Operation::write("create_cluster");
pub(crate) const DELETE: Operation = Operation::write("delete_cluster");

/// What one request of the raw client brings.
type Reply<T> = Result<ResponseValue<Envelope<T>>, raw::Error>;

/// A request of the raw client, under way.
pub(crate) trait Sending<T>: Future<Output = Reply<T>> {}

impl<T, F: Future<Output = Reply<T>>> Sending<T> for F {}

/// Makes one call. `request` sends one attempt through the raw client.
pub(crate) async fn call<'a, T, F, Fut>(raw: &'a raw::Client, operation: Operation, request: F) -> Result<Envelope<T>>
where
    T: Answer,
    F: Fn(&'a raw::Client) -> Fut,
    Fut: Sending<T>,
{
    call_until(raw, operation, deadline(raw), request).await
}

/// The same as a part of something that has a deadline already.
pub(crate) async fn call_until<'a, T, F, Fut>(
    raw: &'a raw::Client,
    operation: Operation,
    deadline: Instant,
    request: F,
) -> Result<Envelope<T>>
where
    T: Answer,
    F: Fn(&'a raw::Client) -> Fut,
    Fut: Sending<T>,
{
    let call = Call::begin(raw, operation, deadline);
    call.observed(pin!(call.attempts(0, || request(raw)))).await
}

/// Makes one call on the clusters of a project. If it is refused and the project is no longer the one that it was made for, it
/// is made once more for the one that is.
pub(crate) async fn call_in_scope<'a, T, F, Fut>(
    raw: &'a raw::Client,
    context: &Context,
    operation: Operation,
    deadline: Instant,
    request: F,
) -> Result<Envelope<T>>
where
    T: Answer,
    F: Fn(&'a raw::Client, Scope) -> Fut,
    Fut: Sending<T>,
{
    let call = Call::begin(raw, operation, deadline);
    let work = pin!(async {
        let known = context.known();
        let scope = match known {
            Some(scope) => scope,
            None => boxed(|| call.in_time(context.scope(call.account()))).await?,
        };
        // One closure for both, so that the loop is compiled once for each operation.
        let to = |scope| {
            let request = &request;
            move || request(raw, scope)
        };
        let result = call.attempts(0, to(scope)).await;
        if known.is_some()
            && matches!(result, Err(Error::Permission(_) | Error::NotFound(_)))
            && let Some(scope) = boxed(|| call.rescope(context, scope)).await
        {
            return boxed(|| call.attempts(1, to(scope))).await;
        }
        result
    });
    call.observed(work).await
}

/// Makes the account known, if it is not, and a project chosen in it.
pub(crate) async fn resolve(raw: &raw::Client, context: &Context) -> Result<Scope> {
    let call = Call::begin(raw, ORG_INFO, deadline(raw));
    call.observed(pin!(call.in_time(context.scope(call.account())))).await
}

/// Boxes a future that is rarely needed. It is made here, since the frame of the caller would be as large with every poll.
#[cold]
#[inline(never)]
pub(crate) fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// When a call that begins now has to end.
pub(crate) fn deadline(raw: &raw::Client) -> Instant {
    Instant::now() + raw.inner().limits.deadline
}

/// What went before in a call.
#[derive(Default)]
struct History {
    retries: u32,
    /// What they took from the budget.
    spent: u32,
    ledger: Vec<Attempt>,
}

/// Why an attempt failed, and what there is to tell of it; nothing if nothing was sent.
type Failed = (Error, Option<Box<Attempt>>);

#[cold]
#[inline(never)]
fn failed(operation: &'static str, error: Error, seen: Option<Attempt>) -> Failed {
    let attempt = Attempt::failed(operation, &error, seen);
    (error, Some(Box::new(attempt)))
}

/// A call under way.
struct Call<'a> {
    raw: &'a raw::Client,
    operation: Operation,
    deadline: Instant,
}

impl<'a> Call<'a> {
    fn begin(raw: &'a raw::Client, operation: Operation, deadline: Instant) -> Self {
        Self { raw, operation, deadline }
    }

    /// Refuses to begin on a closed client, and tells `tracing` of the call.
    async fn observed<T>(&self, work: Pin<&mut impl Future<Output = Result<T>>>) -> Result<T> {
        if self.raw.inner().connections.is_closed() {
            return Err(Error::Closed);
        }
        let span = trace::call(self.operation.id);
        let result = work.instrument(span.clone()).await;
        trace::ended(&span, &result);
        result
    }

    /// Holds what comes before the request itself to the deadline.
    async fn in_time<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        timeout_at(self.deadline, work).await.unwrap_or_else(|_| Err(classify::past_deadline(self.operation.id, false)))
    }

    /// Fetches the account as a part of this call.
    async fn account(&self) -> Result<UserOrgInfoDto> {
        let raw = self.raw;
        let call = Call::begin(raw, ORG_INFO, self.deadline);
        classify::required(ORG_INFO.id, call.attempts(0, || raw.org_info().send()).await?)
    }

    /// The scope after a refusal, if it has changed.
    async fn rescope(&self, context: &Context, refused: Scope) -> Option<Scope> {
        let rescoping = async { Ok(context.rescope(refused, self.account()).await) };
        self.in_time(rescoping).await.ok().flatten()
    }

    /// Sends a request until it succeeds, or the policy says that this was all. `resent` tells how often it was sent before.
    async fn attempts<T, Fut>(&self, resent: u32, request: impl Fn() -> Fut) -> Result<Envelope<T>>
    where
        T: Answer,
        Fut: Sending<T>,
    {
        let mut history = History::default();
        loop {
            match self.attempt(resent + history.retries, &request).await {
                Ok(envelope) => {
                    self.raw.inner().retry.budget.refund(history.spent);
                    return Ok(envelope);
                }
                Err(failed) => {
                    let wait = self.after(failed, &mut history)?;
                    sleep(wait).await;
                }
            }
        }
    }

    /// How long to wait before the attempt after this one, or what the call ends with.
    #[cold]
    #[inline(never)]
    fn after(&self, (mut error, attempt): Failed, history: &mut History) -> Result<Duration> {
        let retry = &self.raw.inner().retry;
        let remaining = self.deadline.saturating_duration_since(Instant::now());
        let progress = Progress { retries: history.retries, remaining, dice: (retry.dice)() };
        let wait = match decide(&retry.policy, self.operation.effect, &error, progress) {
            Decision::Retry { wait, cost } if retry.budget.take(cost) => {
                history.spent += cost;
                Some(wait)
            }
            _ => None,
        };
        if let Some(attempt) = attempt {
            let attempt = Attempt { wait: wait.unwrap_or_default(), ..*attempt };
            attempt::record(attempt.clone());
            history.ledger.push(attempt);
        }
        let Some(wait) = wait else {
            error.set_attempts(std::mem::take(&mut history.ledger));
            return Err(self.judged(error));
        };
        trace::waiting(wait, &error);
        history.retries += 1;
        Ok(wait)
    }

    /// Sends one request, and tells of it if it failed or if somebody wants to know.
    async fn attempt<T, Fut>(&self, resend: u32, request: &impl Fn() -> Fut) -> Result<Envelope<T>, Failed>
    where
        T: Answer,
        Fut: Sending<T>,
    {
        let Operation { id: operation, effect, needs_data } = self.operation;
        let now = Instant::now();
        if now >= self.deadline {
            return Err((classify::past_deadline(operation, false), None));
        }
        // From connecting to the last byte of the body.
        let end = self.deadline.min(now + self.raw.inner().limits.timeout(effect));
        let sending = async {
            let reply = match resend {
                0 => request().await,
                _ => boxed(|| trace::resend(resend, request())).await,
            };
            let seen = attempt::is_recording().then(|| Attempt::answered(operation, classify::head(&reply)));
            match classify::read(operation, needs_data, self.raw.inner(), reply).await {
                Ok(envelope) => {
                    seen.into_iter().for_each(attempt::record);
                    Ok(envelope)
                }
                Err(error) => Err(failed(operation, error, seen)),
            }
        };
        timeout_at(end, sending).await.unwrap_or_else(|_| {
            let error = match end < self.deadline {
                true => classify::timed_out(operation),
                false => classify::past_deadline(operation, true),
            };
            Err(failed(operation, error, None))
        })
    }

    /// What a failure means for this call: a change whose answer is missing may have been carried out.
    fn judged(&self, error: Error) -> Error {
        match self.operation.effect {
            Effect::Write if error.is_ambiguous() => classify::unknown(self.operation.id, error),
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests;
