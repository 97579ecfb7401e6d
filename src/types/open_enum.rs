//! The open enums: known values by name, unknown ones kept as text.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::text::Text;

/// A value of an open enum that this version does not know, as the service wrote it.
///
/// Only conversions from text make one, and only for a text that is no known value. Comparing ignores ASCII case.
///
/// ```
/// use eloq_sdk::schema::ClusterStatus;
///
/// let ClusterStatus::Unknown(value) = ClusterStatus::from("Hibernating") else { panic!("a known value") };
/// assert_eq!(value.as_str(), "Hibernating");
/// ```
#[derive(Clone, Debug)]
pub struct UnknownValue(String);

impl UnknownValue {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for UnknownValue {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for UnknownValue {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for UnknownValue {}

impl Hash for UnknownValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&super::text::printable(&self.0))
    }
}

/// Defines an enum over the values of a field. Reading and comparing ignore ASCII case; writing uses the text given here.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        ///
        /// The set is open: a value that this version does not know is `Unknown`. Reading and comparing ignore ASCII case.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value that this version does not know.
            Unknown(UnknownValue),
        }

        impl $name {
            /// The texts that this version knows.
            #[cfg(feature = "schemars")]
            pub(crate) const KNOWN: &[&str] = &[$($text),+];

            /// Returns the text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(value) => value.as_str(),
                }
            }

            fn known(text: &str) -> Option<Self> {
                $(if text.eq_ignore_ascii_case($text) {
                    return Some(Self::$variant);
                })+
                None
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Unknown(UnknownValue(text.to_owned())))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::known(&text).unwrap_or(Self::Unknown(UnknownValue(text)))
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl<T: AsRef<str> + ?Sized> PartialEq<T> for $name {
            fn eq(&self, text: &T) -> bool {
                self.as_str().eq_ignore_ascii_case(text.as_ref())
            }
        }

        impl PartialEq<$name> for str {
            fn eq(&self, value: &$name) -> bool {
                value == self
            }
        }

        impl PartialEq<$name> for &str {
            fn eq(&self, value: &$name) -> bool {
                value == *self
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&super::text::printable(self.as_str()))
            }
        }

        impl super::drift::Inspect for $name {
            fn find_drift(&self, (schema, field): super::drift::Place, report: &mut dyn FnMut(super::drift::Drift)) {
                if let Self::Unknown(value) = self {
                    report(super::drift::Drift::Value { schema, field, value: value.as_str().to_owned() });
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Text::deserialize(deserializer).map(|Text(text)| Self::from(&*text))
            }
        }
    };
}

open_enum! {
    /// Lifecycle status of a cluster.
    ///
    /// ```
    /// use eloq_sdk::schema::ClusterStatus;
    ///
    /// assert_eq!(ClusterStatus::from("Idle"), ClusterStatus::Idle);
    /// assert_eq!(ClusterStatus::Idle.as_str(), "idle");
    /// assert!(matches!(ClusterStatus::from("hibernating"), ClusterStatus::Unknown(_)));
    /// assert!(ClusterStatus::Idle == "IDLE" && "IDLE" == ClusterStatus::Idle);
    /// ```
    ClusterStatus {
        /// Running; the only status in which a cluster can be deleted.
        Available = "available",
        /// Not reachable.
        Unavailable = "unavailable",
        /// Resources are being set up.
        Provisioning = "provisioning",
        /// Scaled to zero; connectable, the first connection wakes it.
        Idle = "idle",
        /// Running and in use.
        Active = "active",
        /// Being created.
        Creating = "creating",
        /// Moving to another SKU, as the console can make it.
        Updating = "updating",
        /// Failed.
        Error = "error",
    }
}

impl ClusterStatus {
    /// Returns true if the database of a cluster with this status accepts connections, provided that its load balancer is
    /// active: available, active, or idle, which the first connection wakes. From the vendor's REST pages.
    #[must_use]
    pub fn is_connectable(&self) -> bool {
        matches!(self, Self::Available | Self::Active | Self::Idle)
    }

    /// Returns true if the service accepts the deletion of a cluster with this status. From the vendor's REST pages.
    #[must_use]
    pub fn is_deletable(&self) -> bool {
        matches!(self, Self::Available)
    }

    /// Returns true if the cluster has failed and does not recover by itself.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        matches!(self, Self::Error)
    }
}

open_enum! {
    /// Lifecycle state of a cluster's load balancer.
    ///
    /// ```
    /// use eloq_sdk::schema::ElbState;
    ///
    /// assert_eq!(ElbState::from("active"), ElbState::Active);
    /// assert_eq!(ElbState::Provisioning.as_str(), "provisioning");
    /// ```
    ElbState {
        /// Forwarding connections.
        Active = "active",
        /// Being set up.
        Provisioning = "provisioning",
    }
}

open_enum! {
    /// Database of a cluster or SKU, as responses spell it. [`EloqModule`] is the spelling of filters.
    ///
    /// ```
    /// use eloq_sdk::schema::{EloqModule, ModuleType};
    ///
    /// assert_eq!(ModuleType::from("EloqDoc"), ModuleType::EloqDoc);
    /// assert_eq!(ModuleType::from(EloqModule::EloqDoc).as_str(), "EloqDoc");
    /// ```
    ModuleType {
        /// Compatible with Redis.
        EloqKv = "EloqKV",
        /// Compatible with MongoDB.
        EloqDoc = "EloqDoc",
        /// Compatible with MySQL.
        EloqSql = "EloqSQL",
    }
}

open_enum! {
    /// Database, as a filter of [`get_skus`](crate::EloqApi::get_skus). [`ModuleType`] is the spelling of responses.
    ///
    /// The vendor documents the filters `eloqkv` and `eloqdoc`. `eloqsql` is here since responses contain the module EloqSQL; whether
    /// the service accepts it as a filter is not known, and the simulator refuses it, as `openapi.yaml` does.
    ///
    /// ```
    /// use eloq_sdk::schema::{EloqModule, ModuleType};
    ///
    /// assert_eq!(EloqModule::EloqKv.as_str(), "eloqkv");
    /// assert_eq!(EloqModule::from(ModuleType::EloqKv), EloqModule::EloqKv);
    /// ```
    EloqModule {
        /// Compatible with Redis.
        EloqKv = "eloqkv",
        /// Compatible with MongoDB.
        EloqDoc = "eloqdoc",
        /// Compatible with MySQL. Not documented as a filter.
        EloqSql = "eloqsql",
    }
}

open_enum! {
    /// Cloud provider. Responses use either case; requests use lower case.
    ///
    /// ```
    /// use eloq_sdk::schema::CloudProvider;
    ///
    /// assert_eq!(CloudProvider::from("GCP"), CloudProvider::Gcp);
    /// assert_eq!(CloudProvider::Gcp.as_str(), "gcp");
    /// ```
    CloudProvider {
        /// Amazon Web Services.
        Aws = "aws",
        /// Google Cloud Platform.
        Gcp = "gcp",
    }
}

open_enum! {
    /// How a SKU provides its resources.
    ///
    /// ```
    /// use eloq_sdk::schema::SkuType;
    ///
    /// assert_eq!(SkuType::from("dedicated"), SkuType::Dedicated);
    /// assert_eq!(SkuType::Serverless.as_str(), "serverless");
    /// ```
    SkuType {
        /// Scales with load, down to zero.
        Serverless = "serverless",
        /// Reserved resources.
        Dedicated = "dedicated",
        /// Not specified. Only in responses: [`get_skus`](crate::EloqApi::get_skus) refuses it as a filter.
        Unspecified = "unspecified",
    }
}

impl From<EloqModule> for ModuleType {
    fn from(module: EloqModule) -> Self {
        Self::from(module.as_str())
    }
}

impl From<ModuleType> for EloqModule {
    fn from(module: ModuleType) -> Self {
        Self::from(module.as_str())
    }
}
