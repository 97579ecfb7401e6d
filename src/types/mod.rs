//! Hand-written wire types, and foreign text made printable. This room depends on no other.

pub(crate) mod cluster_name;
pub(crate) mod debug;
pub(crate) mod drift;
pub(crate) mod envelope;
pub(crate) mod extra;
#[cfg(feature = "schemars")]
pub(crate) mod json_schema;
pub(crate) mod list;
pub(crate) mod object;
pub(crate) mod open_enum;
pub(crate) mod operation;
pub(crate) mod org;
pub(crate) mod seconds;
pub(crate) mod secret;
pub(crate) mod setters;
pub(crate) mod text;
pub(crate) mod timestamp;
