//! The code that `build.rs` generates from `openapi.yaml`.

#![allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    missing_debug_implementations,
    unused_imports
)]

include!(concat!(env!("OUT_DIR"), "/raw.rs"));
