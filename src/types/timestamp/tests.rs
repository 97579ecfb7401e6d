//! Tests of the order of timestamps.

use super::*;

/// In ascending order; the two spellings of one instant follow each other.
const ASCENDING: [&str; 9] = [
    "",
    "2025-08-26T08:06:41",
    "yesterday",
    "1970-01-01 00:00:00",
    "2025-08-26T09:59:59+02:00",
    "2025-08-26 08:06:41",
    "2025-08-26T08:06:41Z",
    "2025-08-26T08:06:41.5Z",
    "2025-08-26T08:00:00-01:00",
];

#[test]
fn the_order_is_by_time_and_agrees_with_equality() {
    let times = ASCENDING.map(Timestamp::from);
    for (i, one) in times.iter().enumerate() {
        for (j, other) in times.iter().enumerate() {
            assert_eq!(one.cmp(other), i.cmp(&j), "{one:?} and {other:?}");
            assert_eq!(one.cmp(other) == Ordering::Equal, one == other, "{one:?} and {other:?}");
        }
    }
}
