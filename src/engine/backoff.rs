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
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn delays_grow_to_the_longest_and_jitter_shortens_them() {
        let backoff = Backoff { initial: 100 * MILLI, factor: 2.0, max: 1000 * MILLI, jitter: 0.2 };
        let delays = |random| (0..5).map(|n| backoff.delay(n, random)).collect::<Vec<_>>();
        assert_eq!(delays(1.0), [100, 200, 400, 800, 1000].map(|ms| ms * MILLI));
        assert_eq!(delays(0.0), [80, 160, 320, 640, 800].map(|ms| ms * MILLI));
        assert_eq!(Backoff { jitter: 1.0, ..backoff }.delay(3, 0.25), 200 * MILLI);
    }

    #[test]
    fn no_delay_overflows() {
        let backoff = Backoff { initial: Duration::MAX, factor: 10.0, max: Duration::MAX, jitter: 1.0 };
        assert_eq!(backoff.delay(u32::MAX, 0.0), Duration::ZERO);
        assert_eq!(Backoff { max: MILLI, ..backoff }.delay(u32::MAX, 1.0), MILLI);
    }
}
