//! The open enums: known values by name, new ones kept as text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Defines an enum over the texts of the wire. Letter case is ignored on reading; writing uses the text given here.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        ///
        /// The set is open: a value that this version does not know arrives as `Unknown` with its text. Letter case is
        /// ignored on reading.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value that this version does not know, as it came.
            Unknown(String),
        }

        impl $name {
            /// The texts that this version knows.
            #[cfg(feature = "schemars")]
            pub(crate) const KNOWN: &[&str] = &[$($text),+];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
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
                Self::known(text).unwrap_or_else(|| Self::Unknown(text.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::known(&text).unwrap_or(Self::Unknown(text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                self.as_str() == text
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, text: &&str) -> bool {
                self.as_str() == *text
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&crate::text::printable(self.as_str()))
            }
        }

        impl crate::drift::Inspect for $name {
            fn drift(&self, (schema, field): crate::drift::Place, found: &mut dyn FnMut(crate::drift::Drift)) {
                if let Self::Unknown(value) = self {
                    found(crate::drift::Drift::Value { schema, field, value: value.clone() });
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
                deserializer.deserialize_str(Text(std::marker::PhantomData))
            }
        }
    };
}

/// Reads a text without a copy where the value is known.
struct Text<T>(std::marker::PhantomData<T>);

impl<T: for<'a> From<&'a str>> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}

open_enum! {
    /// Where a cluster is in its life.
    ///
    /// ```
    /// use eloq_sdk::schema::ClusterStatus;
    ///
    /// assert_eq!(ClusterStatus::from("Idle"), ClusterStatus::Idle);
    /// assert_eq!(ClusterStatus::Idle.as_str(), "idle");
    /// assert_eq!(ClusterStatus::from("hibernating"), ClusterStatus::Unknown("hibernating".to_owned()));
    /// ```
    ClusterStatus {
        /// Running; the only status in which a cluster can be deleted.
        Available = "available",
        /// Not to be reached.
        Unavailable = "unavailable",
        /// Being made ready.
        Provisioning = "provisioning",
        /// Scaled to zero; still connectable, the first connection wakes it.
        Idle = "idle",
        /// Running and in use.
        Active = "active",
        /// Being created.
        Creating = "creating",
        /// Failed.
        Error = "error",
    }
}

open_enum! {
    /// Where the load balancer of a cluster is in its life.
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
        /// Being made ready.
        Provisioning = "provisioning",
    }
}

open_enum! {
    /// The database of a cluster or a SKU, as replies spell it. [`EloqModule`] is the spelling of filters.
    ///
    /// ```
    /// use eloq_sdk::schema::{EloqModule, ModuleType};
    ///
    /// assert_eq!(ModuleType::from("EloqDoc"), ModuleType::EloqDoc);
    /// assert_eq!(ModuleType::from(EloqModule::EloqDoc).as_str(), "EloqDoc");
    /// ```
    ModuleType {
        /// Speaks Redis.
        EloqKv = "EloqKV",
        /// Speaks MongoDB.
        EloqDoc = "EloqDoc",
        /// Speaks MySQL.
        EloqSql = "EloqSQL",
    }
}

open_enum! {
    /// The database, as a filter of [`get_skus`](crate::EloqApi::get_skus). [`ModuleType`] is the spelling of replies.
    ///
    /// ```
    /// use eloq_sdk::schema::{EloqModule, ModuleType};
    ///
    /// assert_eq!(EloqModule::EloqKv.as_str(), "eloqkv");
    /// assert_eq!(EloqModule::from(ModuleType::EloqKv), EloqModule::EloqKv);
    /// ```
    EloqModule {
        /// Speaks Redis.
        EloqKv = "eloqkv",
        /// Speaks MongoDB.
        EloqDoc = "eloqdoc",
        /// Speaks MySQL.
        EloqSql = "eloqsql",
    }
}

open_enum! {
    /// A cloud. Replies spell it in either case; it is written in lower case, as filters need it.
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
    /// How the resources of a SKU are provided.
    ///
    /// ```
    /// use eloq_sdk::schema::SkuType;
    ///
    /// assert_eq!(SkuType::from("dedicated"), SkuType::Dedicated);
    /// assert_eq!(SkuType::Serverless.as_str(), "serverless");
    /// ```
    SkuType {
        /// Scaled with use, down to zero.
        Serverless = "serverless",
        /// Reserved.
        Dedicated = "dedicated",
        /// Not said.
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
