//! The calls of the SDK as data, and a table of their expected outcomes, which every client runs.

#![allow(dead_code, reason = "each test program uses its own part")]
mod cases;

pub use cases::cases;

use eloq_sdk::schema::{CloudProvider, EloqModule, ModuleType, SkuType};
use eloq_sdk::simulator::{Fault, Operation, Simulator, SimulatorBuilder};
use eloq_sdk::{ClusterCredentials, EloqApi, Error, blocking};
use serde_json::{Value, json};

/// One call of the facade.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    Info,
    Org,
    Projects,
    Clusters { page: u32, per_page: u32 },
    FirstClusters,
    Cluster(&'static str),
    Create { name: &'static str, region: &'static str, sku_id: i64, zone: Option<&'static str> },
    Delete(&'static str),
    Credentials(&'static str),
    Skus(&'static str, &'static str, &'static str),
    Start(&'static str),
    Stop(&'static str),
    Restart(&'static str),
    ConfigHistory(&'static str),
    ApplyConfig(&'static str, i64),
    Subscription,
    PricingPlans,
    Subscribe(i64),
    Dashboards(Option<&'static str>),
}

/// What a call returned: its value as JSON, its message if it is an operation, or its error.
pub type Outcome = Result<Value, Error>;

/// Makes a call with the async client.
pub async fn run(client: &EloqApi, call: Call) -> Outcome {
    match call {
        Call::Info => client.info().await.map(json),
        Call::Org => client.org().await.map(json),
        Call::Projects => client.projects().await.map(json),
        Call::Clusters { page, per_page } => client.clusters().page(page).per_page(per_page).await.map(json),
        Call::FirstClusters => client.clusters().await.map(json),
        Call::Cluster(name) => client.cluster(name).await.map(json),
        Call::Create { name, region, sku_id, zone } => {
            let create = client.cluster_create(name, region, sku_id);
            let create = if let Some(zone) = zone { create.zone(zone) } else { create };
            create.await.into_result().map(json)
        }
        Call::Delete(name) => client.cluster_delete(name).await.into_result().map(json),
        Call::Credentials(name) => client.cluster_credentials(name).await.map(exposed),
        Call::Skus(kind, module, cloud) => {
            let (kind, module, cloud) = filters(kind, module, cloud);
            client.get_skus(kind, module, cloud).await.map(json)
        }
        Call::Start(name) => client.start_cluster(name).await.into_result().map(json),
        Call::Stop(name) => client.stop_cluster(name).await.into_result().map(json),
        Call::Restart(name) => client.restart_cluster(name).await.into_result().map(json),
        Call::ConfigHistory(name) => client.cluster_config_history(name).await,
        Call::ApplyConfig(name, config) => client.cluster_apply_config(name, config).await.into_result().map(json),
        Call::Subscription => client.user_subscription().await.map(json),
        Call::PricingPlans => client.list_pricing_plans().await.map(json),
        Call::Subscribe(plan) => client.subscribe_plan(plan).await.into_result().map(json),
        Call::Dashboards(product) => client.dashboard_info(product.map(ModuleType::from)).await.map(json),
    }
}

/// Makes a call with the blocking client.
pub fn run_blocking(client: &blocking::EloqApi, call: Call) -> Outcome {
    match call {
        Call::Info => client.info().map(json),
        Call::Org => client.org().map(json),
        Call::Projects => client.projects().map(json),
        Call::Clusters { page, per_page } => client.clusters().page(page).per_page(per_page).send().map(json),
        Call::FirstClusters => client.clusters().send().map(json),
        Call::Cluster(name) => client.cluster(name).map(json),
        Call::Create { name, region, sku_id, zone } => {
            let create = client.cluster_create(name, region, sku_id);
            let create = if let Some(zone) = zone { create.zone(zone) } else { create };
            create.send().into_result().map(json)
        }
        Call::Delete(name) => client.cluster_delete(name).send().into_result().map(json),
        Call::Credentials(name) => client.cluster_credentials(name).map(exposed),
        Call::Skus(kind, module, cloud) => {
            let (kind, module, cloud) = filters(kind, module, cloud);
            client.get_skus(kind, module, cloud).map(json)
        }
        Call::Start(name) => client.start_cluster(name).into_result().map(json),
        Call::Stop(name) => client.stop_cluster(name).into_result().map(json),
        Call::Restart(name) => client.restart_cluster(name).into_result().map(json),
        Call::ConfigHistory(name) => client.cluster_config_history(name),
        Call::ApplyConfig(name, config) => client.cluster_apply_config(name, config).into_result().map(json),
        Call::Subscription => client.user_subscription().map(json),
        Call::PricingPlans => client.list_pricing_plans().map(json),
        Call::Subscribe(plan) => client.subscribe_plan(plan).into_result().map(json),
        Call::Dashboards(product) => client.dashboard_info(product.map(ModuleType::from)).map(json),
    }
}

pub fn filters(kind: &str, module: &str, cloud: &str) -> (SkuType, EloqModule, CloudProvider) {
    (kind.into(), module.into(), cloud.into())
}

pub fn json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// Credentials with their secrets in plain text.
pub fn exposed(credentials: ClusterCredentials) -> Value {
    json!({
        "cluster_name": credentials.cluster_name,
        "username": credentials.username,
        "password": credentials.password.expose(),
        "host": credentials.host,
        "port": credentials.port,
        "status": credentials.status,
        "url": credentials.connection_url().map(|url| url.expose().to_owned()).ok(),
    })
}

/// A call, the cloud it runs against, and its expected outcome.
pub struct Case {
    pub name: &'static str,
    pub call: Call,
    pub cloud: SimulatorBuilder,
    pub faults: Vec<Fault>,
    pub key: Option<&'static str>,
    pub expect: Vec<Expect>,
    pub requests: Vec<Operation>,
}

pub enum Expect {
    /// The value at this JSON pointer.
    Returns(&'static str, Value),
    /// The number of entries at this JSON pointer.
    Counts(&'static str, usize),
    /// The variant of the error, and a part of its Display text.
    Fails(&'static str, &'static str),
    /// The body of the last request.
    Sends(Value),
    /// The path and query of the last request.
    Target(&'static str),
}

impl Case {
    /// Starts the cloud that the call runs against.
    pub async fn start(&self) -> Simulator {
        let simulator = self.cloud.clone().start().await.unwrap();
        self.faults.iter().cloned().for_each(|fault| simulator.inject(fault));
        simulator
    }

    /// The API key of the call.
    pub fn key<'a>(&'a self, simulator: &'a Simulator) -> &'a str {
        self.key.unwrap_or(simulator.api_key())
    }

    /// Checks an outcome against the table.
    pub fn check(&self, outcome: &Outcome, simulator: &Simulator) {
        let (name, requests) = (self.name, simulator.requests());
        let operations: Vec<Operation> = requests.iter().filter_map(|request| request.operation()).collect();
        assert_eq!(operations, self.requests, "{name}: the requests");
        for expect in &self.expect {
            match (expect, outcome) {
                (Expect::Returns(pointer, value), Ok(returned)) => {
                    assert_eq!(returned.pointer(pointer), Some(value), "{name}: {pointer} in {returned}");
                }
                (Expect::Counts(pointer, count), Ok(returned)) => {
                    let entries = returned.pointer(pointer).and_then(Value::as_array).map(Vec::len);
                    assert_eq!(entries, Some(*count), "{name}: {pointer} in {returned}");
                }
                (Expect::Fails(variant, part), Err(error)) => {
                    assert!(format!("{error:?}").starts_with(variant), "{name}: {error:?}");
                    assert!(error.to_string().contains(part), "{name}: {error}");
                }
                (Expect::Sends(body), _) => {
                    let sent: Value = serde_json::from_slice(requests.last().unwrap().body()).unwrap();
                    assert_eq!(sent, *body, "{name}");
                }
                (Expect::Target(target), _) => {
                    let last = requests.last().unwrap();
                    let query = last.query().map(|query| format!("?{query}")).unwrap_or_default();
                    assert_eq!(format!("{}{query}", last.path()), *target, "{name}");
                }
                (_, outcome) => panic!("{name}: {outcome:?}"),
            }
        }
    }
}
