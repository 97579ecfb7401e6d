//! The pages of the folder `docs`: how to connect, what happens when the network is not safe, and recipes.

#[doc = include_str!("../docs/connection.md")]
pub mod connection {}

#[doc = include_str!("../docs/cookbook.md")]
pub mod cookbook {}

#[doc = include_str!("../docs/resilience.md")]
pub mod resilience {}
