//! `RootCertificates`: certificate authorities that a setting or a variable adds to those of the platform.

use crate::connection::{env, env::Lookup};
#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
use crate::error::Error;
use crate::error::Result;

/// Certificates in PEM, and where they come from.
#[cfg_attr(not(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")), allow(dead_code))]
pub(crate) struct RootCertificates {
    pub(super) pem: Vec<u8>,
    setting: &'static str,
    invalid: &'static str,
}

impl RootCertificates {
    /// Those of the builder.
    pub(crate) fn explicit(pem: Vec<u8>) -> Self {
        Self { pem, setting: "root_certificate", invalid: "is not a valid PEM certificate" }
    }

    /// Those of the file that the variable names.
    pub(crate) fn from_variable(lookup: Lookup<'_>) -> Result<Option<Self>> {
        let invalid = "the file contains no certificate in PEM, or an invalid one";
        Ok(env::ca_bundle(lookup)?.map(|pem| Self { pem, setting: env::CA_BUNDLE, invalid }))
    }

    /// The error of certificates that are missing or invalid. It has no part of the file.
    #[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
    pub(super) fn invalid(&self) -> Error {
        Error::config(self.setting, self.invalid)
    }
}
