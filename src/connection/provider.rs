//! `CredentialProvider`: a source of credentials that change, asked when there is none and after the service refused one.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::HeaderValue;
use tokio::sync::Mutex as AsyncMutex;

use super::auth::{Authorization, Credential, PROVIDER};
use crate::error::{Error, Result};
use crate::types::{debug::debug, text};

/// How many earlier credentials are still redacted in responses.
const MAX_KNOWN: usize = 4;

type Source = dyn Fn() -> Pin<Box<dyn Future<Output = Result<Credential>> + Send>> + Send + Sync;

/// A source of credentials, shared by a client and its clones.
#[derive(Clone)]
pub(crate) struct CredentialProvider(Arc<Shared>);

struct Shared {
    source: Box<Source>,
    cache: Mutex<Cache>,
    /// Held by the one request that asks.
    flight: AsyncMutex<Flight>,
}

#[derive(Default)]
struct Cache {
    /// The newest first.
    known: Vec<Authorization>,
    /// Whether the newest is to be used.
    is_valid: bool,
    failures: u64,
}

/// For the requests that waited for the one that failed.
#[derive(Default)]
struct Flight {
    latest_failure: Option<Error>,
}

impl CredentialProvider {
    pub(crate) fn new<F, Fut, E>(source: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Credential, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let source = Box::new(move || -> Pin<Box<dyn Future<Output = Result<Credential>> + Send>> {
            let asking = source();
            Box::pin(async move {
                asking.await.map_err(|error| {
                    let reason = text::line(&error.into().to_string(), 200);
                    Error::config(PROVIDER, format!("failed: {reason}"))
                })
            })
        });
        Self(Arc::new(Shared { source, cache: Mutex::default(), flight: AsyncMutex::default() }))
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.0.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cached(&self) -> Option<Authorization> {
        let cache = self.cache();
        cache.known.first().filter(|_| cache.is_valid).cloned()
    }

    /// The credential to use. Requests that wait while another one asks share its outcome.
    pub(crate) async fn current(&self) -> Result<Authorization> {
        if let Some(cached) = self.cached() {
            return Ok(cached);
        }
        let failures = self.cache().failures;
        let mut flight = self.0.flight.lock().await;
        if let Some(cached) = self.cached() {
            return Ok(cached);
        }
        if let (Some(error), true) = (&flight.latest_failure, self.cache().failures != failures) {
            return Err(error.clone());
        }
        let provided = (self.0.source)().await.and_then(|credential| credential.authorization());
        let mut cache = self.cache();
        match &provided {
            Ok(authorization) => {
                cache.known.insert(0, authorization.clone());
                cache.known.truncate(MAX_KNOWN);
                cache.is_valid = true;
            }
            Err(error) => {
                flight.latest_failure = Some(error.clone());
                cache.failures += 1;
            }
        }
        provided
    }

    /// Asks again before the next request, unless the refused credential is no longer the current one.
    pub(crate) fn reject(&self, refused: &HeaderValue) {
        let mut cache = self.cache();
        if cache.known.first().is_some_and(|current| current.header() == refused) {
            cache.is_valid = false;
        }
    }

    /// The credentials that a response can repeat.
    pub(super) fn known(&self) -> Vec<Authorization> {
        self.cache().known.clone()
    }
}

debug! { CredentialProvider {} }
