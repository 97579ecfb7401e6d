//! Properties of generated names, URLs, credentials and responses, of schedules of writes whose responses are lost, and of watches.

#[path = "../support/plain_client.rs"]
mod plain_client;

mod base_url;
mod credentials;
mod deletion;
mod names;
mod responses;
mod schedules;
mod watch;

use std::future::IntoFuture;

use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{EloqApi, RetryPolicy};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Checks a property for values of a strategy. A failure prints the smallest value that fails.
fn for_all<S: Strategy>(cases: u32, values: S, check: impl Fn(S::Value) -> TestCaseResult) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&values, check).unwrap_or_else(|failure| panic!("{failure}"));
}

/// A simulator on its own runtime.
struct Service {
    runtime: Runtime,
    simulator: Simulator,
}

impl Service {
    fn start(settings: SimulatorBuilder) -> Self {
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(settings.start()).unwrap();
        Self { runtime, simulator }
    }

    fn block_on<F: IntoFuture>(&self, future: F) -> F::Output {
        self.runtime.block_on(future.into_future())
    }

    /// A client without retries, so that every fault has an effect.
    fn client_without_retries(&self) -> EloqApi {
        let builder = EloqApi::builder().api_key(self.simulator.api_key()).base_url(self.simulator.base_url());
        builder.retry(RetryPolicy::none()).build().unwrap()
    }
}

/// The data of a describe response, with these credentials.
fn described(module: &str, user: &str, password: &str, host: &str, port: u16) -> Value {
    json!({
        "admin_user": user, "admin_password": password, "cloud_provider": "AWS", "cluster_deploy_mode": "txWithInternalLog",
        "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": "c", "elb_addr": host, "elb_port": port,
        "elb_state": "active", "log_cpu_limit": 0.5, "log_memory_mi_limit": 512.0, "log_replica": 1,
        "module_type": module, "org_name": "o", "project_name": "p", "region": "us-west-1", "status": "available",
        "tx_cpu_limit": 1.0, "tx_memory_mi_limit": 1024.0, "tx_replica": 1, "version": "v", "zone": "us-west-1a",
    })
}

/// A fault that returns this data in a describe response.
fn describe_response(data: &Value) -> Fault {
    let body = json!({ "code": 0, "message": "success", "data": data }).to_string();
    Fault::on(Operation::DescribeCluster).reply(200, "application/json", body)
}
