//! `Catalogue`: the SKUs of the service, one query for each combination of type, module and cloud.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::sku::SkuDescription;
use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::facade::operations;
use crate::schema::{CloudProvider, EloqModule, SkuInfo, SkuType};
use crate::types::text;

/// How many candidates a message lists.
const MAX_LISTED: usize = 10;

type Filters = (SkuType, EloqModule, CloudProvider);

/// Filled as needed. Calls that use the same one at the same time share its queries.
#[derive(Debug, Default)]
pub(crate) struct Catalogue(Mutex<HashMap<Filters, Arc<[SkuInfo]>>>);

impl Catalogue {
    pub(super) async fn skus(&self, session: &Session, deadline: Instant, filters: &Filters) -> Result<Arc<[SkuInfo]>> {
        let mut known = self.0.lock().await;
        if let Some(skus) = known.get(filters) {
            return Ok(skus.clone());
        }
        let skus: Arc<[SkuInfo]> = operations::list_skus(session, deadline, filters.clone()).await?.into();
        known.insert(filters.clone(), skus.clone());
        Ok(skus)
    }

    /// The one SKU that matches.
    pub(crate) async fn resolve(
        &self,
        session: &Session,
        deadline: Instant,
        described: &SkuDescription,
    ) -> Result<SkuInfo> {
        let (sku_type, module, cloud) = &described.filters();
        if *sku_type == SkuType::Unspecified {
            return Err(Error::invalid_input(
                "sku",
                "the type `unspecified` is no filter: choose serverless or dedicated",
            ));
        }
        let skus = self.skus(session, deadline, &described.filters()).await?;
        let matching: Vec<&SkuInfo> = skus.iter().filter(|sku| described.matches(sku)).collect();
        match &matching[..] {
            [only] => Ok((*only).clone()),
            [] => {
                let all = list(skus.iter());
                let reason = format!("no SKU is {described}; {sku_type} {module} on {cloud} has {all}");
                Err(Error::invalid_input("sku", reason))
            }
            several => {
                let candidates = list(several.iter().copied());
                Err(Error::invalid_input(
                    "sku",
                    format!("several SKUs are {described}: {candidates}; choose one by its id"),
                ))
            }
        }
    }
}

/// The first SKUs by id, name and size, in one line.
fn list<'s>(skus: impl ExactSizeIterator<Item = &'s SkuInfo>) -> String {
    let more = skus.len().saturating_sub(MAX_LISTED);
    let mut out = String::new();
    for sku in skus.take(MAX_LISTED) {
        let comma = if out.is_empty() { "" } else { ", " };
        let SkuInfo { sku_id, sku_name, tx_cpu_limit, tx_memory_mi_limit, tx_replica, .. } = sku;
        let name = text::line(sku_name, 100);
        let size = format!("{tx_cpu_limit} CPU, {tx_memory_mi_limit} Mi, {tx_replica} replicas");
        // Writing into a String does not fail.
        let _ = write!(out, "{comma}{sku_id} ({name}, {size})");
    }
    match more {
        0 if out.is_empty() => "none".to_owned(),
        0 => out,
        more => format!("{out} and {more} more"),
    }
}
