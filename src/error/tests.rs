//! Tests of the Display texts and hints of errors.

use http::StatusCode;

use super::*;

#[test]
fn display_has_operation_status_code_message_and_request_id() {
    let mut api = ApiError::stub(200, None);
    (api.code, api.request_id) = (Some(1001), Some("r-1".to_owned()));
    let error = Error::Api { api: Box::new(api.clone()) };
    assert_eq!(error.to_string(), "create_cluster: HTTP 200, code 1001: quota exceeded (request id r-1)");
    assert!(format!("{error:?}").starts_with("Api("));
    assert!(!format!("{error:?}").contains("canary"));

    (api.status, api.code, api.request_id) = (StatusCode::FORBIDDEN, Some(403), None);
    assert_eq!(Error::Permission { api: Box::new(api) }.to_string(), "create_cluster: HTTP 403: quota exceeded");
}

#[test]
fn the_alternate_form_adds_the_innermost_cause() {
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let mut inner = Failure::new(Operation::OrgInfo, "the connection failed");
    inner.source = Some(std::sync::Arc::new(refused));
    let mut outer = Failure::new(Operation::CreateCluster, "timed out");
    outer.source = Some(std::sync::Arc::new(Error::connect(inner)));
    let error = Error::timeout(outer);
    assert_eq!(error.to_string(), "create_cluster: timed out");
    assert_eq!(format!("{error:#}"), "create_cluster: timed out: connection refused");
    assert!(format!("{error:?}").contains("connection refused"), "{error:?}");
}

#[test]
fn the_hint_for_a_404_of_a_fixed_path_names_the_base_url() {
    let hint = |operation| {
        let api = ApiError { operation, ..ApiError::stub(404, None) };
        Error::from(api).hint().unwrap_or_default()
    };
    assert!(hint(Operation::OrgInfo).contains("base URL"));
    assert!(hint(Operation::DescribeCluster).contains("name"));
}

#[test]
fn a_cluster_limit_is_recognized_by_the_words_of_a_403_on_create() {
    let error =
        |status, message: &str| Error::from(ApiError { message: message.into(), ..ApiError::stub(status, None) });
    for message in [
        "cluster limit reached: the free plan allows 3 clusters",
        "Limit of 3 clusters exceeded",
        "CLUSTERS_LIMIT",
        "quota exceeded: clusters",
    ] {
        assert!(error(403, message).is_cluster_limit(), "{message}");
        assert!(error(403, message).hint().unwrap_or_default().contains("plan"), "{message}");
    }
    for message in ["permission denied", "cluster not found", "quota exceeded", "this key is limited to cluster reads"]
    {
        assert!(!error(403, message).is_cluster_limit(), "{message}");
    }
    let limit = "cluster limit reached";
    for status in [400, 401, 404, 429, 500] {
        assert!(!error(status, limit).is_cluster_limit(), "{status}");
    }
    let with_code =
        |code| Error::from(ApiError { code: Some(code), message: limit.to_owned(), ..ApiError::stub(200, None) });
    assert!(with_code(403).is_cluster_limit() && !with_code(1001).is_cluster_limit());
    let on_delete =
        ApiError { operation: Operation::DeleteCluster, message: limit.to_owned(), ..ApiError::stub(403, None) };
    assert!(!Error::from(on_delete).is_cluster_limit());
}

#[test]
fn display_names_the_setting_or_the_argument() {
    let config = Error::config("base_url", "has no host");
    assert_eq!(config.to_string(), "configuration: base_url: has no host");
    let input = Error::invalid_input("per_page", "must be 1 to 50");
    assert_eq!(input.to_string(), "invalid input: per_page: must be 1 to 50");
}

impl ApiError {
    /// An error response with this status and no other details.
    pub(crate) fn stub(status: u16, retry_after: Option<Duration>) -> Self {
        let status = StatusCode::from_u16(status).unwrap();
        let stub = Self::new(Operation::CreateCluster, status, "quota exceeded");
        Self { retry_after, excerpt: "canary".to_owned(), ..stub }
    }
}
