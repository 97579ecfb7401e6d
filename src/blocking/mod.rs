//! The client for programs without an async runtime: the same names, arguments and results; each call blocks until its response.
//!
//! Requests are sent with `send()`, and streams are iterators. The client works in `fn main()`, inside a tokio runtime of either
//! kind (where it blocks the thread), and from several threads at once. A thread of the client drives the sockets; it ends with the
//! last clone.
//!
//! ```no_run
//! use eloq_sdk::blocking::EloqApi;
//!
//! fn main() -> eloq_sdk::Result<()> {
//!     let client = EloqApi::from_environ()?;
//!     for cluster in client.clusters().per_page(50).send()?.cluster_list {
//!         println!("{}: {}", cluster.cluster_name, cluster.status);
//!     }
//!     let result = client.cluster_create("my-cluster", "us-west-1", 101).zone("us-west-1a").send();
//!     println!("{}", result.message);
//!     Ok(())
//! }
//! ```

/// Defines methods that forward to those of the wrapped type, by a method `with` of the wrapper.
macro_rules! forward {
    ($wrapper:ty => $inner:path $(where $data:ident)? {
        $($name:ident($($argument:ident: $kind:ty)?) -> $output:ty;)+
    }) => {
        impl$(<$data: Send + 'static>)? $wrapper {
            $(
                #[doc = concat!("As [`", stringify!($inner), "::", stringify!($name), "`](", stringify!($inner), "::",
                    stringify!($name), ").")]
                pub fn $name(self $(, $argument: $kind)?) -> $output {
                    self.with(|inner| inner.$name($($argument)?))
                }
            )+
        }
    };
}

pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod request;
mod runtime;
pub(crate) mod stop;
pub(crate) mod temporary;

pub use self::builder::EloqApiBuilder;
pub use self::client::{EloqApi, record_attempts};
pub use self::request::Request;
pub use self::stop::StopHandle;
pub use self::temporary::{CreateTemporary, TemporaryCluster};
