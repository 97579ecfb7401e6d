//! Whether this version of the SDK still fits the service.

use std::time::SystemTime;

use http::header::HeaderMap;
use tracing::Instrument;

use crate::classify;
use crate::context::Context;
use crate::raw::{self, ClientInfo};
use crate::schema::{Envelope, UserOrgInfoDto};
use crate::{Attempt, Error, Result, attempt, trace};

const UPGRADE: &str = "upgrade with `cargo update -p eloq-sdk`, or raise its version in Cargo.toml";

/// What [`EloqApi::check_version`](crate::EloqApi::check_version) found out.
///
/// ```no_run
/// # async fn example(client: eloq_sdk::EloqApi) {
/// use eloq_sdk::VersionCheck;
///
/// match client.check_version().await {
///     VersionCheck::Compatible => println!("fits"),
///     VersionCheck::Deprecated { sunset, .. } => println!("fits until {sunset:?}"),
///     VersionCheck::Incompatible => println!("has to be replaced"),
///     _ => println!("the service could not be asked"),
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionCheck {
    /// The service answers in the form that this version was generated from.
    Compatible,
    /// It does, but says that it will not for ever.
    #[non_exhaustive]
    Deprecated {
        /// When it ends, if the service says so.
        sunset: Option<SystemTime>,
    },
    /// The service no longer answers, or in another form: this version has to be replaced.
    Incompatible,
    /// The service could not be asked.
    Unknown,
}

const OPERATION: &str = "org_info";

/// Asks once, and keeps the account that the answer brings. Beside [`VersionCheck::Unknown`] is why it is unknown.
pub(crate) async fn check(raw: &raw::Client, context: &Context) -> (VersionCheck, Option<Error>) {
    if raw.inner().connections.is_closed() {
        return (VersionCheck::Unknown, Some(Error::Closed));
    }
    let span = trace::call(OPERATION);
    let limit = raw.inner().limits.deadline;
    let asked = tokio::time::timeout(limit, ask(raw).instrument(span.clone())).await;
    let (mut account, deprecated, seen) =
        asked.unwrap_or_else(|_| (Err(classify::past_deadline(OPERATION, true)), None, None));
    match &mut account {
        Ok(_) => seen.into_iter().for_each(attempt::record),
        Err(error) => {
            let attempt = Attempt::failed(OPERATION, error, seen);
            attempt::record(attempt.clone());
            error.set_attempts(vec![attempt]);
        }
    }
    trace::ended(&span, &account);
    span.in_scope(|| judge(context, account, deprecated))
}

/// When an API that is deprecated ends, if that is known.
type Deprecation = Option<Option<SystemTime>>;

async fn ask(raw: &raw::Client) -> (Result<UserOrgInfoDto>, Deprecation, Option<Attempt>) {
    let reply = raw.org_info().send().await;
    let head = classify::head(&reply);
    let deprecated = head.and_then(|(_, headers)| deprecation(headers));
    let seen = attempt::is_recording().then(|| Attempt::answered(OPERATION, head));
    let envelope: Result<Envelope<Box<UserOrgInfoDto>>> = classify::read(OPERATION, true, raw.inner(), reply).await;
    (envelope.and_then(|envelope| classify::required(OPERATION, envelope)), deprecated, seen)
}

fn judge(context: &Context, account: Result<UserOrgInfoDto>, deprecated: Deprecation) -> (VersionCheck, Option<Error>) {
    let version = env!("CARGO_PKG_VERSION");
    match account {
        Ok(info) => {
            context.learn(&info);
            let Some(sunset) = deprecated else {
                return (VersionCheck::Compatible, None);
            };
            let end = sunset.map(|time| format!(" and ends at {}", humantime::format_rfc3339_seconds(time)));
            let end = end.unwrap_or_default();
            tracing::warn!("the API that eloq-sdk {version} speaks is deprecated{end}: {UPGRADE}");
            (VersionCheck::Deprecated { sunset }, None)
        }
        Err(error) if outgrown(&error) => {
            tracing::warn!("eloq-sdk {version} does not fit the service any more: {UPGRADE}");
            (VersionCheck::Incompatible, None)
        }
        Err(error) => (VersionCheck::Unknown, Some(error)),
    }
}

/// Whether an answer means that the API has moved on: gone, upgrade required, or JSON of another form. A page that is no JSON
/// is a gateway's and says nothing of the API.
fn outgrown(error: &Error) -> bool {
    match error {
        Error::Decode(failure) => failure.path().is_some(),
        error => matches!(error.status(), Some(410 | 426)),
    }
}

/// Whether the answer is marked as deprecated (RFC 9745) or about to end (RFC 8594), and when it ends.
fn deprecation(headers: &HeaderMap) -> Deprecation {
    let deprecated = headers.get("deprecation").is_some_and(|value| value != "false");
    let sunset = headers.get("sunset").and_then(|value| value.to_str().ok());
    let sunset = sunset.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    (deprecated || sunset.is_some()).then_some(sunset)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderValue;

    use super::*;

    #[test]
    fn either_header_means_deprecated_and_sunset_says_when() {
        let end = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777));
        let cases = [
            (None, None, None),
            (Some("@1688169599"), None, Some(None)),
            (Some("true"), None, Some(None)),
            (Some("false"), None, None),
            (None, Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(end)),
            (Some("@1688169599"), Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(end)),
            (None, Some("soon"), None),
        ];
        for (deprecated, sunset, expected) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in [("deprecation", deprecated), ("sunset", sunset)] {
                if let Some(value) = value {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            assert_eq!(deprecation(&headers), expected, "{deprecated:?} {sunset:?}");
        }
    }
}
