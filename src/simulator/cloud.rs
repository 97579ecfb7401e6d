//! The state of the simulated cloud: organization, projects, clusters, plan. Pure but for the real servers that clusters can
//! own: the time is an argument.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::catalogue::{self, FREE_PLAN, SKUS, Sku};
use super::clock::spaced;
use super::cluster::{Awaiting, Cluster, NewCluster, Pace, Phase};
use super::redis_server::RedisServer;
use super::reply::Refusal;

const ORG_ID: i64 = 1;
const ORG_NAME: &str = "default-free-org";

#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) pace: Pace,
    pub(super) cluster_limit: Option<usize>,
    /// An empty list is `null`, as a Go backend sends it.
    pub(super) null_lists: bool,
    pub(super) admin_password: Option<String>,
    /// EloqKV clusters have a real server.
    pub(super) real_redis: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Project {
    pub(super) id: i64,
    pub(super) name: String,
}

/// The cluster that a request is about.
pub(super) struct Target {
    pub(super) project: i64,
    pub(super) name: String,
}

pub(super) struct Cloud {
    rules: Rules,
    created: Duration,
    projects: Vec<Project>,
    /// In the order of their creation.
    clusters: Vec<Cluster>,
    plan: i64,
    /// How many clusters were ever made: a name that is used again gets other credentials.
    serial: u64,
}

impl Target {
    fn is(&self, cluster: &Cluster) -> bool {
        cluster.project == self.project && cluster.name == self.name
    }
}

impl Cloud {
    pub(super) fn new(rules: Rules, projects: Vec<Project>, now: Duration) -> Self {
        Self { rules, created: now, projects, clusters: Vec::new(), plan: FREE_PLAN, serial: 0 }
    }

    /// Adds an available cluster that no request asked for; the limit does not matter.
    pub(super) fn seed(&mut self, project: i64, name: String, now: Duration) {
        let wanted = NewCluster { name, region: "us-west-1".to_owned(), zone: None, sku: &SKUS[0] };
        self.add(project, wanted, Phase::Available { since: now }, now);
    }

    /// Brings everything up to date: to be called before a request is answered.
    pub(super) fn settle(&mut self, now: Duration) {
        let pace = &self.rules.pace;
        self.clusters.retain_mut(|cluster| cluster.settle(pace, now));
    }

    /// The first cluster that is to have a real server and has none.
    pub(super) fn awaiting(&self) -> Option<Awaiting> {
        self.clusters.iter().find_map(Cluster::awaiting)
    }

    /// Gives the cluster its server; the server ends here if the cluster is gone or has another.
    pub(super) fn attach(&mut self, serial: u64, server: RedisServer) {
        let awaits = |cluster: &&mut Cluster| cluster.serial == serial && cluster.awaiting().is_some();
        if let Some(cluster) = self.clusters.iter_mut().find(awaits) {
            cluster.attach(server);
        }
    }

    pub(super) fn stop_servers(&mut self) {
        self.clusters.iter_mut().for_each(Cluster::stop_server);
    }

    pub(super) fn cluster_names(&self) -> Vec<String> {
        self.clusters.iter().map(|c| c.name.clone()).collect()
    }

    pub(super) fn set_status(&mut self, name: &str, status: &str, now: Duration) -> bool {
        let Some(cluster) = self.clusters.iter_mut().find(|c| c.name == name) else {
            return false;
        };
        cluster.phase = match status {
            "available" => Phase::Available { since: now },
            "idle" => Phase::Idle,
            other => Phase::Pinned(other.to_owned()),
        };
        true
    }

    pub(super) fn org_info(&self) -> Value {
        let create_at = spaced(self.created);
        let projects = self
            .projects
            .iter()
            .map(|project| {
                json!({
                    "create_at": create_at,
                    "project_id": project.id,
                    "project_name": project.name,
                })
            })
            .collect();
        json!({
            "auth_provider": "github",
            "create_at": create_at,
            "email": "developer@example.com",
            "org_info": {
                "org_create_at": create_at,
                "org_id": ORG_ID,
                "org_name": ORG_NAME,
                "projects": self.list_of(projects),
                "roles": ["project-owner", "cluster-owner"],
            },
            "user_name": "1976263299",
        })
    }

    /// The project's id when the caller may see it.
    pub(super) fn project(&self, org: i64, project: i64) -> Result<i64, Refusal> {
        if org == ORG_ID && self.projects.iter().any(|p| p.id == project) {
            Ok(project)
        } else {
            Err(Refusal::forbidden("permission denied"))
        }
    }

    pub(super) fn skus(&self, kind: &str, module: &str, cloud: &str) -> Value {
        let wanted = |sku: &&Sku| {
            sku.kind.eq_ignore_ascii_case(kind)
                && sku.module.eq_ignore_ascii_case(module)
                && sku.cloud.eq_ignore_ascii_case(cloud)
        };
        let found = SKUS.iter().filter(wanted).map(Sku::to_json).collect();
        self.list_of(found)
    }

    pub(super) fn list(&self, project: i64, page: usize, per_page: usize) -> Value {
        let mine: Vec<&Cluster> = self.clusters.iter().filter(|c| c.project == project).collect();
        let items = mine
            .iter()
            .skip(page.saturating_sub(1).saturating_mul(per_page))
            .take(per_page)
            .map(|cluster| cluster.list_item())
            .collect();
        json!({ "cluster_list": self.list_of(items), "total": mine.len() })
    }

    pub(super) fn describe(&self, target: &Target) -> Result<Value, Refusal> {
        // The service answers 403, not 404, here.
        let cluster = self.find(target).ok_or_else(|| Refusal::forbidden("cluster not found"))?;
        let project_name = self.projects.iter().find(|p| p.id == target.project).map_or("", |p| p.name.as_str());
        Ok(cluster.describe(ORG_NAME, project_name))
    }

    pub(super) fn create(&mut self, project: i64, wanted: NewCluster, now: Duration) -> Result<(), Refusal> {
        let target = Target { project, name: wanted.name.clone() };
        if self.find(&target).is_some() {
            let message = format!("cluster {:?} already exists", target.name);
            return Err(Refusal::new(StatusCode::CONFLICT, message));
        }
        if let Some(limit) = self.rules.cluster_limit
            && self.plan == FREE_PLAN
            && self.clusters.len() >= limit
        {
            let message = format!("cluster limit reached: the free plan allows {limit} clusters");
            return Err(Refusal::forbidden(&message));
        }
        let until = now.saturating_add(self.rules.pace.provisioning);
        self.add(project, wanted, Phase::Provisioning { until }, now);
        self.settle(now);
        Ok(())
    }

    pub(super) fn delete(&mut self, target: &Target, now: Duration) -> Result<(), Refusal> {
        let until = now.saturating_add(self.rules.pace.deleting);
        let cluster = self.find_mut(target)?;
        if cluster.status() != "available" {
            return Err(not_available());
        }
        cluster.delete(until);
        self.settle(now);
        Ok(())
    }

    /// Start, restart and shutdown take effect at once, unless the cluster is being set up or deleted.
    pub(super) fn switch(&mut self, target: &Target, phase: Phase) -> Result<(), Refusal> {
        let cluster = self.find_mut(target)?;
        if !cluster.is_settled() {
            return Err(not_available());
        }
        cluster.phase = phase;
        Ok(())
    }

    pub(super) fn configs(&self, target: &Target) -> Result<Value, Refusal> {
        let cluster = self.find(target).ok_or_else(not_found)?;
        Ok(self.list_of(cluster.configs()))
    }

    pub(super) fn apply_config(&mut self, target: &Target, config: i64, now: Duration) -> Result<(), Refusal> {
        self.find(target).ok_or_else(not_found)?;
        if !Cluster::has_config(config) {
            return Err(Refusal::not_found("config not found"));
        }
        self.switch(target, Phase::Available { since: now })?;
        self.find_mut(target)?.config = config;
        Ok(())
    }

    pub(super) fn subscription(&self) -> Value {
        catalogue::plan(self.plan).unwrap_or_default()
    }

    pub(super) fn plans(&self) -> Value {
        self.list_of(catalogue::plans())
    }

    pub(super) fn subscribe(&mut self, plan: i64) -> Result<(), Refusal> {
        if catalogue::plan(plan).is_none() {
            return Err(Refusal::invalid("planId", "no such plan"));
        }
        self.plan = plan;
        Ok(())
    }

    pub(super) fn dashboards(&self, product: Option<&str>) -> Value {
        self.list_of(catalogue::dashboards(product))
    }

    fn list_of(&self, items: Vec<Value>) -> Value {
        if items.is_empty() && self.rules.null_lists { Value::Null } else { Value::Array(items) }
    }

    fn add(&mut self, project: i64, wanted: NewCluster, phase: Phase, now: Duration) {
        self.serial += 1;
        let password = self.rules.admin_password.clone();
        let mut cluster = Cluster::new(project, wanted, phase, password, self.serial, now);
        if self.rules.real_redis && cluster.is_on("EloqKV") {
            cluster.await_server();
        }
        self.clusters.push(cluster);
    }

    fn find(&self, target: &Target) -> Option<&Cluster> {
        self.clusters.iter().find(|c| target.is(c))
    }

    fn find_mut(&mut self, target: &Target) -> Result<&mut Cluster, Refusal> {
        self.clusters.iter_mut().find(|c| target.is(c)).ok_or_else(not_found)
    }
}

fn not_found() -> Refusal {
    Refusal::not_found("cluster not found")
}

fn not_available() -> Refusal {
    Refusal::forbidden("cluster is not in an available state")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_status_gives_a_cluster_an_address_before_its_server_listens() -> Result<(), Refusal> {
        let pace = Pace { provisioning: Duration::ZERO, deleting: Duration::ZERO, idle_after: None };
        let rules = Rules { pace, cluster_limit: None, null_lists: false, admin_password: None, real_redis: true };
        let mut cloud = Cloud::new(rules, Vec::new(), Duration::ZERO);
        cloud.seed(1, "kv".to_owned(), Duration::ZERO);
        let target = Target { project: 1, name: "kv".to_owned() };
        for (set, shown) in [("available", "provisioning"), ("idle", "provisioning"), ("error", "error")] {
            cloud.set_status("kv", set, Duration::ZERO);
            let cluster = cloud.describe(&target)?;
            assert_eq!(cluster["status"], shown);
            assert_eq!((&cluster["elb_addr"], &cluster["elb_state"]), (&json!(""), &json!("provisioning")), "{set}");
        }
        Ok(())
    }
}
