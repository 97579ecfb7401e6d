//! Routes method and raw path to an operation. It splits before decoding, so that an encoded slash stays inside a name.

use crate::types::operation::Operation::{self, *};

const BASE: &str = "/api/v1/";

/// Path parameters, still percent-encoded; empty if the operation does not have them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PathParams<'a> {
    pub(super) org: &'a str,
    pub(super) project: &'a str,
    pub(super) cluster: &'a str,
    pub(super) config: &'a str,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum RouteError {
    UnknownPath,
    /// The supported methods, as the `Allow` header lists them.
    WrongMethod(String),
}

pub(super) fn route<'a>(method: &str, path: &'a str) -> Result<(Operation, PathParams<'a>), RouteError> {
    let rest = path.strip_prefix(BASE).ok_or(RouteError::UnknownPath)?;
    let segments: Vec<&str> = rest.split('/').collect();
    if segments.contains(&"") {
        return Err(RouteError::UnknownPath);
    }
    let (methods, params) = match_path(&segments).ok_or(RouteError::UnknownPath)?;
    match methods.iter().find(|(known, _)| *known == method) {
        Some((_, operation)) => Ok((*operation, params)),
        None => {
            let known: Vec<&str> = methods.iter().map(|(known, _)| *known).collect();
            Err(RouteError::WrongMethod(known.join(", ")))
        }
    }
}

type Methods = &'static [(&'static str, Operation)];

fn match_path<'a>(segments: &[&'a str]) -> Option<(Methods, PathParams<'a>)> {
    if let ["orgs", org, "projects", project, "clusters", rest @ ..] = segments {
        let (methods, cluster, config): (Methods, _, _) = match rest {
            [] => (&[("GET", ListClusters), ("POST", CreateCluster)], "", ""),
            [name] => (&[("GET", DescribeCluster)], *name, ""),
            [name, "delete"] => (&[("DELETE", DeleteCluster)], *name, ""),
            [name, "start"] => (&[("POST", StartCluster)], *name, ""),
            [name, "shutdown"] => (&[("POST", ShutdownCluster)], *name, ""),
            [name, "restart"] => (&[("POST", RestartCluster)], *name, ""),
            [name, "config-history"] => (&[("GET", ConfigHistory)], *name, ""),
            [name, "configs", id, "apply"] => (&[("POST", ApplyConfig)], *name, *id),
            _ => return None,
        };
        return Some((methods, PathParams { org, project, cluster, config }));
    }
    let methods: Methods = match segments {
        ["org-info"] => &[("GET", OrgInfo)],
        ["skus-by-args"] => &[("GET", ListSkus)],
        ["billing", "user-subscription"] => &[("GET", UserSubscription)],
        ["billing", "list-pricing-plans"] => &[("GET", ListPricingPlans)],
        ["billing", "subscribe-plan"] => &[("POST", SubscribePlan)],
        ["dashboard", "info"] => &[("GET", DashboardInfo)],
        _ => return None,
    };
    Some((methods, PathParams::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_slash_does_not_split_a_name() {
        let params = PathParams { org: "1", project: "2", cluster: "a%2Fdelete", config: "" };
        let routed = route("GET", "/api/v1/orgs/1/projects/2/clusters/a%2Fdelete");
        assert_eq!(routed, Ok((DescribeCluster, params)));
    }

    #[test]
    fn an_empty_segment_matches_no_route() {
        for path in ["/api/v1/orgs/1/projects/2/clusters/", "/api/v1//org-info", "/api/v1org-info", "/org-info"] {
            assert_eq!(route("GET", path), Err(RouteError::UnknownPath), "{path}");
        }
    }

    #[test]
    fn a_wrong_method_returns_the_supported_ones() {
        assert_eq!(
            route("PUT", "/api/v1/orgs/1/projects/2/clusters"),
            Err(RouteError::WrongMethod("GET, POST".into()))
        );
    }
}
