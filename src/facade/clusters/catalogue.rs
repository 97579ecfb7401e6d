//! `Catalogue`: the SKUs of the service, one query for each combination of type, module and cloud.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::sku::SkuDescription;
use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::facade::operations;
use crate::schema::{CloudProvider, EloqModule, SkuInfo, SkuType};
use crate::types::text;

type Filters = (SkuType, EloqModule, CloudProvider);

/// Filled as needed. Calls that use the same one at the same time share its queries.
#[derive(Debug, Default)]
pub(crate) struct Catalogue(Mutex<HashMap<Filters, Arc<[SkuInfo]>>>);

impl Catalogue {
    /// The same for a call that ends then.
    pub(crate) fn within<'a>(&'a self, session: &'a Session, deadline: Instant) -> CatalogueReader<'a> {
        CatalogueReader { catalogue: self, session, deadline }
    }
}

/// A call that reads the catalogue.
#[derive(Clone, Copy)]
pub(crate) struct CatalogueReader<'a> {
    catalogue: &'a Catalogue,
    pub(super) session: &'a Session,
    pub(super) deadline: Instant,
}

impl CatalogueReader<'_> {
    pub(super) async fn skus(self, filters: &Filters) -> Result<Arc<[SkuInfo]>> {
        let mut known = self.catalogue.0.lock().await;
        if let Some(skus) = known.get(filters) {
            return Ok(skus.clone());
        }
        let skus: Arc<[SkuInfo]> = operations::list_skus(self.session, self.deadline, filters.clone()).await?.into();
        known.insert(filters.clone(), skus.clone());
        Ok(skus)
    }

    /// The one SKU that matches.
    pub(crate) async fn resolve(self, described: &SkuDescription) -> Result<SkuInfo> {
        let filters @ (sku_type, module, cloud) = &described.filters();
        if *sku_type == SkuType::Unspecified {
            let reason = "the type `unspecified` is no filter: choose serverless or dedicated";
            return Err(Error::invalid_input("sku", reason));
        }
        let skus = self.skus(filters).await?;
        let matching: Vec<&SkuInfo> = skus.iter().filter(|sku| described.matches(sku)).collect();
        let reason = match &matching[..] {
            [only] => return Ok((*only).clone()),
            [] => format!("no SKU is {described}; {sku_type} {module} on {cloud} has {}", list(skus.iter())),
            several => {
                let candidates = list(several.iter().copied());
                format!("several SKUs are {described}: {candidates}; choose one by its id")
            }
        };
        Err(Error::invalid_input("sku", reason))
    }
}

/// The first SKUs by id, name and size, in one line.
fn list<'s>(skus: impl ExactSizeIterator<Item = &'s SkuInfo>) -> String {
    text::list(skus.map(|SkuInfo { sku_id, sku_name, tx_cpu_limit, tx_memory_mi_limit, tx_replica, .. }| {
        let size = format!("{tx_cpu_limit} CPU, {tx_memory_mi_limit} Mi, {tx_replica} replicas");
        format!("{sku_id} ({}, {size})", text::line(sku_name, 100))
    }))
}
