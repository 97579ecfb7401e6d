//! The pages of the folder `docs`: how to connect, how clusters live, what happens when the network is not safe, recipes, and
//! other languages.

#[doc = include_str!("../docs/connection.md")]
pub mod connection {}

#[doc = include_str!("../docs/cookbook.md")]
pub mod cookbook {}

#[doc = include_str!("../docs/lifecycle.md")]
pub mod lifecycle {}

#[doc = include_str!("../docs/other-languages.md")]
pub mod other_languages {}

#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

#[doc = include_str!("../docs/resilience.md")]
pub mod resilience {}
