//! Clusters: requests with options, lists, waits, and writes whose outcome is reconciled.

pub(crate) mod bulk;
pub(crate) mod catalogue;
pub(crate) mod compare;
pub(crate) mod create;
pub(crate) mod deletable;
pub(crate) mod delete;
pub(crate) mod ensure;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod observed;
pub(crate) mod paginator;
pub(crate) mod reconcile;
pub(crate) mod sku;
pub(crate) mod spec;
pub(crate) mod temporary;
pub(crate) mod wait;
pub(crate) mod waiter;
