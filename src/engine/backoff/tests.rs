//! Tests of exponential backoff with jitter.

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
