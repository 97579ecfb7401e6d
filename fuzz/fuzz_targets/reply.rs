//! For any response, a call returns a value or a typed error that quotes only the message of the response.
#![no_main]

use eloq_sdk::simulator::{Fault, Operation, Simulator};
use eloq_sdk::{EloqApi, Error, RetryPolicy};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

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
        // Caches the account, so that describing a cluster sends one request.
        runtime.block_on(client.info()).unwrap();
        Service { simulator, client, runtime }
    };
}

fuzz_target!(|input: (u16, bool, &[u8])| {
    let (status, ordinary, body) = input;
    let status = if ordinary { 200 } else { 200 + status % 800 };
    SERVICE.with(|Service { simulator, client, runtime }| {
        let fault = |operation| Fault::on(operation).reply(status, "application/json", body.to_vec());
        simulator.inject(fault(Operation::DescribeCluster));
        if let Err(error) = runtime.block_on(client.cluster("c")) {
            let typed = error.api().is_some()
                || matches!(error, Error::Decode { .. } | Error::Protocol { .. } | Error::Connect { .. });
            assert!(typed && error.operation() == Some("describe_cluster"), "{error:?}");
            let line = format!("{error} {error:?}");
            assert!(!line.contains(char::is_control) && line.len() < 8 * 1024, "{line:?}");
        }
        simulator.inject(fault(Operation::OrgInfo));
        let _ = runtime.block_on(client.info());
        simulator.clear_faults();
    });
});
