//! `ErrorKind`: the variants of `Error` without their data.

use std::fmt;

use serde::Serialize;

macro_rules! error_kinds {
    ($($kind:ident)+) => {
        /// The variant of an [`Error`](crate::Error), for logs, metrics and tables.
        ///
        /// ```
        /// use eloq_sdk::{EloqApi, ErrorKind};
        ///
        /// let error = EloqApi::builder().api_key("").build().unwrap_err();
        /// assert_eq!(error.kind(), ErrorKind::Config);
        /// assert_eq!(error.kind().to_string(), "Config");
        /// ```
        ///
        /// It serializes as its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schemars", schemars(description = "The kind of an error; later versions can have more."))]
        #[non_exhaustive]
        pub enum ErrorKind {
            $(
                #[doc = concat!("The kind of `Error::", stringify!($kind), "`.")]
                $kind,
            )+
        }

        impl ErrorKind {
            /// All kinds, for tests and metrics. Later versions can add more.
            ///
            /// ```
            /// assert!(eloq_sdk::ErrorKind::ALL.contains(&eloq_sdk::ErrorKind::Closed));
            /// ```
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Returns the name of the variant.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($kind),)+
                }
            }
        }
    };
}

error_kinds! {
    Authentication Permission NotFound RateLimit Validation Conflict Server Api
    Connect Timeout Protocol Decode OutcomeUnknown ClusterFailed
    NoProject Config InvalidInput Closed Stopped
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
