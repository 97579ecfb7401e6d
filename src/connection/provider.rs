//! `CredentialProvider`: a source of credentials that change, asked when there is none and after the service refused one.

use std::error::Error as StdError;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::TryFutureExt;
use futures_util::future::BoxFuture;
use http::header::HeaderValue;

use super::auth::{Authorization, Credential, PROVIDER};
use super::single_flight::SingleFlight;
use crate::error::{Error, Result};
use crate::types::{debug::debug, text};

/// How many earlier credentials are still redacted in responses.
const MAX_KNOWN: usize = 4;

type Source = dyn Fn() -> BoxFuture<'static, Result<Credential>> + Send + Sync;

/// A source of credentials, shared by a client and its clones.
#[derive(Clone)]
pub(crate) struct CredentialProvider(Arc<Shared>);

struct Shared {
    source: Box<Source>,
    cache: Mutex<Cache>,
    flight: SingleFlight,
}

#[derive(Default)]
struct Cache {
    /// The newest first.
    known: Vec<Authorization>,
    /// Whether the newest is to be used.
    is_valid: bool,
}

impl CredentialProvider {
    pub(crate) fn new<F, Fut, E>(source: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Credential, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let source = Box::new(move || -> BoxFuture<'static, Result<Credential>> {
            Box::pin(source().map_err(|error| {
                let reason = text::line(&error.into().to_string(), 200);
                Error::config(PROVIDER, format!("failed: {reason}"))
            }))
        });
        Self(Arc::new(Shared { source, cache: Mutex::default(), flight: SingleFlight::default() }))
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
        let fetch = async {
            let authorization = (self.0.source)().await?.authorization()?;
            let mut cache = self.cache();
            cache.known.insert(0, authorization.clone());
            cache.known.truncate(MAX_KNOWN);
            cache.is_valid = true;
            Ok(authorization)
        };
        self.0.flight.get(|| self.cached(), fetch).await
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
