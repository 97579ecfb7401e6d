//! `ClusterName`: a name that stays one segment of a path.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of a cluster, checked so that it cannot change the path of a request.
///
/// A name has 1 to 255 bytes, is neither `.` nor `..`, and contains no backslash and no control character. `/`, `%`, `?`, `#`
/// and letters of any script are allowed and percent-encoded in the path. The service may refuse more.
///
/// ```
/// use eloq_sdk::schema::ClusterName;
///
/// # fn main() -> eloq_sdk::Result<()> {
/// let name: ClusterName = "my-cluster".parse()?;
/// assert_eq!(name.as_str(), "my-cluster");
/// assert!("..".parse::<ClusterName>().is_err());
/// assert!("x".repeat(ClusterName::MAX_BYTES + 1).parse::<ClusterName>().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterName(Arc<str>);

impl ClusterName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(name: &str) -> Result<(), InvalidClusterName> {
        let reason = match name {
            "" => "must not be empty",
            "." | ".." => "must not be `.` or `..`, which would change the path of the request",
            _ if name.len() > Self::MAX_BYTES => "must have at most 255 bytes",
            _ if name.contains('\\') => "must not contain a backslash",
            _ if name.contains(char::is_control) => "must not contain control characters",
            _ => return Ok(()),
        };
        Err(InvalidClusterName(reason))
    }
}

/// A text is not a valid [`ClusterName`]. It converts into [`Error::InvalidInput`](crate::Error::InvalidInput).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cluster name {0}")]
pub struct InvalidClusterName(&'static str);

impl InvalidClusterName {
    pub(crate) fn reason(self) -> &'static str {
        self.0
    }
}

impl TryFrom<String> for ClusterName {
    type Error = InvalidClusterName;

    fn try_from(name: String) -> Result<Self, InvalidClusterName> {
        Self::try_from(name.as_str())
    }
}

impl TryFrom<&String> for ClusterName {
    type Error = InvalidClusterName;

    fn try_from(name: &String) -> Result<Self, InvalidClusterName> {
        Self::try_from(name.as_str())
    }
}

impl TryFrom<&str> for ClusterName {
    type Error = InvalidClusterName;

    fn try_from(name: &str) -> Result<Self, InvalidClusterName> {
        Self::check(name)?;
        Ok(Self(name.into()))
    }
}

impl FromStr for ClusterName {
    type Err = InvalidClusterName;

    fn from_str(name: &str) -> Result<Self, InvalidClusterName> {
        Self::try_from(name)
    }
}

impl From<ClusterName> for String {
    fn from(name: ClusterName) -> Self {
        name.as_str().to_owned()
    }
}

impl From<&ClusterName> for String {
    fn from(name: &ClusterName) -> Self {
        name.as_str().to_owned()
    }
}

impl AsRef<str> for ClusterName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
