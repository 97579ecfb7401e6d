//! The one way from a call to its response: attempt, classify, decide, back off.

use std::future::ready;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use super::account::{Scope, ScopeIds};
use super::classify::{self, ResponseParser};
use super::future::{BoxFuture, boxed};
use super::response::{Response, ResponseData};
use super::retry::{Decision, RetryState, decide};
use super::{recording, session::Session, trace};
use crate::connection::provider::CredentialProvider;
use crate::error::{Error, Result, attempt::Attempt};
use crate::raw::{self, response::Exchanged, response::Head, transport::exchange};
use crate::schema::UserOrgInfoDto;
use crate::types::operation::Operation;

/// A request of the raw client, built but not sent.
type Built = Result<reqwest::Request, Box<raw::Error>>;

/// Makes a call that belongs to no project. `request` builds the request of one attempt.
pub(crate) async fn call<T: ResponseData>(
    session: &Session,
    operation: Operation,
    deadline: Instant,
    request: impl Fn(&raw::Client) -> Built + Send + Sync,
) -> Result<Response<T>> {
    Call::begin(session, operation, deadline)?.send(request).await
}

/// Makes a call on the clusters of the project.
pub(crate) async fn call_in_scope<T: ResponseData>(
    session: &Session,
    operation: Operation,
    deadline: Instant,
    request: impl Fn(&raw::Client, ScopeIds) -> Built + Send + Sync,
) -> Result<Response<T>> {
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
    pub(super) async fn send<T: ResponseData>(
        &self,
        request: impl Fn(&raw::Client) -> Built + Send + Sync,
    ) -> Result<Response<T>> {
        let mut exchange = TypedExchange { request, response: None };
        self.run(&mut exchange).await?;
        exchange.response.ok_or_else(|| classify::no_response(self.operation))
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
        let call = Self { operation, span: Span::none(), ..*self };
        let response = call.send(|raw| raw.org_info().build()).await?;
        response.into_data(operation)
    }

    async fn run(&self, exchange: &mut dyn Exchange) -> Result<()> {
        let result = self.attempts(exchange).instrument(self.span.clone()).await;
        trace::finish(&self.span, &result);
        result
    }

    async fn attempts(&self, exchange: &mut dyn Exchange) -> Result<()> {
        let mut progress = Progress::default();
        loop {
            match self.attempt(exchange, progress.resends()).await {
                Ok(()) => {
                    self.session.budget().release(progress.spent);
                    return Ok(());
                }
                Err(failed) => {
                    let wait = self.after(failed, &mut progress)?;
                    boxed(|| self.session.sleep(wait)).await?;
                }
            }
        }
    }

    /// Sends the request once.
    async fn attempt(&self, exchange: &mut dyn Exchange, resends: u32) -> Result<(), FailedAttempt> {
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
        let parser = ResponseParser { operation: self.operation, session: self.session };
        let received = timeout_at(end, parser.receive(exchange.send(self.session, resends))).await;
        let received = received.unwrap_or_else(|_| {
            Err(match end < self.deadline {
                true => classify::attempt_timed_out(self.operation),
                false => classify::deadline_exceeded(self.operation, true),
            })
        });
        let accepted = received.and_then(|(head, body)| {
            let head = Head { sent: now, ..head };
            let attempt = recording::is_recording().then(|| recording::attempt(self.operation, Ok(&head)));
            exchange.accept(&parser, head, &body)?;
            attempt.into_iter().for_each(recording::record);
            Ok(())
        });
        accepted.map_err(|error| FailedAttempt { error, was_made: true })
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

/// The request and the response of a call. The loop is compiled once: it does not know the type of the response.
trait Exchange: Send {
    /// Sends the request once.
    fn send<'a>(&'a self, session: &'a Session, resends: u32) -> BoxFuture<'a, Exchanged>;

    /// Decodes a 2xx, and keeps it.
    fn accept(&mut self, parser: &ResponseParser<'_>, head: Head, body: &[u8]) -> Result<()>;
}

struct TypedExchange<T, F> {
    request: F,
    response: Option<Response<T>>,
}

impl<T: ResponseData, F: Fn(&raw::Client) -> Built + Send + Sync> Exchange for TypedExchange<T, F> {
    fn send<'a>(&'a self, session: &'a Session, resends: u32) -> BoxFuture<'a, Exchanged> {
        let raw = session.raw();
        match (self.request)(raw) {
            Ok(request) => Box::pin(exchange(&raw.inner, request, resends)),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn accept(&mut self, parser: &ResponseParser<'_>, head: Head, body: &[u8]) -> Result<()> {
        self.response = Some(parser.decode(head, body)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
