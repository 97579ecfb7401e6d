//! The simulated clock; all of the simulator's clock reads, sleeps and timeouts go through this file.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::Handle;
use tokio::time::Instant;

/// Follows the clock of the tokio runtime that started it, and can be moved forward. Times are durations since the Unix epoch; sums
/// saturate.
#[derive(Debug)]
pub(super) struct Clock {
    /// Only its own clock can be paused: another thread would read a different time.
    runtime: Handle,
    origin: Duration,
    started: Instant,
    advanced: Duration,
}

impl Clock {
    /// A clock that shows this time, by default that of the machine. Panics outside of a tokio runtime.
    pub(super) fn start(time: Option<SystemTime>) -> Self {
        let time = time.unwrap_or_else(SystemTime::now);
        Self {
            runtime: Handle::current(),
            origin: time.duration_since(UNIX_EPOCH).unwrap_or_default(),
            started: Instant::now(),
            advanced: Duration::ZERO,
        }
    }

    pub(super) fn now(&self) -> Duration {
        let _context = self.runtime.enter();
        self.origin.saturating_add(self.started.elapsed()).saturating_add(self.advanced)
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.advanced = self.advanced.saturating_add(by);
    }
}

/// What the `Date` header of responses shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateHeader {
    /// The simulator's clock, which also writes the times in the bodies.
    #[default]
    Clock,
    /// A clock that is fast by this much, as if another machine wrote the header.
    Fast(Duration),
    /// A clock that is slow by this much.
    Slow(Duration),
    /// There is no header.
    Absent,
}

impl DateHeader {
    pub(super) fn value(self, now: Duration) -> Option<String> {
        match self {
            Self::Clock => http_date(now),
            Self::Fast(by) => http_date(now.saturating_add(by)),
            Self::Slow(by) => http_date(now.saturating_sub(by)),
            Self::Absent => None,
        }
    }
}

pub(super) async fn sleep(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// The future's output; `None` if it takes longer than `limit`.
pub(super) async fn timeout<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, future).await.ok()
}

/// `2025-08-26T08:06:41Z`, the format of clusters.
pub(super) fn rfc3339(moment: Duration) -> String {
    let [year, month, day, hour, minute, second] = civil(moment);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The `Date` header; `None` for times that HTTP cannot express.
fn http_date(moment: Duration) -> Option<String> {
    const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);
    (moment < YEAR_10000).then(|| httpdate::fmt_http_date(UNIX_EPOCH + moment))
}

/// `2025-08-20 08:20:21`, the format of organization, user and projects.
pub(super) fn datetime(moment: Duration) -> String {
    let [year, month, day, hour, minute, second] = civil(moment);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Year, month, day, hour, minute, second in UTC, after
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
fn civil(moment: Duration) -> [u64; 6] {
    let seconds = moment.as_secs();
    let days = seconds / 86_400 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let second_of_day = seconds % 86_400;
    [year, month, day, second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_the_formats_of_the_service() {
        assert_eq!(rfc3339(Duration::from_secs(1_756_195_601)), "2025-08-26T08:06:41Z");
        assert_eq!(datetime(Duration::from_secs(1_755_678_021)), "2025-08-20 08:20:21");
    }

    #[test]
    fn leap_days_and_extreme_times_are_formatted() {
        assert_eq!(rfc3339(Duration::ZERO), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(Duration::from_secs(951_782_400)), "2000-02-29T00:00:00Z");
        assert!(rfc3339(Duration::MAX).ends_with('Z'));
    }
}
