//! `Retry-After` parses as seconds, a date or nothing, and is capped at a day.
#![no_main]

use std::time::Duration;

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Error, RetryPolicy};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Service {
    simulator: Simulator,
    client: EloqApi,
    runtime: Runtime,
}

thread_local! {
    static SERVICE: Service = {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::builder().record_limit(0).start()).unwrap();
        let builder = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
        let client = builder.retry(RetryPolicy::none()).build().unwrap();
        Service { simulator, client, runtime }
    };
}

fuzz_target!(|value: &str| {
    // A header value cannot contain other control characters.
    if value.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
        return;
    }
    SERVICE.with(|Service { simulator, client, runtime }| {
        simulator.inject(Fault::on(Operation::OrgInfo).status(429).header("Retry-After", value));
        let error = runtime.block_on(client.info()).unwrap_err();
        assert!(matches!(error, Error::RateLimit { .. }), "{error:?}");
        let value = value.trim();
        let seconds = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        match error.retry_after() {
            Some(wait) if seconds => {
                let asked = value.parse().map_or(DAY, Duration::from_secs);
                assert_eq!(wait, asked.min(DAY));
            }
            Some(wait) => assert!(wait <= DAY && httpdate::parse_http_date(value).is_ok(), "{value:?}"),
            None => assert!(!seconds, "{value:?}"),
        }
    });
});
