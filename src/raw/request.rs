//! A request that the document may not have.

use http::Method;
use http::header::{ACCEPT, HeaderValue};
use serde_json::Value;

use super::{error::Error, generated::Client};

/// A request by its method and its path below the base URL.
#[derive(Debug)]
pub(crate) struct AnyRequest<'a> {
    pub(crate) method: Method,
    /// Begins with a slash; can have a query.
    pub(crate) path: &'a str,
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<&'a Value>,
}

impl Client {
    /// Builds it as the generated builders build theirs.
    pub(crate) fn build_any(&self, any: &AnyRequest<'_>) -> Result<reqwest::Request, Box<Error>> {
        let (path, query) = any.path.split_once('?').unzip();
        let mut url = self.inner.base.join(format_args!("{}", path.unwrap_or(any.path)));
        url.set_query(query);
        let request = self.client.request(any.method.clone(), url);
        let mut request = request.header(ACCEPT, HeaderValue::from_static("application/json"));
        if !any.query.is_empty() {
            request = request.query(any.query);
        }
        if let Some(body) = any.body {
            request = request.json(body);
        }
        Ok(request.build()?)
    }
}
