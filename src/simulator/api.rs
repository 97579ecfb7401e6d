//! The API over the cloud's state: authorization, request parsing, response envelopes.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};

use super::catalogue::{SKUS, Sku};
use super::cloud::{Cloud, Target};
use super::cluster::{CreateRequest, Phase};
use super::code_style::CodeStyle;
use super::encoding::{percent_decode, query_parameter};
use super::response::{ErrorResponse, Response};
use super::route::{PathParams, RouteError};
use crate::types::cluster_name::ClusterName;
use crate::types::operation::Operation;

/// `page` is an `int32` in openapi.yaml.
const MAX_PAGE: usize = i32::MAX as usize;

/// What the API needs besides the cloud's state.
pub(super) struct ApiSettings {
    pub(super) api_key: String,
    pub(super) tokens: Vec<String>,
    pub(super) codes: CodeStyle,
    pub(super) bare_org_info: bool,
}

/// What the API needs from a request.
pub(super) struct ApiRequest<'a> {
    pub(super) route: Result<(Operation, PathParams<'a>), RouteError>,
    pub(super) authorization: Option<&'a [u8]>,
    pub(super) query: &'a str,
    /// `None` if it exceeds the server's limit.
    pub(super) body: Option<&'a [u8]>,
}

/// Applies a request and returns the response.
pub(super) fn dispatch(settings: &ApiSettings, cloud: &mut Cloud, request: ApiRequest<'_>, now: Duration) -> Response {
    cloud.tick(now);
    let (operation, params) = match request.route {
        Ok(route) => route,
        Err(RouteError::UnknownPath) => return ErrorResponse::not_found("route not found").into(),
        Err(RouteError::WrongMethod(allow)) => return ErrorResponse::wrong_method(allow).into(),
    };
    if !settings.is_authorized(request.authorization) {
        return ErrorResponse::new(StatusCode::UNAUTHORIZED, "invalid token").into();
    }
    let Some(body) = request.body else {
        return ErrorResponse::new(StatusCode::PAYLOAD_TOO_LARGE, "request body too large").into();
    };
    match execute(cloud, operation, &params, request.query, body, now) {
        Err(error) => error.into(),
        Ok(data) if operation == Operation::OrgInfo && settings.bare_org_info => Response::json(StatusCode::OK, &data),
        Ok(data) => Response::success(settings.codes.code(operation.is_write()), data),
    }
}

impl ApiSettings {
    /// Accepts the key bare, and the key or a token after `Bearer`.
    fn is_authorized(&self, authorization: Option<&[u8]>) -> bool {
        let Some(value) = authorization.and_then(|bytes| std::str::from_utf8(bytes).ok()) else {
            return false;
        };
        if value == self.api_key {
            return true;
        }
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                token == self.api_key || self.tokens.iter().any(|accepted| accepted == token)
            }
            _ => false,
        }
    }
}

fn execute(
    cloud: &mut Cloud,
    operation: Operation,
    params: &PathParams<'_>,
    query: &str,
    body: &[u8],
    now: Duration,
) -> Result<Value, ErrorResponse> {
    let no_data = |()| Value::Null;
    let available = Phase::Available { since: now };
    match operation {
        Operation::OrgInfo => Ok(cloud.org_info()),
        Operation::ListSkus => list_skus(cloud, query),
        Operation::ListClusters => list_clusters(cloud, params, query),
        Operation::DescribeCluster => cloud.describe(&target(cloud, params)?),
        Operation::CreateCluster => {
            let project = project_id(cloud, params)?;
            let request = create_request(&object(body)?)?;
            cloud.create(project, request, now).map(no_data)
        }
        Operation::DeleteCluster => cloud.delete(&target(cloud, params)?, now).map(no_data),
        Operation::StartCluster | Operation::RestartCluster => {
            let target = target(cloud, params)?;
            optional_object(body)?;
            cloud.set_phase(&target, available).map(no_data)
        }
        Operation::ShutdownCluster => {
            let target = target(cloud, params)?;
            optional_object(body)?;
            cloud.set_phase(&target, Phase::Idle).map(no_data)
        }
        Operation::ConfigHistory => cloud.configs(&target(cloud, params)?),
        Operation::ApplyConfig => {
            let target = target(cloud, params)?;
            let config = path_integer("configId", params.config)?;
            cloud.apply_config(&target, config, now).map(no_data)
        }
        Operation::UserSubscription => Ok(cloud.subscription()),
        Operation::ListPricingPlans => Ok(cloud.plans()),
        Operation::SubscribePlan => {
            let plan = integer(&object(body)?, "planId")?;
            cloud.subscribe(plan).map(no_data)
        }
        Operation::DashboardInfo => Ok(cloud.dashboards(query_parameter(query, "productType").as_deref())),
        // No path leads to them.
        Operation::ReadRequest | Operation::WriteRequest => Err(ErrorResponse::not_found("route not found")),
    }
}

/// The project's id if the caller may access it.
fn project_id(cloud: &Cloud, params: &PathParams<'_>) -> Result<i64, ErrorResponse> {
    let org = path_integer("orgId", params.org)?;
    cloud.check_project(org, path_integer("projectId", params.project)?)
}

fn target(cloud: &Cloud, params: &PathParams<'_>) -> Result<Target, ErrorResponse> {
    let project = project_id(cloud, params)?;
    let name = percent_decode(params.cluster)
        .ok_or_else(|| ErrorResponse::invalid("clusterName", "is not percent-encoded UTF-8"))?;
    Ok(Target { project, name: validate_name(name)? })
}

fn list_clusters(cloud: &Cloud, params: &PathParams<'_>, query: &str) -> Result<Value, ErrorResponse> {
    let project = project_id(cloud, params)?;
    let page = bounded_integer(query, "page", MAX_PAGE)?;
    let per_page = bounded_integer(query, "perPage", 50)?;
    Ok(cloud.list(project, page, per_page))
}

fn list_skus(cloud: &Cloud, query: &str) -> Result<Value, ErrorResponse> {
    let kind = one_of(query, "type", &["serverless", "dedicated"])?;
    let module = one_of(query, "eloqModule", &["eloqkv", "eloqdoc"])?;
    let provider = one_of(query, "cloudProvider", &["aws", "gcp"])?;
    Ok(cloud.skus(kind, module, provider))
}

fn create_request(body: &Map<String, Value>) -> Result<CreateRequest, ErrorResponse> {
    let name = validate_name(string(body, "clusterName")?)?;
    let region = non_empty(body, "region")?;
    let id = integer(body, "skuId")?;
    let sku: &'static Sku =
        SKUS.iter().find(|sku| sku.id == id).ok_or_else(|| ErrorResponse::invalid("skuId", "no such SKU"))?;
    if !sku.regions().contains(&region.as_str()) {
        let regions = sku.regions().join(", ");
        return Err(ErrorResponse::invalid(
            "region",
            &format!("SKU {id} is on {}: must be one of {regions}", sku.cloud),
        ));
    }
    let zone = body.contains_key("requiredZone").then(|| non_empty(body, "requiredZone")).transpose()?;
    Ok(CreateRequest { name, region, zone, sku })
}

/// Returns the name if it is valid by openapi.yaml, which has the rules of [`ClusterName`] for paths and bodies.
fn validate_name(name: String) -> Result<String, ErrorResponse> {
    match ClusterName::try_from(&name) {
        Ok(_) => Ok(name),
        Err(error) => Err(ErrorResponse::invalid("clusterName", error.reason())),
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, ErrorResponse> {
    serde_json::from_slice(body).map_err(|_| ErrorResponse::invalid("body", "must be a JSON object"))
}

fn optional_object(body: &[u8]) -> Result<(), ErrorResponse> {
    if body.is_empty() {
        return Ok(());
    }
    object(body).map(drop)
}

fn string(body: &Map<String, Value>, field: &str) -> Result<String, ErrorResponse> {
    match body.get(field) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(ErrorResponse::invalid(field, "must be a string")),
        None => Err(ErrorResponse::invalid(field, "is required")),
    }
}

fn non_empty(body: &Map<String, Value>, field: &str) -> Result<String, ErrorResponse> {
    let text = string(body, field)?;
    if text.is_empty() { Err(ErrorResponse::invalid(field, "must not be empty")) } else { Ok(text) }
}

fn integer(body: &Map<String, Value>, field: &str) -> Result<i64, ErrorResponse> {
    match body.get(field) {
        Some(value) => value.as_i64().ok_or_else(|| ErrorResponse::invalid(field, "must be an integer")),
        None => Err(ErrorResponse::invalid(field, "is required")),
    }
}

fn path_integer(field: &str, raw: &str) -> Result<i64, ErrorResponse> {
    raw.parse().map_err(|_| ErrorResponse::invalid(field, "must be an integer"))
}

fn bounded_integer(query: &str, field: &str, max: usize) -> Result<usize, ErrorResponse> {
    let raw = query_parameter(query, field).ok_or_else(|| ErrorResponse::invalid(field, "is required"))?;
    raw.parse()
        .ok()
        .filter(|value| (1..=max).contains(value))
        .ok_or_else(|| ErrorResponse::invalid(field, &format!("must be an integer from 1 to {max}")))
}

fn one_of(query: &str, field: &str, allowed: &[&'static str]) -> Result<&'static str, ErrorResponse> {
    let raw = query_parameter(query, field).ok_or_else(|| ErrorResponse::invalid(field, "is required"))?;
    allowed
        .iter()
        .find(|value| **value == raw)
        .copied()
        .ok_or_else(|| ErrorResponse::invalid(field, &format!("must be one of {}", allowed.join(", "))))
}
