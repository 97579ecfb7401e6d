//! `Authorizer`: where requests get their credential from; responses are read without it.

use bytes::Bytes;
use http::header::HeaderMap;

use super::auth::Authorization;
use super::provider::CredentialProvider;

/// Where requests get their credential from.
#[derive(Clone)]
pub(crate) enum Authorizer {
    Fixed(Authorization),
    Provided(CredentialProvider),
}

impl Authorizer {
    /// The provider, if the credential can change.
    pub(crate) fn provider(&self) -> Option<&CredentialProvider> {
        match self {
            Self::Fixed(_) => None,
            Self::Provided(provider) => Some(provider),
        }
    }

    /// Redacts the credential in the headers of a response.
    pub(crate) fn redact_headers(&self, headers: &mut HeaderMap) {
        match self {
            Self::Fixed(authorization) => authorization.redact_headers(headers),
            Self::Provided(provider) => provider.known().iter().for_each(|known| known.redact_headers(headers)),
        }
    }

    /// Redacts the credential in the body of a response.
    pub(crate) fn redact_body(&self, body: Bytes) -> Bytes {
        match self {
            Self::Fixed(authorization) => authorization.redact_body(body),
            Self::Provided(provider) => provider.known().iter().fold(body, |body, known| known.redact_body(body)),
        }
    }
}
