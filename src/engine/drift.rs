//! `DriftReporter`: reports fields and values that this version does not know, each once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::types::drift::{Drift, Inspect};
use crate::types::{debug::debug, text};

/// More than any real change brings: a service that invents names must not fill the memory.
const MAX_REPORTS: usize = 256;

/// The callback for drift.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Fn(&Drift) + Send + Sync>);

impl Listener {
    pub(crate) fn new(listener: impl Fn(&Drift) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }
}

debug! { Listener {} }

/// Shared by a client and its clones.
#[derive(Debug, Default)]
pub(crate) struct DriftReporter {
    reported: Mutex<HashSet<Drift>>,
    listener: Option<Listener>,
}

impl DriftReporter {
    pub(crate) fn new(listener: Option<Listener>) -> Self {
        Self { reported: Mutex::default(), listener }
    }

    /// Reports the new drift of a response.
    pub(crate) fn report(&self, response: &dyn Inspect) {
        response.find_drift(("", ""), &mut |drift| {
            let drift = match drift {
                Drift::Field { schema, field } => Drift::Field { schema, field: text::line(&field, 100) },
                Drift::Value { schema, field, value } => Drift::Value { schema, field, value: text::line(&value, 100) },
            };
            if self.is_new(&drift) {
                tracing::warn!("{drift}; check for a newer eloq-sdk");
                if let Some(Listener(listener)) = &self.listener {
                    listener(&drift);
                }
            }
        });
    }

    fn is_new(&self, drift: &Drift) -> bool {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.len() == MAX_REPORTS - 1 && !reported.contains(drift) {
            tracing::warn!("too many unknown fields and values; further ones are not reported");
        }
        reported.len() < MAX_REPORTS && reported.insert(drift.clone())
    }
}
