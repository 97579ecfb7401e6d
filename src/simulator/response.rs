//! Responses of the simulated cloud: envelope, errors and bytes.

use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

pub(super) const JSON: &str = "application/json; charset=utf-8";

#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Response {
    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        Self { status, headers, body: Bytes::from(body.to_string()) }
    }

    pub(super) fn success(code: i64, data: Value) -> Self {
        Self::json(StatusCode::OK, &envelope(code, "success", data))
    }

    pub(super) fn error(status: StatusCode, message: &str) -> Self {
        let code = i64::from(status.as_u16());
        Self::json(status, &envelope(code, message, Value::Null))
    }

    /// The document of the API, for programs that generate a client from it.
    pub(super) fn document() -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/yaml"));
        let body = Bytes::from_static(include_bytes!("../../openapi.yaml"));
        Self { status: StatusCode::OK, headers, body }
    }

    /// The simulator cannot do what the test asked for: the test must see the reason, and nothing may panic.
    pub(super) fn simulator_error(reason: &str) -> Self {
        Self::error(StatusCode::INTERNAL_SERVER_ERROR, &format!("simulator error: {reason}"))
    }
}

pub(super) fn envelope(code: i64, message: &str, data: Value) -> Value {
    json!({ "code": code, "message": message, "data": data })
}

/// An error of the API, before it becomes a [`Response`].
#[derive(Debug)]
pub(super) struct ErrorResponse {
    status: StatusCode,
    message: String,
    allow: Option<String>,
}

impl ErrorResponse {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), allow: None }
    }

    pub(super) fn invalid(field: &str, reason: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("{field}: {reason}"))
    }

    pub(super) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn wrong_method(allow: String) -> Self {
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed") }
    }
}

impl From<ErrorResponse> for Response {
    fn from(error: ErrorResponse) -> Self {
        let mut response = Self::error(error.status, &error.message);
        if let Some(allow) = error.allow.and_then(|methods| HeaderValue::from_str(&methods).ok()) {
            response.headers.insert(ALLOW, allow);
        }
        response
    }
}
