//! A stateful EloqCloud in the process, for tests and for a first try without an account.
//!
//! It listens on a loopback port and speaks real HTTP, so that every client can be pointed at it, in any language. It
//! knows keys, an organization with projects, SKUs, the life of clusters, the free plan's limit and pages; it records
//! what it received, and a [`Fault`] makes chosen requests fail in chosen ways. Its clock can be moved forward, so
//! that no test has to sleep.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> eloq_sdk::Result<()> {
//! use eloq_sdk::simulator::{Fault, Operation, Simulator};
//!
//! let simulator = Simulator::builder().cluster("orders").start().await?;
//! let client = simulator.client();
//! assert_eq!(client.clusters().await?.total, 1);
//!
//! simulator.inject(Fault::on(Operation::DescribeCluster).status(403));
//! assert_eq!(client.cluster("orders").await.unwrap_err().status(), Some(403));
//! assert_eq!(client.cluster("orders").await?.display_cluster_name, "orders");
//! # Ok(())
//! # }
//! ```
//!
//! # How clusters live
//!
//! | request | the cluster must be | then it is |
//! |---|---|---|
//! | create | absent | `provisioning`, and `available` after a while |
//! | delete | `available` | `unavailable`, and gone after a while |
//! | start, restart, apply a config | neither being set up nor being deleted | `available` at once |
//! | shutdown | neither being set up nor being deleted | `idle` at once |
//!
//! With [`SimulatorBuilder::idle_after`] an available cluster turns `idle` by itself.
//! [`Simulator::set_cluster_status`] sets any status from outside.
//!
//! # Real servers
//!
//! [`SimulatorBuilder::redis_server`] backs every EloqKV cluster with a process of its own that listens on a free port of
//! 127.0.0.1 and knows one user, that of the cluster's credentials. It listens whenever the cluster can be connected to, keeps
//! its data while the cluster is stopped, started or restarted, and ends when the cluster is deleted or the simulator is gone,
//! even when its process is killed. Clusters of other modules stay simulated: nothing listens at their addresses.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use eloq_sdk::simulator::{Simulator, find_redis_server};
//!
//! let Some(program) = find_redis_server() else {
//!     println!("skipped: no redis-server on PATH; install the Debian package redis-server");
//!     return Ok(());
//! };
//! let simulator = Simulator::builder().redis_server(program).cluster("sessions").start().await?;
//! let url = simulator.client().cluster_credentials("sessions").await?.connection_url()?;
//!
//! let mut redis = redis::Client::open(url.expose())?.get_connection()?;
//! redis::cmd("SET").arg("greeting").arg("hello").exec(&mut redis)?;
//! let greeting: String = redis::cmd("GET").arg("greeting").query(&mut redis)?;
//! assert_eq!(greeting, "hello");
//! # Ok(())
//! # }
//! ```
//!
//! # How it refuses
//!
//! | status | when |
//! |---|---|
//! | 400 | a field, parameter or body is missing or wrong; the message begins with its name |
//! | 401 | the key or token is missing or wrong |
//! | 403 | another organization or project; describe of a missing cluster; delete of one not available; the limit |
//! | 404 | no such path; a missing cluster in all operations but describe; no such config |
//! | 405 | the path has other methods |
//! | 409 | a cluster of that name exists |
//! | 413 | the request's body is longer than 1 MiB |
//! | 500 | a real server that a cluster is to have does not start; the message says why |

mod api;
mod builder;
mod catalogue;
mod clock;
mod cloud;
mod cluster;
mod code_style;
mod encoding;
mod fault;
mod handle;
mod operation;
mod record;
mod redis_server;
mod response;
mod route;
mod server;
mod state;

pub use builder::SimulatorBuilder;
pub use code_style::CodeStyle;
pub use fault::Fault;
pub use handle::Simulator;
pub use operation::Operation;
pub use record::RecordedRequest;
pub use redis_server::find_redis_server;
