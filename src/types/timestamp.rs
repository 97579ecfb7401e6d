//! `Timestamp`: a time as the service wrote it, readable as a `SystemTime`.

use std::cmp::Ordering;
use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A time, as the service wrote it.
///
/// The service writes `2025-08-20 08:20:21` for users, organizations and projects (read as UTC), and `2025-08-26T08:06:41Z` for
/// clusters. Text in another form is kept and has no [`SystemTime`].
///
/// ```
/// use eloq_sdk::schema::Timestamp;
///
/// let spaced = Timestamp::from("2025-08-26 08:06:41");
/// let rfc3339 = Timestamp::from("2025-08-26T10:06:41+02:00");
/// assert_eq!(spaced.as_str(), "2025-08-26 08:06:41");
/// assert_eq!(spaced.to_system_time(), rfc3339.to_system_time());
/// assert_eq!(Timestamp::from("yesterday").to_system_time(), None);
/// ```
///
/// Two timestamps are equal if their texts are. Their order is that of their times. A text without a time precedes every time, and
/// texts with the same time, or with none, are in alphabetical order: so `cmp` returns `Equal` for equal texts only.
///
/// ```
/// use eloq_sdk::schema::Timestamp;
///
/// let mut times = ["2025-08-26T08:06:41Z", "2025-08-26 07:00:00", "yesterday"].map(Timestamp::from);
/// times.sort();
/// assert_eq!(times, ["yesterday", "2025-08-26 07:00:00", "2025-08-26T08:06:41Z"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// The text as the service wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the time, if the text has a known form: `2025-08-26 08:06:41`, or with `T` and a valid offset or `Z`.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let (local, offset) = split_offset(&self.0)?;
        // Only the form with a space has no offset in the vendor's pages.
        let lacks_offset = local.len() == self.0.len() && local.contains('T') && !local.ends_with('Z');
        // A second offset, which humantime ignores after a fraction.
        if lacks_offset || local.contains('+') {
            return None;
        }
        let time = humantime::parse_rfc3339_weak(local).ok()?;
        let shift = Duration::from_secs(offset.unsigned_abs() * 60);
        if offset < 0 { time.checked_add(shift) } else { time.checked_sub(shift) }
    }
}

/// Splits `…+02:00` into the time and the offset in minutes.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    let Some(start) = text
        .len()
        .checked_sub(6)
        .filter(|&start| text.is_char_boundary(start) && text[start..].starts_with(['+', '-']) && text.contains(':'))
    else {
        return Some((text, 0));
    };
    let (hours, minutes) = text[start + 1..].split_once(':')?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    let offset = i64::from(hours) * 60 + i64::from(minutes);
    let signed = if text[start..].starts_with('-') { -offset } else { offset };
    (hours <= 23 && minutes <= 59).then_some((&text[..start], signed))
}

impl Ord for Timestamp {
    /// By time, then by text.
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_system_time().cmp(&other.to_system_time()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Into<String>> From<T> for Timestamp {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl<T: AsRef<str> + ?Sized> PartialEq<T> for Timestamp {
    fn eq(&self, text: &T) -> bool {
        self.0 == text.as_ref()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&super::text::printable(&self.0))
    }
}

#[cfg(test)]
mod tests;
