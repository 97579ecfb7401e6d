//! Whether this version of the SDK is compatible with the service.

use std::time::SystemTime;

use super::headers::{self, Deprecation};
use super::options::CallOptions;
use super::{call::Call, retry::RetryPolicy, session::Session};
use crate::error::{Error, Result};
use crate::types::operation::Operation;

const UPGRADE: &str = "upgrade with `cargo update -p eloq-sdk`, or raise its version in Cargo.toml";

/// The result of [`EloqApi::check_version`](crate::EloqApi::check_version).
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// use eloq_sdk::VersionCheck;
///
/// match client.check_version().await {
///     VersionCheck::Compatible => println!("compatible"),
///     VersionCheck::Deprecated { sunset, .. } => println!("deprecated until {sunset:?}"),
///     VersionCheck::Incompatible => println!("upgrade eloq-sdk"),
///     _ => println!("the check failed"),
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionCheck {
    /// The service responds in the form that this version was generated from.
    Compatible,
    /// The same, but the service marks the API as deprecated.
    #[non_exhaustive]
    Deprecated {
        /// When the API ends, if the service says so.
        sunset: Option<SystemTime>,
    },
    /// The service refuses this version or responds in another form: upgrade.
    Incompatible,
    /// The check failed for another reason.
    Unknown,
}

/// Fetches the account once, without retries, and keeps it. The error is why the result is [`VersionCheck::Unknown`].
pub(crate) async fn check(session: &Session) -> (VersionCheck, Option<Error>) {
    let operation = Operation::OrgInfo;
    let once = match session.with_options(CallOptions::default().retry(RetryPolicy::none())) {
        Ok(once) => once,
        Err(error) => return (VersionCheck::Unknown, Some(error)),
    };
    let Ok(call) = Call::begin(&once, operation, once.deadline()) else {
        return (VersionCheck::Unknown, Some(Error::Closed));
    };
    let response = call.send(|raw| raw.org_info().build()).await;
    let response = response.and_then(|response| {
        let deprecation = headers::deprecation(&response.head.headers);
        session.account().store(&response.into_data(operation)?);
        Ok(deprecation)
    });
    call.span().in_scope(|| interpret(response))
}

fn interpret(response: Result<Deprecation>) -> (VersionCheck, Option<Error>) {
    let version = env!("CARGO_PKG_VERSION");
    match response {
        Ok(None) => (VersionCheck::Compatible, None),
        Ok(Some(sunset)) => {
            let end = sunset.map(|time| format!(" and ends at {}", humantime::format_rfc3339_seconds(time)));
            let end = end.unwrap_or_default();
            tracing::warn!("the API that eloq-sdk {version} uses is deprecated{end}: {UPGRADE}");
            (VersionCheck::Deprecated { sunset }, None)
        }
        Err(error) if is_outdated(&error) => {
            tracing::warn!("eloq-sdk {version} is no longer compatible with the service: {UPGRADE}");
            (VersionCheck::Incompatible, None)
        }
        Err(error) => (VersionCheck::Unknown, Some(error)),
    }
}

/// Whether the API has changed: gone, upgrade required, or JSON of another form. A page that is not JSON comes from a gateway and
/// says nothing of the API.
fn is_outdated(error: &Error) -> bool {
    match error {
        Error::Decode { failure } => failure.path().is_some(),
        error => matches!(error.status(), Some(410 | 426)),
    }
}
