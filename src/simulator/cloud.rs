//! The state of the simulated cloud: organization, projects, clusters, plan. The time is an argument; the only side effects
//! are the Redis servers that clusters can own.

use std::time::{Duration, UNIX_EPOCH};

use http::StatusCode;
use serde_json::{Value, json};

use super::catalogue::{self, FREE_PLAN, SKUS, Sku};
use super::clock::datetime;
use super::cluster::{Cluster, CreateRequest, PendingServer, Phase, Timings};
use super::load_balancer::LoadBalancer;
use super::redis_server::RedisServer;
use super::response::ErrorResponse;
use super::seed::{SeededCluster, SimulatedCluster};

const ORG_ID: i64 = 1;
const ORG_NAME: &str = "default-free-org";

#[derive(Clone, Debug)]
pub(super) struct CloudSettings {
    pub(super) timings: Timings,
    pub(super) cluster_limit: Option<usize>,
    /// Sends empty lists as `null`, as a Go backend does.
    pub(super) null_lists: bool,
    pub(super) admin_password: Option<String>,
    /// EloqKV clusters have a Redis server.
    pub(super) real_redis: bool,
}

impl Default for CloudSettings {
    fn default() -> Self {
        let timings =
            Timings { provisioning: Duration::from_secs(1), deleting: Duration::from_millis(500), idle_after: None };
        Self { timings, cluster_limit: Some(3), null_lists: false, admin_password: None, real_redis: false }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Project {
    pub(super) id: i64,
    pub(super) name: String,
}

impl Default for Project {
    fn default() -> Self {
        Self { id: 147, name: "project1".to_owned() }
    }
}

/// The cluster that a request names.
pub(super) struct Target {
    pub(super) project: i64,
    pub(super) name: String,
}

pub(super) struct Cloud {
    settings: CloudSettings,
    created: Duration,
    projects: Vec<Project>,
    /// In creation order.
    clusters: Vec<Cluster>,
    plan: i64,
    /// How many clusters were ever created: a reused name gets new credentials.
    serial: u64,
}

impl Target {
    fn matches(&self, cluster: &Cluster) -> bool {
        cluster.project == self.project && cluster.name == self.name
    }
}

impl Cloud {
    pub(super) fn new(settings: CloudSettings, projects: Vec<Project>, now: Duration) -> Self {
        Self { settings, created: now, projects, clusters: Vec::new(), plan: FREE_PLAN, serial: 0 }
    }

    /// Adds a cluster without a request; the limit does not apply.
    pub(super) fn seed(&mut self, cluster: SeededCluster, now: Duration) -> Result<(), String> {
        let SeededCluster { name, project, sku: sku_id, region, status, age } = cluster;
        let first = self.projects.first().map(|project| project.id);
        let project = project.or(first).ok_or("a seeded cluster needs a project")?;
        if !self.projects.iter().any(|existing| existing.id == project) {
            return Err(format!("the cluster {name:?} is seeded in project {project}, which does not exist"));
        }
        let sku = SKUS.iter().find(|sku| sku.id == sku_id);
        let sku =
            sku.ok_or_else(|| format!("the cluster {name:?} is seeded with SKU {sku_id}, which does not exist"))?;
        let request = CreateRequest { name, region, zone: None, sku };
        self.insert_cluster(project, request, Phase::of_status(&status, now), now.saturating_sub(age));
        Ok(())
    }

    /// Clusters stay where they are, also if their project is gone.
    pub(super) fn set_projects(&mut self, projects: Vec<Project>) {
        self.projects = projects;
    }

    pub(super) fn contents(&self) -> Vec<SimulatedCluster> {
        let show = |cluster: &Cluster| SimulatedCluster {
            project_id: cluster.project,
            name: cluster.name.clone(),
            status: cluster.status().to_owned(),
            created: UNIX_EPOCH + cluster.created,
        };
        self.clusters.iter().map(show).collect()
    }

    /// Applies all transitions that are due. Call it before handling a request.
    pub(super) fn tick(&mut self, now: Duration) {
        let timings = &self.settings.timings;
        self.clusters.retain_mut(|cluster| cluster.tick(timings, now));
    }

    /// The first cluster that needs a Redis server and has none.
    pub(super) fn pending_server(&self) -> Option<PendingServer> {
        self.clusters.iter().find_map(Cluster::pending_server)
    }

    /// Gives the cluster its server; stops the server if the cluster is gone, has another, or has a new password.
    pub(super) fn attach_server(&mut self, pending: &PendingServer, server: RedisServer, balancer: LoadBalancer) {
        let is_pending = |cluster: &&mut Cluster| cluster.pending_server().as_ref() == Some(pending);
        if let Some(cluster) = self.clusters.iter_mut().find(is_pending) {
            cluster.attach_server(server, balancer);
        }
    }

    /// The load balancer of the cluster has accepted a connection.
    pub(super) fn connected(&mut self, serial: u64, now: Duration) {
        if let Some(cluster) = self.clusters.iter_mut().find(|cluster| cluster.serial == serial) {
            cluster.connected(now);
        }
    }

    pub(super) fn rotate_password(&mut self, name: &str) -> Option<String> {
        self.clusters.iter_mut().find(|cluster| cluster.name == name).map(Cluster::rotate_password)
    }

    pub(super) fn stop_servers(&mut self) {
        self.clusters.iter_mut().for_each(Cluster::stop_server);
    }

    pub(super) fn set_status(&mut self, name: &str, status: &str, now: Duration) -> bool {
        let Some(cluster) = self.clusters.iter_mut().find(|c| c.name == name) else {
            return false;
        };
        cluster.phase = Phase::of_status(status, now);
        true
    }

    pub(super) fn org_info(&self) -> Value {
        let create_at = datetime(self.created);
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
                "projects": self.json_list(projects),
                "roles": ["project-owner", "cluster-owner"],
            },
            "user_name": "1976263299",
        })
    }

    /// The project's id if the caller may access it.
    pub(super) fn check_project(&self, org: i64, project: i64) -> Result<i64, ErrorResponse> {
        if org == ORG_ID && self.projects.iter().any(|p| p.id == project) {
            Ok(project)
        } else {
            Err(ErrorResponse::forbidden("permission denied"))
        }
    }

    pub(super) fn skus(&self, kind: &str, module: &str, cloud: &str) -> Value {
        let matches = |sku: &&Sku| {
            sku.kind.eq_ignore_ascii_case(kind)
                && sku.module.eq_ignore_ascii_case(module)
                && sku.cloud.eq_ignore_ascii_case(cloud)
        };
        let skus = SKUS.iter().filter(matches).map(Sku::to_json).collect();
        self.json_list(skus)
    }

    pub(super) fn list(&self, project: i64, page: usize, per_page: usize) -> Value {
        let clusters: Vec<&Cluster> = self.clusters.iter().filter(|c| c.project == project).collect();
        let items = clusters
            .iter()
            .skip(page.saturating_sub(1).saturating_mul(per_page))
            .take(per_page)
            .map(|cluster| cluster.list_item())
            .collect();
        json!({ "cluster_list": self.json_list(items), "total": clusters.len() })
    }

    pub(super) fn describe(&self, target: &Target) -> Result<Value, ErrorResponse> {
        // The service returns 403, not 404, here.
        let cluster = self.find(target).ok_or_else(|| ErrorResponse::forbidden("cluster not found"))?;
        let project_name = self.projects.iter().find(|p| p.id == target.project).map_or("", |p| p.name.as_str());
        Ok(cluster.describe(ORG_NAME, project_name))
    }

    pub(super) fn create(&mut self, project: i64, request: CreateRequest, now: Duration) -> Result<(), ErrorResponse> {
        let target = Target { project, name: request.name.clone() };
        if self.find(&target).is_some() {
            let message = format!("cluster {:?} already exists", target.name);
            return Err(ErrorResponse::new(StatusCode::CONFLICT, message));
        }
        if let Some(limit) = self.settings.cluster_limit
            && self.plan == FREE_PLAN
            && self.clusters.len() >= limit
        {
            let message = format!("cluster limit reached: the free plan allows {limit} clusters");
            return Err(ErrorResponse::forbidden(&message));
        }
        let until = now.saturating_add(self.settings.timings.provisioning);
        self.insert_cluster(project, request, Phase::Provisioning { until }, now);
        self.tick(now);
        Ok(())
    }

    pub(super) fn delete(&mut self, target: &Target, now: Duration) -> Result<(), ErrorResponse> {
        let until = now.saturating_add(self.settings.timings.deleting);
        let cluster = self.find_mut(target)?;
        if cluster.status() != "available" {
            return Err(not_available());
        }
        cluster.delete(until);
        self.tick(now);
        Ok(())
    }

    /// Start, restart and shutdown take effect immediately; they fail while the cluster is provisioning or being deleted.
    pub(super) fn set_phase(&mut self, target: &Target, phase: Phase) -> Result<(), ErrorResponse> {
        let cluster = self.find_mut(target)?;
        if !cluster.is_stable() {
            return Err(not_available());
        }
        cluster.phase = phase;
        Ok(())
    }

    pub(super) fn configs(&self, target: &Target) -> Result<Value, ErrorResponse> {
        let cluster = self.find(target).ok_or_else(not_found)?;
        Ok(self.json_list(cluster.configs()))
    }

    pub(super) fn apply_config(&mut self, target: &Target, config: i64, now: Duration) -> Result<(), ErrorResponse> {
        self.find(target).ok_or_else(not_found)?;
        if !Cluster::has_config(config) {
            return Err(ErrorResponse::not_found("config not found"));
        }
        self.set_phase(target, Phase::Available { since: now })?;
        self.find_mut(target)?.config = config;
        Ok(())
    }

    pub(super) fn subscription(&self) -> Value {
        catalogue::pricing_plan(self.plan).unwrap_or_default()
    }

    pub(super) fn plans(&self) -> Value {
        self.json_list(catalogue::pricing_plans())
    }

    pub(super) fn subscribe(&mut self, plan: i64) -> Result<(), ErrorResponse> {
        if catalogue::pricing_plan(plan).is_none() {
            return Err(ErrorResponse::invalid("planId", "no such plan"));
        }
        self.plan = plan;
        Ok(())
    }

    pub(super) fn dashboards(&self, product: Option<&str>) -> Value {
        self.json_list(catalogue::dashboards(product))
    }

    fn json_list(&self, items: Vec<Value>) -> Value {
        if items.is_empty() && self.settings.null_lists { Value::Null } else { Value::Array(items) }
    }

    fn insert_cluster(&mut self, project: i64, request: CreateRequest, phase: Phase, now: Duration) {
        self.serial += 1;
        let password = self.settings.admin_password.clone();
        let mut cluster = Cluster::new(project, request, phase, password, self.serial, now);
        if self.settings.real_redis && cluster.module() == "EloqKV" {
            cluster.require_server();
        }
        self.clusters.push(cluster);
    }

    fn find(&self, target: &Target) -> Option<&Cluster> {
        self.clusters.iter().find(|c| target.matches(c))
    }

    fn find_mut(&mut self, target: &Target) -> Result<&mut Cluster, ErrorResponse> {
        self.clusters.iter_mut().find(|c| target.matches(c)).ok_or_else(not_found)
    }
}

fn not_found() -> ErrorResponse {
    ErrorResponse::not_found("cluster not found")
}

fn not_available() -> ErrorResponse {
    ErrorResponse::forbidden("cluster is not in an available state")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_has_no_address_before_its_server_listens() -> Result<(), ErrorResponse> {
        let settings = CloudSettings { real_redis: true, ..CloudSettings::default() };
        let mut cloud = Cloud::new(settings, vec![Project::default()], Duration::ZERO);
        cloud.seed(SeededCluster::new("kv"), Duration::ZERO).unwrap();
        let target = Target { project: Project::default().id, name: "kv".to_owned() };
        for (status, expected) in [("available", "provisioning"), ("idle", "provisioning"), ("error", "error")] {
            cloud.set_status("kv", status, Duration::ZERO);
            let cluster = cloud.describe(&target)?;
            assert_eq!(cluster["status"], expected);
            assert_eq!((&cluster["elb_addr"], &cluster["elb_state"]), (&json!(""), &json!("provisioning")), "{status}");
        }
        Ok(())
    }
}
