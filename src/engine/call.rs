//! The one way from a call to its response: attempt, classify, decide, back off.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use super::account::{Scope, ScopeIds};
use super::future::{BoxFuture, boxed};
use super::response::{Response, ResponseData};
use super::retry::{Decision, RetryState, decide};
use super::{classify, recording, session::Session, trace};
use crate::connection::provider::CredentialProvider;
use crate::error::{Error, Result, attempt::Attempt};
use crate::raw::{self, ResponseValue, response::Head, trace::with_resend_count};
use crate::schema::UserOrgInfoDto;
use crate::types::{envelope::Envelope, operation::Operation};

/// What one request of the raw client returns.
type RawResult<T> = Result<ResponseValue<Envelope<T>>, raw::Error>;

/// A request of the raw client in flight.
pub(crate) trait Sending<T>: Future<Output = RawResult<T>> + Send {}

impl<T, F: Future<Output = RawResult<T>> + Send> Sending<T> for F {}

/// Makes a call that belongs to no project. `request` sends one attempt.
pub(crate) async fn call<'a, T, F, Fut>(
    session: &'a Session,
    operation: Operation,
    deadline: Instant,
    request: F,
) -> Result<Response<T>>
where
    T: ResponseData,
    F: Fn(&'a raw::Client) -> Fut + Send + Sync,
    Fut: Sending<T> + 'a,
{
    Call::begin(session, operation, deadline)?.send(request).await
}

/// Makes a call on the clusters of the project.
pub(crate) async fn call_in_scope<'a, T, F, Fut>(
    session: &'a Session,
    operation: Operation,
    deadline: Instant,
    request: F,
) -> Result<Response<T>>
where
    T: ResponseData,
    F: Fn(&'a raw::Client, ScopeIds) -> Fut + Send + Sync,
    Fut: Sending<T> + 'a,
{
    let call = Call::begin(session, operation, deadline)?;
    let (scope, is_fresh) = call.scope().await?;
    match call.send(|raw| request(raw, scope)).await {
        Err(refused) if !is_fresh => Err(boxed(|| call.explain(refused)).await),
        response => response,
    }
}

/// Resolves the project of the session, if no call has done so.
pub(crate) async fn resolve_scope(session: &Session, deadline: Instant) -> Result<&Scope> {
    match session.account().pinned() {
        Some(scope) => Ok(scope),
        None => Call::begin(session, Operation::OrgInfo, deadline)?.resolve().await,
    }
}

/// A call in progress.
pub(super) struct Call<'a> {
    session: &'a Session,
    operation: Operation,
    deadline: Instant,
    span: Span,
}

impl<'a> Call<'a> {
    /// Begins a call, unless the client is closed.
    pub(super) fn begin(session: &'a Session, operation: Operation, deadline: Instant) -> Result<Self> {
        if session.is_closed() {
            return Err(Error::Closed);
        }
        Ok(Self { session, operation, deadline, span: trace::call(operation) })
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Sends the request until it succeeds or the policy says that no retry follows.
    pub(super) async fn send<T, F, Fut>(&self, request: F) -> Result<Response<T>>
    where
        T: ResponseData,
        F: Fn(&'a raw::Client) -> Fut + Send + Sync,
        Fut: Sending<T> + 'a,
    {
        let mut exchange = TypedExchange { session: self.session, operation: self.operation, request, envelope: None };
        let head = self.run(&mut exchange).await?;
        exchange.into_response(head)
    }

    /// The scope of the call, and whether the account was fetched for it: then a refusal is not the fault of a project that no
    /// longer exists.
    async fn scope(&self) -> Result<(ScopeIds, bool)> {
        match self.session.account().resolve_cached() {
            Some(scope) => Ok((scope.ids(), false)),
            None => Ok((boxed(|| self.resolve()).await?.ids(), true)),
        }
    }

    /// Resolves the project as a part of this call.
    async fn resolve(&self) -> Result<&'a Scope> {
        let resolving = self.session.account().resolve(self.fetch_account());
        let resolved = timeout_at(self.deadline, resolving.instrument(self.span.clone())).await;
        let resolved = resolved.unwrap_or_else(|_| Err(classify::deadline_exceeded(self.operation, false)));
        trace::finish(&self.span, &resolved);
        resolved
    }

    /// The error of a refused call: names the project if it no longer exists.
    async fn explain(&self, refused: Error) -> Error {
        if !matches!(refused, Error::Permission { .. } | Error::NotFound { .. }) {
            return refused;
        }
        let checking = self.session.account().missing_project(self.operation, self.fetch_account());
        let checked = timeout_at(self.deadline, checking.instrument(self.span.clone())).await;
        checked.ok().flatten().unwrap_or(refused)
    }

    async fn fetch_account(&self) -> Result<UserOrgInfoDto> {
        let operation = Operation::OrgInfo;
        let request = |raw: &'a raw::Client| raw.org_info().send();
        let mut exchange = TypedExchange { session: self.session, operation, request, envelope: None };
        let call = Self { operation, span: Span::none(), ..*self };
        let head = call.attempts(&mut exchange).await?;
        exchange.into_response(head)?.into_data(operation)
    }

    async fn run(&self, exchange: &mut dyn Exchange) -> Result<Head> {
        let result = self.attempts(exchange).instrument(self.span.clone()).await;
        trace::finish(&self.span, &result);
        result
    }

    async fn attempts(&self, exchange: &mut dyn Exchange) -> Result<Head> {
        let mut progress = Progress::default();
        loop {
            match self.attempt(exchange, progress.resends()).await {
                Ok(head) => {
                    self.session.budget().release(progress.spent);
                    return Ok(head);
                }
                Err(failed) => self.session.sleep(self.after(failed, &mut progress)?).await?,
            }
        }
    }

    /// Sends the request once.
    async fn attempt(&self, exchange: &mut dyn Exchange, resends: u32) -> Result<Head, FailedAttempt> {
        if let Some(provider) = self.session.provider() {
            let authorized = boxed(|| self.authorize(provider)).await;
            authorized.map_err(|error| FailedAttempt { error, was_made: false })?;
        }
        let now = Instant::now();
        if now >= self.deadline {
            let error = classify::deadline_exceeded(self.operation, false);
            return Err(FailedAttempt { error, was_made: false });
        }
        // From connecting to the last byte of the body.
        let end = self.deadline.min(now + self.session.settings().timeouts.of(self.operation.idempotency()));
        let result = timeout_at(end, exchange.attempt(resends)).await.unwrap_or_else(|_| {
            Err(match end < self.deadline {
                true => classify::attempt_timed_out(self.operation),
                false => classify::deadline_exceeded(self.operation, true),
            })
        });
        if let (Ok(head), true) = (&result, recording::is_recording()) {
            recording::record(recording::attempt(self.operation, Ok(head)));
        }
        let result = result.map(|head| Head { sent: now, ..head });
        result.map_err(|error| FailedAttempt { error, was_made: true })
    }

    /// Makes sure that there is a credential. Until then nothing is sent, so that the outcome of a write is known.
    async fn authorize(&self, provider: &CredentialProvider) -> Result<()> {
        let asking = timeout_at(self.deadline, provider.current()).await;
        asking.unwrap_or_else(|_| Err(classify::deadline_exceeded(self.operation, false))).map(drop)
    }

    /// The backoff after a failed attempt, or the error that the call ends with.
    #[cold]
    #[inline(never)]
    fn after(&self, failed: FailedAttempt, progress: &mut Progress) -> Result<Duration> {
        let FailedAttempt { mut error, was_made } = failed;
        let remaining = self.deadline.saturating_duration_since(Instant::now());
        let state = RetryState { retries: progress.retries, remaining, random: self.session.random()() };
        let is_refused = matches!(error, Error::Authentication { .. });
        let wait = match decide(&self.session.settings().policy, self.operation.idempotency(), &error, state) {
            Decision::Retry { wait, cost } if self.session.budget().try_acquire(cost) => {
                progress.spent += cost;
                progress.retries += 1;
                Some(wait)
            }
            _ if is_refused && !progress.reauthorized && self.session.provider().is_some() => {
                progress.reauthorized = true;
                Some(Duration::ZERO)
            }
            _ => None,
        };
        if was_made {
            let attempt = Attempt { wait: wait.unwrap_or_default(), ..recording::attempt(self.operation, Err(&error)) };
            recording::record(attempt.clone());
            progress.attempts.push(attempt);
        }
        let Some(wait) = wait else {
            error.set_attempts(std::mem::take(&mut progress.attempts));
            return Err(match self.operation.is_write() && error.is_ambiguous() {
                true => classify::into_outcome_unknown(self.operation, error),
                false => error,
            });
        };
        trace::retry(wait, &error);
        Ok(wait)
    }
}

/// What a call has done so far.
#[derive(Default)]
struct Progress {
    /// Retries of the policy.
    retries: u32,
    /// Whether the request was sent again with another credential.
    reauthorized: bool,
    /// What the retries took from the budget.
    spent: u32,
    attempts: Vec<Attempt>,
}

impl Progress {
    fn resends(&self) -> u32 {
        self.retries + u32::from(self.reauthorized)
    }
}

struct FailedAttempt {
    error: Error,
    /// False if nothing was sent.
    was_made: bool,
}

/// Sends the request of a call. The loop is compiled once: it does not know the type of the response.
trait Exchange: Send {
    /// Sends the request once, and keeps the envelope of a success.
    fn attempt(&mut self, resends: u32) -> BoxFuture<'_, Result<Head>>;
}

struct TypedExchange<'a, T, F> {
    session: &'a Session,
    operation: Operation,
    request: F,
    envelope: Option<Envelope<T>>,
}

impl<T, F> TypedExchange<'_, T, F> {
    /// The response after a successful attempt.
    fn into_response(self, head: Head) -> Result<Response<T>> {
        let envelope = self.envelope.ok_or_else(|| classify::no_response(self.operation))?;
        Ok(Response { envelope, head })
    }
}

impl<'a, T, F, Fut> Exchange for TypedExchange<'a, T, F>
where
    T: ResponseData,
    F: Fn(&'a raw::Client) -> Fut + Send + Sync,
    Fut: Sending<T> + 'a,
{
    fn attempt(&mut self, resends: u32) -> BoxFuture<'_, Result<Head>> {
        Box::pin(async move {
            let raw = self.session.untimed();
            // Made in here, so that it is in the box from the beginning.
            let result = match resends {
                0 => (self.request)(raw).await,
                _ => boxed(|| with_resend_count(resends, (self.request)(raw))).await,
            };
            let response = classify::read(self.operation, self.session, result).await?;
            self.envelope = Some(response.envelope);
            Ok(response.head)
        })
    }
}

#[cfg(test)]
mod tests;
