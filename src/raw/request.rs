//! A request that the document may not have.

use http::header::{ACCEPT, HeaderValue};
use http::{Method, StatusCode};
use progenitor_client::{ClientHooks as _, OperationInfo};
use serde_json::Value;

use super::codec::decode;
use super::{error::Error, generated::Client, response::ResponseValue};
use crate::types::envelope::Envelope;

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
    /// Sends it as the generated builders send theirs.
    pub(crate) async fn send_any(&self, any: &AnyRequest<'_>) -> Result<ResponseValue<Envelope<Value>>, Error> {
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
        let mut request = request.build()?;
        let info = OperationInfo { operation_id: "request" };
        self.pre(&mut request, &info).await?;
        let response = self.exec(request, &info).await?;
        match response.status() {
            StatusCode::OK => decode(&self.inner, response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
