//! The one way from a call to its answer: attempt, classify, decide.

use std::future::Future;

use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::context::{Context, Scope};
use crate::raw::{self, ClientInfo, ResponseValue};
use crate::schema::{Envelope, UserOrgInfoDto};
use crate::{Error, Result, classify, trace};

/// A request of the raw client, under way.
pub(crate) trait Attempt<T>: Future<Output = Result<ResponseValue<Envelope<T>>, raw::Error>> {}

impl<T, F: Future<Output = Result<ResponseValue<Envelope<T>>, raw::Error>>> Attempt<T> for F {}

/// Makes one call. `request` sends one attempt through the raw client.
pub(crate) async fn call<'a, T, F, Fut>(
    raw: &'a raw::Client,
    operation: &'static str,
    request: F,
) -> Result<Envelope<T>>
where
    T: DeserializeOwned,
    F: Fn(&'a raw::Client) -> Fut,
    Fut: Attempt<T>,
{
    bounded(raw, operation, attempt(raw, operation, 0, || request(raw))).await
}

/// Makes one call on the clusters of a project. If it is refused and the project is no longer the one that it was made for, it
/// is made once more for the one that is.
pub(crate) async fn call_in_scope<'a, T, F, Fut>(
    raw: &'a raw::Client,
    context: &Context,
    operation: &'static str,
    request: F,
) -> Result<Envelope<T>>
where
    T: DeserializeOwned,
    F: Fn(&'a raw::Client, Scope) -> Fut,
    Fut: Attempt<T>,
{
    bounded(raw, operation, async {
        let (scope, known) = context.scope(|| account(raw)).await?;
        let result = attempt(raw, operation, 0, || request(raw, scope)).await;
        if known
            && matches!(result, Err(Error::Permission(_) | Error::NotFound(_)))
            && let Some(scope) = context.rescope(scope, || account(raw)).await
        {
            return attempt(raw, operation, 1, || request(raw, scope)).await;
        }
        result
    })
    .await
}

/// Makes the account known, if it is not, and a project chosen in it.
pub(crate) async fn resolve(raw: &raw::Client, context: &Context) -> Result<Scope> {
    let scope = bounded(raw, "org_info", async { context.scope(|| account(raw)).await });
    scope.await.map(|(scope, _)| scope)
}

/// Fetches the account as a part of another call.
async fn account(raw: &raw::Client) -> Result<UserOrgInfoDto> {
    const OPERATION: &str = "org_info";
    classify::required(OPERATION, attempt(raw, OPERATION, 0, || raw.org_info().send()).await?)
}

/// Sends one request.
async fn attempt<T, Fut>(
    raw: &raw::Client,
    operation: &'static str,
    resend_count: u32,
    request: impl FnOnce() -> Fut,
) -> Result<Envelope<T>>
where
    T: DeserializeOwned,
    Fut: Attempt<T>,
{
    let reply = trace::resend(resend_count, request()).await;
    classify::read(operation, raw.inner(), reply).await
}

/// Holds a call to its deadline and to the life of the client, and tells how it went.
async fn bounded<T>(raw: &raw::Client, operation: &'static str, call: impl Future<Output = Result<T>>) -> Result<T> {
    let state = raw.inner();
    if state.connections.is_closed() {
        return Err(Error::Closed);
    }
    let span = trace::call(operation);
    let timed = tokio::time::timeout(state.limits.deadline, call).instrument(span.clone());
    let result = timed.await.unwrap_or_else(|_| Err(classify::past_deadline(operation)));
    trace::ended(&span, &result);
    result
}
