//! What holds for every input: generated names, URLs, credentials, answers, and schedules of changes whose answers get lost.

mod answers;
mod base_url;
mod credentials;
mod names;
mod schedules;

use std::future::IntoFuture;

use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{EloqApi, RetryPolicy};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Checks that something holds for every value of a strategy. What fails is printed in its smallest form.
fn for_all<S: Strategy>(cases: u32, values: S, check: impl Fn(S::Value) -> TestCaseResult) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&values, check).unwrap_or_else(|failure| panic!("{failure}"));
}

/// A simulator on a runtime of its own.
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

    fn get<F: IntoFuture>(&self, future: F) -> F::Output {
        self.runtime.block_on(future.into_future())
    }

    /// A client that lets no fault pass unseen.
    fn direct(&self) -> EloqApi {
        let builder = EloqApi::builder().api_key(self.simulator.api_key()).base_url(self.simulator.base_url());
        builder.retry(RetryPolicy::none()).build().unwrap()
    }

    fn count(&self, operation: Operation) -> usize {
        self.simulator.requests().iter().filter(|request| request.operation() == Some(operation)).count()
    }
}

/// The answer to a describe, with these credentials in it.
fn described(module: &str, user: &str, password: &str, host: &str, port: u16) -> Value {
    json!({
        "admin_user": user, "admin_password": password, "cloud_provider": "AWS", "cluster_deploy_mode": "txWithInternalLog",
        "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": "c", "elb_addr": host, "elb_port": port,
        "elb_state": "active", "log_cpu_limit": 0.5, "log_memory_mi_limit": 512.0, "log_replica": 1,
        "module_type": module, "org_name": "o", "project_name": "p", "region": "us-west-1", "status": "available",
        "tx_cpu_limit": 1.0, "tx_memory_mi_limit": 1024.0, "tx_replica": 1, "version": "v", "zone": "us-west-1a",
    })
}

fn answer(data: &Value) -> Fault {
    let body = json!({ "code": 0, "message": "success", "data": data }).to_string();
    Fault::on(Operation::DescribeCluster).reply(200, "application/json", body)
}
