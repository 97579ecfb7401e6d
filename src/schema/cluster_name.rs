//! `ClusterName`: a name that stays one segment of a path.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// The name of a cluster, checked so that it cannot change the path of a request.
///
/// A name has 1 to 255 bytes, is neither `.` nor `..`, and holds no backslash and no control character. `/`, `%`, `?`, `#` and
/// letters of any script are fine: they are percent-encoded into the path. What else a name may hold is the service's to say.
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClusterName(Arc<str>);

impl ClusterName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(name: &str) -> Result<(), &'static str> {
        match name {
            "" => Err("must not be empty"),
            "." | ".." => Err("must not be `.` or `..`, which would change the path of the request"),
            _ if name.len() > Self::MAX_BYTES => Err("must have at most 255 bytes"),
            _ if name.contains('\\') => Err("must not contain a backslash"),
            _ if name.contains(char::is_control) => Err("must not contain control characters"),
            _ => Ok(()),
        }
    }
}

impl TryFrom<String> for ClusterName {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        Self::try_from(name.as_str())
    }
}

impl TryFrom<&str> for ClusterName {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self, Error> {
        match Self::check(name) {
            Ok(()) => Ok(Self(name.into())),
            Err(reason) => Err(Error::invalid_input("cluster_name", reason)),
        }
    }
}

impl TryFrom<&String> for ClusterName {
    type Error = Error;

    fn try_from(name: &String) -> Result<Self, Error> {
        Self::try_from(name.as_str())
    }
}

impl FromStr for ClusterName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::try_from(name)
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

impl Serialize for ClusterName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ClusterName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::check(&name).map_err(serde::de::Error::custom)?;
        Ok(Self(name.into()))
    }
}
