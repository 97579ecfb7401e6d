//! `Response`: a successful response of a call.

use serde::de::DeserializeOwned;

use crate::error::{Error, Result, failure::Failure};
use crate::raw::response::Head;
use crate::types::{drift::Inspect, envelope::Envelope, operation::Operation};

/// The `data` of a response.
pub(crate) trait ResponseData: DeserializeOwned + Inspect + Send {}

impl<T: DeserializeOwned + Inspect + Send> ResponseData for T {}

/// A successful response.
pub(crate) struct Response<T> {
    pub(crate) envelope: Envelope<T>,
    pub(crate) head: Head,
}

impl<T> Response<Box<T>> {
    /// The data, for operations that need it.
    pub(crate) fn into_data(self, operation: Operation) -> Result<T> {
        let missing = || Error::decode(Failure::new(operation, "a value is missing").at("data"));
        self.envelope.data.map(|data| *data).ok_or_else(missing)
    }
}

impl<T> Response<Vec<T>> {
    /// The list, which the service can write as null.
    pub(crate) fn into_list(self) -> Vec<T> {
        self.envelope.data.unwrap_or_default()
    }
}
