//! Requests that this crate has no method for.

use http::Method;
use serde_json::Value;

use super::client::EloqApi;
use crate::engine::call::call;
use crate::error::{Error, Result};
use crate::raw::request::AnyRequest;
use crate::schema::Envelope;
use crate::types::operation::Operation;

/// # Any request
impl EloqApi {
    /// Sends a request that this crate may have no method for, and returns the response as it is.
    ///
    /// `path` is below the base URL, as in `/org-info`, percent-encoded, with or without a query; it cannot lead to another host.
    /// `query` is encoded here, and added to that of the path. Limits, retries and errors are those of every call: a `GET` is a read,
    /// and any other method is a write, which is never sent again once the service may have received it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> eloq_sdk::Result<()> {
    /// use eloq_sdk::simulator::Simulator;
    ///
    /// let simulator = Simulator::start().await?;
    /// let client = simulator.client();
    /// let filter = [("type", "serverless"), ("eloqModule", "eloqkv"), ("cloudProvider", "aws")];
    /// let response = client.send_request("GET", "/skus-by-args", &filter, None).await?;
    /// println!("{:#}", response.data.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] for a method or a path that is not valid. An error of the service has the operation `request`. See
    /// [the type](Self#errors) for the rest.
    pub async fn send_request(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Envelope<Value>> {
        let invalid = |parameter, reason: &str| Err(Error::invalid_input(parameter, reason));
        let Ok(method) = Method::from_bytes(method.as_bytes()) else {
            return invalid("method", "is not an HTTP method, as in GET");
        };
        if !path.starts_with('/') || path.starts_with("//") {
            return invalid("path", "does not begin with one slash, as in /org-info");
        }
        if path.contains(|c: char| c.is_control() || c == '\\') {
            return invalid("path", "contains a backslash or a control character");
        }
        if path.contains('#') {
            return invalid("path", "contains a fragment");
        }
        if path.split('?').next().unwrap_or_default().split('/').any(is_dots) {
            return invalid("path", "contains a segment of dots, which leads to another path");
        }
        let operation = if method == Method::GET { Operation::ReadRequest } else { Operation::WriteRequest };
        let (session, any) = (self.session(), AnyRequest { method, path, query, body });
        let response = call(session, operation, session.deadline(), |raw| raw.build_any(&any)).await?;
        Ok(response.envelope)
    }
}

/// Whether the URL parser takes a segment for `.` or `..`.
fn is_dots(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}
