//! The commands, a module each.

pub(crate) mod api;
pub(crate) mod apply;
pub(crate) mod auth;
pub(crate) mod billing;
pub(crate) mod cluster;
pub(crate) mod complete;
pub(crate) mod completion;
pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod dashboard;
pub(crate) mod doctor;
pub(crate) mod env;
pub(crate) mod exec;
pub(crate) mod help;
pub(crate) mod man;
pub(crate) mod org;
pub(crate) mod ping;
pub(crate) mod plan;
pub(crate) mod project;
pub(crate) mod simulator;
pub(crate) mod sku;
pub(crate) mod url;
pub(crate) mod version;
