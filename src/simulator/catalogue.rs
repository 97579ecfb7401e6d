//! SKUs, regions, pricing plans and dashboards of the simulated cloud.

use serde_json::{Value, json};

pub(super) const VERSION: &str = "nightly-2025-05-16";

#[derive(Debug)]
pub(super) struct Sku {
    pub(super) id: i64,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) module: &'static str,
    pub(super) cloud: &'static str,
    pub(super) tx: Resources,
    pub(super) log: Resources,
    tx_ev_gi: f64,
    tx_pv_gi: f64,
    log_pv_gi: f64,
}

#[derive(Debug)]
pub(super) struct Resources {
    pub(super) cpu: f64,
    pub(super) memory_mi: f64,
    pub(super) replicas: u32,
}

const fn serverless(id: i64, name: &'static str, module: &'static str, cloud: &'static str) -> Sku {
    Sku {
        id,
        name,
        kind: "serverless",
        module,
        cloud,
        tx: Resources { cpu: 0.5, memory_mi: 1024.0, replicas: 1 },
        log: Resources { cpu: 0.25, memory_mi: 512.0, replicas: 1 },
        tx_ev_gi: 10.0,
        tx_pv_gi: 25.0,
        log_pv_gi: 5.0,
    }
}

const fn dedicated(id: i64, name: &'static str, module: &'static str, cloud: &'static str) -> Sku {
    Sku {
        id,
        name,
        kind: "dedicated",
        module,
        cloud,
        tx: Resources { cpu: 4.0, memory_mi: 16384.0, replicas: 3 },
        log: Resources { cpu: 1.5, memory_mi: 4096.0, replicas: 3 },
        tx_ev_gi: 100.0,
        tx_pv_gi: 200.0,
        log_pv_gi: 50.5,
    }
}

/// Seeded clusters use the first.
pub(super) static SKUS: [Sku; 8] = [
    serverless(101, "eloqkv-serverless-aws", "EloqKV", "AWS"),
    serverless(102, "eloqkv-serverless-gcp", "EloqKV", "GCP"),
    serverless(103, "eloqdoc-serverless-aws", "EloqDoc", "AWS"),
    serverless(104, "eloqdoc-serverless-gcp", "EloqDoc", "GCP"),
    dedicated(201, "eloqkv-dedicated-aws", "EloqKV", "AWS"),
    dedicated(202, "eloqkv-dedicated-gcp", "EloqKV", "GCP"),
    dedicated(203, "eloqdoc-dedicated-aws", "EloqDoc", "AWS"),
    dedicated(204, "eloqdoc-dedicated-gcp", "EloqDoc", "GCP"),
];

/// The vendor's pages name `us-west-1` and `ap-northeast-1`; the others are a choice of the simulator.
const AWS_REGIONS: [&str; 4] = ["us-west-1", "us-east-1", "eu-central-1", "ap-northeast-1"];
const GCP_REGIONS: [&str; 4] = ["us-central1", "us-west1", "europe-west1", "asia-northeast1"];

impl Sku {
    /// The regions of the SKU's cloud.
    pub(super) fn regions(&self) -> &'static [&'static str] {
        if self.cloud == "GCP" { &GCP_REGIONS } else { &AWS_REGIONS }
    }

    pub(super) fn port(&self) -> u16 {
        if self.module == "EloqDoc" { 27017 } else { 6379 }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "sku_id": self.id,
            "sku_name": self.name,
            "sku_type": self.kind,
            "module_type": self.module,
            "version": VERSION,
            "tx_cpu_limit": float(self.tx.cpu),
            "tx_memory_mi_limit": float(self.tx.memory_mi),
            "tx_ev_gi_limit": float(self.tx_ev_gi),
            "tx_pv_gi_limit": float(self.tx_pv_gi),
            "log_cpu_limit": float(self.log.cpu),
            "log_memory_mi_limit": float(self.log.memory_mi),
            "log_pv_gi_limit": float(self.log_pv_gi),
            "cloud_provider": self.cloud,
            "tx_replica": self.tx.replicas,
            "log_replica": self.log.replicas,
        })
    }
}

/// The backend is written in Go, whose encoder writes integral floats without a fraction.
pub(super) fn float(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

struct PricingPlan {
    name: &'static str,
    description: &'static str,
    period: &'static str,
    price: f64,
    compute_hours: f64,
    compute_units: u32,
    storage_gb: f64,
    projects: u32,
    unlimited: bool,
}

/// A plan's id is its position in this list, from 1; the first is the free plan.
static PRICING_PLANS: [PricingPlan; 3] = [
    PricingPlan {
        name: "free",
        description: "3 clusters and 25 GB for an organization",
        period: "monthly",
        price: 0.0,
        compute_hours: 100.0,
        compute_units: 1,
        storage_gb: 25.0,
        projects: 1,
        unlimited: false,
    },
    PricingPlan {
        name: "pro",
        description: "For production, billed monthly",
        period: "monthly",
        price: 29.99,
        compute_hours: 750.0,
        compute_units: 8,
        storage_gb: 250.0,
        projects: 10,
        unlimited: false,
    },
    PricingPlan {
        name: "enterprise",
        description: "Unlimited compute, storage and network, billed annually",
        period: "annual",
        price: 4999.5,
        compute_hours: 0.0,
        compute_units: 64,
        storage_gb: 0.0,
        projects: 100,
        unlimited: true,
    },
];

pub(super) const FREE_PLAN: i64 = 1;

pub(super) fn pricing_plan(id: i64) -> Option<Value> {
    let index = usize::try_from(id).ok()?.checked_sub(1)?;
    PRICING_PLANS.get(index).map(PricingPlan::to_json)
}

pub(super) fn pricing_plans() -> Vec<Value> {
    PRICING_PLANS.iter().map(PricingPlan::to_json).collect()
}

impl PricingPlan {
    fn to_json(&self) -> Value {
        json!({
            "base_plan": {
                "base_price": float(self.price),
                "billing_period": self.period,
                "currency": "USD",
                "description": self.description,
                "included_compute_hours": float(self.compute_hours),
                "included_compute_unlimited": self.unlimited,
                "included_cu_capacity": self.compute_units,
                "included_network_gb": float(self.storage_gb),
                "included_network_unlimited": self.unlimited,
                "included_projects": self.projects,
                "included_storage_gb": float(self.storage_gb),
                "included_storage_unlimited": self.unlimited,
                "is_public": true,
                "plan_name": self.name,
            },
            "overage_plan": {
                "max_usage": 10_000,
                "min_usage": 0,
                "price_per_unit": 0.12,
                "resource_type": 1,
                "tier_level": 1,
                "unit_description": "USD per GB and month",
            },
        })
    }
}

/// All dashboards if `product` is `None`; none for an unknown product.
pub(super) fn dashboards(product: Option<&str>) -> Vec<Value> {
    const DASHBOARDS: [(&str, bool, Option<f64>, &[&str]); 4] = [
        ("cpu_usage", true, None, &["eloqkv", "eloqdoc", "eloqsql"]),
        ("memory_usage", true, None, &["eloqkv", "eloqdoc", "eloqsql"]),
        ("redis_command_latency", true, Some(99.0), &["eloqkv"]),
        ("mongo_operation_latency", true, Some(99.9), &["eloqdoc"]),
    ];
    let product = product.map(str::to_ascii_lowercase);
    DASHBOARDS
        .iter()
        .filter(|(.., products)| product.as_deref().is_none_or(|product| products.contains(&product)))
        .map(|(name, interval, percentile, _)| {
            json!({
                "interval": interval,
                "name": name,
                "percentile": percentile.map(float),
            })
        })
        .collect()
}
