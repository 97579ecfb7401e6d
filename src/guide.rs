//! The pages of the folder `docs`, and the programs of the folder `examples`.

#[doc = include_str!("../docs/cli.md")]
pub mod cli {}

#[doc = include_str!("../docs/connection.md")]
pub mod connection {}

#[doc = include_str!("../docs/cookbook.md")]
pub mod cookbook {}

#[doc = include_str!("../docs/fleet.md")]
pub mod fleet {}

#[doc = include_str!("../docs/lifecycle.md")]
pub mod lifecycle {}

#[doc = include_str!("../docs/other-languages.md")]
pub mod other_languages {}

#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

#[doc = include_str!("../docs/resilience.md")]
pub mod resilience {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

/// The programs of the folder `examples`. `cargo run --example NAME` runs one.
// `cargo test` builds them as examples.
#[cfg(not(doctest))]
pub mod examples {
    macro_rules! pages {
        ($($name:ident)*) => {$(
            #[doc = concat!("`cargo run --example ", stringify!($name), "`\n\n````rust")]
            #[doc = include_str!(concat!("../examples/", stringify!($name), ".rs"))]
            #[doc = "````"]
            pub mod $name {}
        )*};
    }
    pages! {
        batch blocking ci_job ensure error_handling first_call full_workflow inventory logging manage_clusters monitor
        oauth_projects own_http_client plan proxy quickstart raw_client redis_pool shared_client simulator watch
        watch_all
    }
}
