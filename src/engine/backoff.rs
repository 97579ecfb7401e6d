//! `Backoff`: exponential delays with jitter, for retries, waits and reconciliation.

use std::time::Duration;

/// Exponential delays with jitter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The first delay.
    pub(crate) initial: Duration,
    /// By what each delay exceeds the one before.
    pub(crate) factor: f64,
    /// The longest delay.
    pub(crate) max: Duration,
    /// The share of a delay that is random: 0 for none, 1 for full jitter.
    pub(crate) jitter: f64,
}

impl Backoff {
    /// A constant interval between polls, with up to 20 % jitter.
    pub(crate) fn constant(interval: Duration) -> Self {
        Self { initial: interval, factor: 1.0, max: interval, jitter: 0.2 }
    }

    /// The n-th delay, counted from 0. `random` is between 0 and 1, where 1 gives the longest.
    pub(crate) fn delay(&self, n: u32, random: f64) -> Duration {
        // Bounded, since a float that overflows is no duration.
        let growth = self.factor.powi(n.min(64) as i32);
        let seconds = (self.initial.as_secs_f64() * growth).min(self.max.as_secs_f64());
        let delay = Duration::try_from_secs_f64(seconds).unwrap_or(self.max).min(self.max);
        delay.mul_f64(1.0 - self.jitter * (1.0 - random))
    }
}

#[cfg(test)]
mod tests;
