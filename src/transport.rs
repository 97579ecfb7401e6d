//! The one way from a call to its answer: attempt, classify, decide.

use std::future::Future;

use serde::de::DeserializeOwned;

use crate::raw::{self, ClientInfo, ResponseValue};
use crate::schema::Envelope;
use crate::{Result, classify};

/// Makes one call. `request` sends one attempt through the raw client.
pub(crate) async fn call<'a, T, F, Fut>(
    raw: &'a raw::Client,
    operation: &'static str,
    request: F,
) -> Result<Envelope<T>>
where
    T: DeserializeOwned,
    F: Fn(&'a raw::Client) -> Fut,
    Fut: Future<Output = Result<ResponseValue<Envelope<T>>, raw::Error>>,
{
    classify::read(operation, raw.inner(), request(raw).await).await
}
