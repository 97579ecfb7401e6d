//! Parsing a timestamp never panics, and an offset shifts the result by exactly its length.
#![no_main]

use std::time::Duration;

use eloq_sdk::schema::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let time = Timestamp::from(text);
    assert_eq!(time.as_str(), text);
    let _ = time.to_string();
    let shifted = Timestamp::from(format!("{}+01:30", text.trim_end_matches('Z'))).to_system_time();
    if let (Some(read), Some(shifted)) = (time.to_system_time(), shifted) {
        assert_eq!(read - Duration::from_secs(90 * 60), shifted);
    }
});
