//! A stateful in-process EloqCloud, for tests and for trying the SDK without an account.
//!
//! It serves real HTTP on a loopback port, for clients in any language. It simulates keys, an organization with projects,
//! SKUs, the cluster lifecycle, the free plan's limit and pagination. It records the requests it receives, and a [`Fault`]
//! makes chosen requests fail. Tests move its clock forward instead of sleeping. The page [`testing`](crate::guide::testing) of the
//! guide shows how to test a program with it.
//!
//! It runs on the tokio runtime of the program, or with [`SimulatorBuilder::start_blocking`] on a thread of its own. The module
//! [`sample`] has values for tests without a network.
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
//! # Cluster lifecycle
//!
//! | request | precondition | resulting status |
//! |---|---|---|
//! | create | the cluster does not exist | `provisioning`, later `available` |
//! | delete | `available` | `unavailable`, later the cluster is gone |
//! | start, restart, apply a config | neither provisioning nor being deleted | `available` immediately |
//! | shutdown | neither provisioning nor being deleted | `idle` immediately |
//! | a connection to a cluster with a real Redis server | `idle` | `available`, before the first byte arrives |
//!
//! With [`SimulatorBuilder::idle_after`] an available cluster becomes `idle` after that time. A new connection to a real Redis
//! server restarts the time; traffic on an open connection does not.
//! [`Simulator::set_cluster_status`] sets any status.
//!
//! # Real Redis servers
//!
//! [`SimulatorBuilder::redis_server`] runs a `redis-server` process for every EloqKV cluster. The address of the cluster is a load
//! balancer on a free port of 127.0.0.1: it wakes the cluster if it is idle, and forwards all bytes to the server's Unix socket.
//! Blocking drivers work on the simulator's thread, since the load balancers have a thread of their own. The server accepts only
//! the user of the cluster's credentials; [`Simulator::rotate_password`] replaces the password and ends open connections.
//!
//! The server keeps its data across shutdown, start and restart. It stops when the cluster is deleted, the simulator is dropped,
//! or the simulator's process is killed; the port closes and open connections end. Clusters of other modules stay simulated:
//! nothing listens at their addresses, so nothing wakes them but a start or a restart.
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
//! # Regions
//!
//! The region of a create request must belong to the cloud of its SKU. The vendor's pages name `us-west-1` and
//! `ap-northeast-1`; the others are a choice of the simulator. [`SeededCluster::region`] takes any region.
//!
//! | cloud | regions |
//! |---|---|
//! | AWS | `us-west-1`, `us-east-1`, `eu-central-1`, `ap-northeast-1` |
//! | GCP | `us-central1`, `us-west1`, `europe-west1`, `asia-northeast1` |
//!
//! # Error statuses
//!
//! | status | cause |
//! |---|---|
//! | 400 | a field, parameter or body is missing or invalid, or the region is not one of the SKU's cloud; the message starts with the name |
//! | 401 | the key or token is missing or wrong |
//! | 403 | another organization or project; describe of a missing cluster; delete of an unavailable cluster; cluster limit |
//! | 404 | unknown path or config; a missing cluster in all operations but describe |
//! | 405 | the path does not support the method |
//! | 409 | a cluster with this name exists |
//! | 413 | the request body is longer than 1 MiB |
//! | 500 | a cluster's `redis-server` does not start; the message gives the reason |

mod api;
mod builder;
mod catalogue;
mod clock;
mod cloud;
mod cluster;
mod code_style;
mod encoding;
mod fault;
mod fault_text;
mod handle;
mod load_balancer;
mod record;
mod redis_server;
mod response;
mod route;
pub mod sample;
mod seed;
mod server;
mod state;
mod variation;

pub use crate::types::operation::Operation;
pub use builder::SimulatorBuilder;
pub use clock::DateHeader;
pub use code_style::CodeStyle;
pub use fault::Fault;
pub use handle::Simulator;
pub use record::RecordedRequest;
pub use redis_server::find_redis_server;
pub use seed::{SeededCluster, SimulatedCluster};
