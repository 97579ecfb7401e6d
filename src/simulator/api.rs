//! The API over the cloud's state: who may ask, what a request says, how the answer is wrapped.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};

use super::catalogue::{SKUS, Sku};
use super::cloud::{Cloud, Target};
use super::cluster::{NewCluster, Phase};
use super::code_style::CodeStyle;
use super::encoding::{decode, parameter};
use super::operation::Operation;
use super::reply::{Refusal, Reply};
use super::route::{Miss, Place};

const LONGEST_NAME: usize = 255;
/// `page` is an `int32` in openapi.yaml.
const LAST_PAGE: usize = i32::MAX as usize;

/// How the API is spoken, apart from the cloud's state.
pub(super) struct Manners {
    pub(super) api_key: String,
    pub(super) tokens: Vec<String>,
    pub(super) codes: CodeStyle,
    pub(super) bare_org_info: bool,
}

/// What the API needs of a request.
pub(super) struct Inquiry<'a> {
    pub(super) route: Result<(Operation, Place<'a>), Miss>,
    pub(super) authorization: Option<&'a [u8]>,
    pub(super) query: &'a str,
    /// `None` when it is longer than the server takes.
    pub(super) body: Option<&'a [u8]>,
}

/// Answers a request and applies what it asks for.
pub(super) fn answer(manners: &Manners, cloud: &mut Cloud, inquiry: Inquiry<'_>, now: Duration) -> Reply {
    cloud.settle(now);
    let (operation, place) = match inquiry.route {
        Ok(route) => route,
        Err(Miss::UnknownPath) => return Refusal::not_found("route not found").into(),
        Err(Miss::WrongMethod(allow)) => return Refusal::wrong_method(allow).into(),
    };
    if !manners.accept(inquiry.authorization) {
        return Refusal::new(StatusCode::UNAUTHORIZED, "invalid token").into();
    }
    let Some(body) = inquiry.body else {
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "request body too large").into();
    };
    match perform(cloud, operation, &place, inquiry.query, body, now) {
        Err(refusal) => refusal.into(),
        Ok(data) if operation == Operation::OrgInfo && manners.bare_org_info => Reply::json(StatusCode::OK, &data),
        Ok(data) => Reply::success(manners.codes.code(operation.is_write()), data),
    }
}

impl Manners {
    /// The bare key, or a key or token after `Bearer`.
    fn accept(&self, authorization: Option<&[u8]>) -> bool {
        let Some(given) = authorization.and_then(|value| std::str::from_utf8(value).ok()) else {
            return false;
        };
        if given == self.api_key {
            return true;
        }
        match given.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                token == self.api_key || self.tokens.iter().any(|known| known == token)
            }
            _ => false,
        }
    }
}

fn perform(
    cloud: &mut Cloud,
    operation: Operation,
    place: &Place<'_>,
    query: &str,
    body: &[u8],
    now: Duration,
) -> Result<Value, Refusal> {
    let done = |()| Value::Null;
    let available = Phase::Available { since: now };
    match operation {
        Operation::OrgInfo => Ok(cloud.org_info()),
        Operation::ListSkus => list_skus(cloud, query),
        Operation::ListClusters => list_clusters(cloud, place, query),
        Operation::DescribeCluster => cloud.describe(&target(cloud, place)?),
        Operation::CreateCluster => {
            let project = project(cloud, place)?;
            let wanted = new_cluster(&object(body)?)?;
            cloud.create(project, wanted, now).map(done)
        }
        Operation::DeleteCluster => cloud.delete(&target(cloud, place)?, now).map(done),
        Operation::StartCluster | Operation::RestartCluster => {
            let target = target(cloud, place)?;
            optional_object(body)?;
            cloud.switch(&target, available).map(done)
        }
        Operation::ShutdownCluster => {
            let target = target(cloud, place)?;
            optional_object(body)?;
            cloud.switch(&target, Phase::Idle).map(done)
        }
        Operation::ConfigHistory => cloud.configs(&target(cloud, place)?),
        Operation::ApplyConfig => {
            let target = target(cloud, place)?;
            let config = path_integer("configId", place.config)?;
            cloud.apply_config(&target, config, now).map(done)
        }
        Operation::UserSubscription => Ok(cloud.subscription()),
        Operation::ListPricingPlans => Ok(cloud.plans()),
        Operation::SubscribePlan => {
            let plan = integer(&object(body)?, "planId")?;
            cloud.subscribe(plan).map(done)
        }
        Operation::DashboardInfo => Ok(cloud.dashboards(parameter(query, "productType").as_deref())),
    }
}

/// The project's id when the caller may see it.
fn project(cloud: &Cloud, place: &Place<'_>) -> Result<i64, Refusal> {
    let org = path_integer("orgId", place.org)?;
    cloud.project(org, path_integer("projectId", place.project)?)
}

fn target(cloud: &Cloud, place: &Place<'_>) -> Result<Target, Refusal> {
    let project = project(cloud, place)?;
    let name = decode(place.cluster).ok_or_else(|| Refusal::invalid("clusterName", "is not percent-encoded UTF-8"))?;
    Ok(Target { project, name: cluster_name(name)? })
}

fn list_clusters(cloud: &Cloud, place: &Place<'_>, query: &str) -> Result<Value, Refusal> {
    let project = project(cloud, place)?;
    let page = bounded(query, "page", 1, LAST_PAGE)?;
    let per_page = bounded(query, "perPage", 20, 50)?;
    Ok(cloud.list(project, page, per_page))
}

fn list_skus(cloud: &Cloud, query: &str) -> Result<Value, Refusal> {
    let kind = choice(query, "type", &["serverless", "dedicated"])?;
    let module = choice(query, "eloqModule", &["eloqkv", "eloqdoc"])?;
    let provider = choice(query, "cloudProvider", &["aws", "gcp"])?;
    Ok(cloud.skus(kind, module, provider))
}

fn new_cluster(body: &Map<String, Value>) -> Result<NewCluster, Refusal> {
    let name = cluster_name(string(body, "clusterName")?)?;
    let region = filled(body, "region")?;
    let id = integer(body, "skuId")?;
    let sku: &'static Sku =
        SKUS.iter().find(|sku| sku.id == id).ok_or_else(|| Refusal::invalid("skuId", "no such SKU"))?;
    let zone = body.contains_key("requiredZone").then(|| filled(body, "requiredZone")).transpose()?;
    Ok(NewCluster { name, region, zone, sku })
}

/// The name when it is one by openapi.yaml, which has it in paths and bodies alike.
fn cluster_name(name: String) -> Result<String, Refusal> {
    let reason = match name.as_str() {
        "" | "." | ".." => "must be a name",
        _ if name.chars().count() > LONGEST_NAME => "must have at most 255 characters",
        _ if name.contains(|c: char| c == '\\' || c.is_control()) => "must have no backslash or control character",
        _ => return Ok(name),
    };
    Err(Refusal::invalid("clusterName", reason))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::invalid("body", "must be a JSON object"))
}

fn optional_object(body: &[u8]) -> Result<(), Refusal> {
    if body.is_empty() {
        return Ok(());
    }
    object(body).map(drop)
}

fn string(body: &Map<String, Value>, field: &str) -> Result<String, Refusal> {
    match body.get(field) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(Refusal::invalid(field, "must be a string")),
        None => Err(Refusal::invalid(field, "is required")),
    }
}

fn filled(body: &Map<String, Value>, field: &str) -> Result<String, Refusal> {
    let text = string(body, field)?;
    if text.is_empty() { Err(Refusal::invalid(field, "must not be empty")) } else { Ok(text) }
}

fn integer(body: &Map<String, Value>, field: &str) -> Result<i64, Refusal> {
    match body.get(field) {
        Some(value) => value.as_i64().ok_or_else(|| Refusal::invalid(field, "must be an integer")),
        None => Err(Refusal::invalid(field, "is required")),
    }
}

fn path_integer(field: &str, raw: &str) -> Result<i64, Refusal> {
    raw.parse().map_err(|_| Refusal::invalid(field, "must be an integer"))
}

fn bounded(query: &str, field: &str, default: usize, most: usize) -> Result<usize, Refusal> {
    let Some(raw) = parameter(query, field) else {
        return Ok(default);
    };
    raw.parse()
        .ok()
        .filter(|value| (1..=most).contains(value))
        .ok_or_else(|| Refusal::invalid(field, &format!("must be an integer from 1 to {most}")))
}

fn choice(query: &str, field: &str, known: &[&'static str]) -> Result<&'static str, Refusal> {
    let raw = parameter(query, field).ok_or_else(|| Refusal::invalid(field, "is required"))?;
    known
        .iter()
        .find(|value| **value == raw)
        .copied()
        .ok_or_else(|| Refusal::invalid(field, &format!("must be one of {}", known.join(", "))))
}
